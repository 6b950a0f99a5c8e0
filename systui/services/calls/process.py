"""What a process tells the kernel of itself: arch_prctl, prctl, scheduling, exit."""

from systui.services import lifecycle
from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import EINVAL, EPERM, ESRCH
from systui.services.memory import TASK_SIZE
from systui.services.ports import Ended
from systui.services.task import Task

_ARCH_SET_GS, _ARCH_SET_FS, _ARCH_GET_FS, _ARCH_GET_GS = range(0x1001, 0x1005)
_ROBUST_HEAD = 24
_RSEQ_SIZE = 32
_CPUS = b"\x01" + bytes(7)


@call(158, "arch_prctl")
def arch_prctl(task: Task, option: Int, address: Pointer) -> Result:
    """The segment bases: arch/x86/kernel/process_64.c."""
    if option in {_ARCH_SET_FS, _ARCH_SET_GS}:
        if address >= TASK_SIZE:
            return -EPERM
        if option == _ARCH_SET_FS:
            task.thread.fs_base = address
        else:
            task.thread.gs_base = address
        return 0
    if option == _ARCH_GET_FS:
        task.user.put_u64(address, task.thread.fs_base)
        return 0
    if option == _ARCH_GET_GS:
        task.user.put_u64(address, task.thread.gs_base)
        return 0
    return -EINVAL


@call(218, "set_tid_address")
def set_tid_address(task: Task, address: Pointer) -> Result:
    """Remember what to clear at the thread's end; the thread's id."""
    task.clear_tid = address
    return task.tid


@call(273, "set_robust_list")
def set_robust_list(task: Task, head: Pointer, size: ULong) -> Result:
    """Remember the list of robust futexes."""
    if size != _ROBUST_HEAD:
        return -EINVAL
    task.robust_list, task.robust_word = head, 8
    return 0


@call(274, "get_robust_list")
def get_robust_list(task: Task, pid: Int, head: Pointer, size: Pointer) -> Result:
    """The list that was set."""
    if pid not in {0, task.tid}:
        return -ESRCH
    task.user.put_u64(size, _ROBUST_HEAD)
    task.user.put_u64(head, task.robust_list)
    return 0


@call(334, "rseq")
def rseq(task: Task, area: Pointer, size: UInt, flags: Int, signature: UInt) -> Result:
    """Restartable sequences: registered, and never needed with one CPU and no preemption."""
    if flags & ~1:
        return -EINVAL
    if flags == 1:
        return 0
    if size < _RSEQ_SIZE or area % 32:
        return -EINVAL
    task.user.put_u32(area, 0)
    task.user.put_u32(area + 4, 0)
    return 0


@call(60, "exit")
def exit_thread(task: Task, status: Int) -> Result:
    """The last thread's end is the process's."""
    lifecycle.end_thread(task, status & 0xFF)
    return 0


@call(231, "exit_group")
def exit_group(task: Task, status: Int) -> Result:
    """The process ends."""
    lifecycle.end_process(task, Ended(status & 0xFF, ip=task.frame.get("ip")))
    return 0


# prctl

_ANSWERS = {3: 1, 7: 0, 13: 0, 21: 0, 27: 0, 30: 50_000}
"""PR_GET_DUMPABLE, _KEEPCAPS, _TIMING, _SECCOMP, _SECUREBITS, _TIMERSLACK."""
_ACCEPTED = {4, 8, 29, 35, 36}
_SET_NAME, _GET_NAME, _SET_DEATH, _GET_DEATH = 15, 16, 1, 2
_SET_NO_NEW, _GET_NO_NEW = 38, 39


@call(157, "prctl")
def prctl(task: Task, option: Int, two: ULong, three: ULong, four: ULong, five: ULong) -> Result:
    """The operations that a program alone can tell from done."""
    if option == _SET_NAME:
        name = task.user.string(two, 16)
        if name is None:
            name = task.user.read(two, 15)
        task.comm = name[:15].decode("utf-8", "surrogateescape")
    elif option == _GET_NAME:
        name = task.comm.encode("utf-8", "surrogateescape")[:15]
        task.user.write(two, name.ljust(16, b"\0"))
    elif option == _SET_DEATH:
        if two > 64:
            return -EINVAL
        task.death_signal = two
    elif option == _GET_DEATH:
        task.user.put_u32(two, task.death_signal)
    elif option == _SET_NO_NEW:
        if two != 1 or three or four or five:
            return -EINVAL
        task.no_new_privileges = True
    elif option == _GET_NO_NEW:
        return int(task.no_new_privileges)
    elif option in _ANSWERS:
        return _ANSWERS[option]
    elif option == 23:
        return 1 if two <= 40 else -EINVAL
    elif option not in _ACCEPTED:
        return -EINVAL
    return 0


# scheduling: one CPU, policy SCHED_OTHER for all


def _known(task: Task, pid: int) -> bool:
    return not pid or pid in task.system.tasks


@call(24, "sched_yield")
def sched_yield(task: Task) -> Result:
    """Others first: the running task has had its share."""
    task.system.slice_end = task.system.clock()
    return 0


@call(204, "sched_getaffinity")
def sched_getaffinity(task: Task, pid: Int, size: UInt, mask: Pointer) -> Result:
    """CPU 0."""
    if size * 8 < 1 or size % 8:
        return -EINVAL
    if not _known(task, pid):
        return -ESRCH
    task.user.write(mask, _CPUS)
    return 8


@call(203, "sched_setaffinity")
def sched_setaffinity(task: Task, pid: Int, size: UInt, mask: Pointer) -> Result:
    """Any set that holds CPU 0."""
    data = task.user.read(mask, min(size, 8))
    if not _known(task, pid):
        return -ESRCH
    return 0 if data and data[0] & 1 else -EINVAL


@call(145, "sched_getscheduler")
def sched_getscheduler(task: Task, pid: Int) -> Result:
    """SCHED_OTHER."""
    if pid < 0:
        return -EINVAL
    return 0 if _known(task, pid) else -ESRCH


@call(143, "sched_getparam")
def sched_getparam(task: Task, pid: Int, parameters: Pointer) -> Result:
    """Priority 0."""
    if pid < 0 or not parameters:
        return -EINVAL
    if not _known(task, pid):
        return -ESRCH
    task.user.put_u32(parameters, 0)
    return 0


@call(144, "sched_setscheduler")
def sched_setscheduler(task: Task, pid: Int, policy: Int, parameters: Pointer) -> Result:
    """SCHED_OTHER, SCHED_BATCH and SCHED_IDLE at priority 0."""
    if pid < 0 or not parameters:
        return -EINVAL
    priority = task.user.s32(parameters)
    if not _known(task, pid):
        return -ESRCH
    return 0 if policy in {0, 3, 5} and priority == 0 else -EINVAL


@call(146, "sched_get_priority_max")
def sched_get_priority_max(task: Task, policy: Int) -> Result:
    """99 for the realtime policies."""
    return {0: 0, 1: 99, 2: 99, 3: 0, 5: 0, 6: 0}.get(policy, -EINVAL)


@call(147, "sched_get_priority_min")
def sched_get_priority_min(task: Task, policy: Int) -> Result:
    """1 for the realtime policies."""
    return {0: 0, 1: 1, 2: 1, 3: 0, 5: 0, 6: 0}.get(policy, -EINVAL)


@call(140, "getpriority")
def getpriority(task: Task, which: Int, who: Int) -> Result:
    """Nice 0, as the kernel encodes it."""
    if not 0 <= which <= 2:
        return -EINVAL
    return 20


@call(141, "setpriority")
def setpriority(task: Task, which: Int, who: Int, nice: Int) -> Result:
    """Accepted; there is nobody to be nice to."""
    return 0 if 0 <= which <= 2 else -EINVAL


@call(309, "getcpu")
def getcpu(task: Task, cpu: Pointer, node: Pointer, cache: Pointer) -> Result:
    """CPU 0 of node 0."""
    for address in (cpu, node):
        if address:
            task.user.put_u32(address, 0)
    return 0


@call(324, "membarrier")
def membarrier(task: Task, command: Int, flags: UInt, cpu: Int) -> Result:
    """One CPU: every barrier is kept already."""
    if flags:
        return -EINVAL
    return {0: 0x1F, 1: 0, 2: 0, 4: 0, 8: 0, 16: 0}.get(command, -EINVAL)


@call(135, "personality")
def personality(task: Task, wanted: UInt) -> Result:
    """PER_LINUX, before and after."""
    return 0
