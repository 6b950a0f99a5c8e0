"""How tasks begin, become other programs, stop and end: kernel/fork.c, kernel/exit.c, fs/exec.c."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from systui.services.errors import EAGAIN, ENOMEM, Refused
from systui.services.narrow import TLS_SEGMENTS, UNDER_64
from systui.services.openfile import close
from systui.services.ports import INITIAL_FPU, Ended, Happened
from systui.services.process import (
    INIT,
    LIMIT_NAMES,
    MAX_TASKS,
    SLICE,
    Actions,
    Files,
    Place,
    Process,
)
from systui.services.shared import flush_all
from systui.services.signals import (
    SA_NOCLDSTOP,
    SA_NOCLDWAIT,
    SIG_IGN,
    SIGCHLD,
    SIGCONT,
    Action,
    AltStack,
    SigInfo,
    name_of,
)
from systui.services.task import Task
from systui.services.user import UserMemory

if TYPE_CHECKING:
    from systui.services.memory import AddressSpace
    from systui.services.system import System

CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND = 0x100, 0x200, 0x400, 0x800
CLONE_VFORK, CLONE_PARENT, CLONE_THREAD = 0x4000, 0x8000, 0x10000
CLONE_SETTLS, CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID = 0x80000, 0x100000, 0x200000
CLONE_CHILD_SETTID, CLONE_CLEAR_SIGHAND = 0x1000000, 0x1_0000_0000
CLD_EXITED, CLD_KILLED, CLD_DUMPED, CLD_STOPPED, CLD_CONTINUED = 1, 2, 3, 5, 6
_GENERAL = ("bp", "bx", "ax", "cx", "dx", "si", "di")
_WIDE = ("r15", "r14", "r13", "r12", "r11", "r10", "r9", "r8")
_USER_CS, _FLAGS = 0x33, 0x202
_NO_CALL = (1 << 64) - 1


class Request(NamedTuple):
    """What clone is asked for; numbers are the program's addresses."""

    flags: int
    exit_signal: int = SIGCHLD
    stack: int = 0
    parent_tid: int = 0
    child_tid: int = 0


# beginning


def clone(task: Task, asked: Request) -> Task:
    """A new task; Refused(EAGAIN, ENOMEM). What can fail comes before anything is changed."""
    system, flags = task.system, asked.flags
    _check_room(task)
    if system.alone:
        system.slice_end = system.clock() + SLICE
    memory = task.memory
    if not flags & CLONE_VM:
        _check_memory(system, memory)
        memory = task.memory.fork()
    tid = system.new_pid()
    if flags & CLONE_THREAD:
        process = task.process
    else:
        process = task.process.fork(tid)
        process.exit_signal = asked.exit_signal
        if flags & CLONE_PARENT:
            process.parent, process.exit_signal = task.parent, task.process.exit_signal
        system.processes = system.processes.set(tid, process)
    child = Task(system, process, memory, _files(task, flags), *_shared(task, flags))
    _inherit(task, child, asked)
    child.tid = tid
    child.slot = _free(each.slot for each in system.tasks.values())
    system.tasks = system.tasks.set(tid, child)
    if flags & CLONE_PARENT_SETTID:
        task.user.put_u32(asked.parent_tid, tid)
    if flags & CLONE_CHILD_SETTID:
        child.user.put_u32(asked.child_tid, tid)
    if flags & CLONE_VFORK:
        task.vforked = tid
    return child


def _check_room(task: Task) -> None:
    """Refused(EAGAIN) at the system's limit of tasks, or the user's own."""
    system = task.system
    dead = sum(1 for process in system.processes.values() if process.ended is not None)
    if len(system.tasks) + dead >= MAX_TASKS:
        raise Refused(EAGAIN)
    own = sum(1 for other in system.tasks.values() if other.uids[0] == task.uids[0])
    if task.uids[0] and own >= task.limit_of("nproc"):
        raise Refused(EAGAIN)


def _check_memory(system: System, memory: AddressSpace) -> None:
    """Refused(ENOMEM) where all address spaces together would promise more than there is."""
    spaces = {id(task.memory): task.memory for task in system.tasks.values()}
    promised = sum(space.committed for space in spaces.values())
    if promised + memory.committed > memory.limit:
        raise Refused(ENOMEM)


def _files(task: Task, flags: int) -> Files:
    if flags & CLONE_FILES:
        return task.files
    system = task.system
    used = (each.files.slot for each in system.tasks.values())
    copy = Files(_free(used), task.files.table)
    for descriptor in copy.table.values():
        system.open.hold(descriptor.file)
    return copy


def _shared(task: Task, flags: int) -> tuple[Place, Actions]:
    place = task.place if flags & CLONE_FS else Place(task.cwd, task.umask)
    actions = task.actions if flags & CLONE_SIGHAND else Actions(task.actions.table)
    if flags & CLONE_CLEAR_SIGHAND:
        actions = _kept(task.actions)
    return place, actions


def _inherit(task: Task, child: Task, asked: Request) -> None:
    child.comm, child.uids, child.gids, child.groups = task.comm, task.uids, task.gids, task.groups
    child.no_new_privileges = task.no_new_privileges
    child.signals.blocked = task.signals.blocked
    if not asked.flags & CLONE_VM or asked.flags & CLONE_VFORK:
        child.signals.alternate = task.signals.alternate
    if asked.flags & CLONE_CHILD_CLEARTID:
        child.clear_tid = asked.child_tid


def _free(used: object) -> int:
    taken = set(used)  # type: ignore[call-overload]  # numbers
    return next(number for number in range(MAX_TASKS) if number not in taken)


# another program


def execute(
    task: Task, memory: AddressSpace, program: str, entry: int, stack: int, bits: int
) -> None:
    """Let `task` run the program that was loaded into `memory`: begin_new_exec().

    `bits`: of its code, 64 or 32.
    """
    from systui.services.calls.futex import release_robust

    _end_other_threads(task)
    old = task.memory
    release_robust(task)
    _release_tid(task)
    flush_all(task)
    task.memory = memory
    task.user = UserMemory(memory.pager)
    _leave_memory(task, old)
    if any(other.files is task.files for other in _others(task)):
        task.files = _files(task, 0)
    for fd in sorted(fd for fd, each in task.descriptors.items() if each.cloexec):
        close(task, fd)
    task.actions = _kept(task.actions)
    task.signals.alternate, task.signals.saved_mask = AltStack(), None
    task.robust_list, task.restart = 0, None
    task.process.executed, task.process.program = True, program
    task.comm = program.rpartition("/")[2][:15]
    _free_parent(task)
    _start(task, entry, stack, bits)


def _kept(actions: Actions) -> Actions:
    """Handlers are gone with the program that had them; what is ignored stays so."""
    kept = Actions()
    for signal, action in actions.table.items():
        if action.handler == SIG_IGN:
            kept.table = kept.table.set(signal, Action(SIG_IGN))
    return kept


def _start(task: Task, entry: int, stack: int, bits: int) -> None:
    """start_thread(): all registers as a new program finds them."""
    frame, narrow = task.frame, task.system.narrow
    for field in (*_GENERAL, *(_WIDE if narrow is UNDER_64 else ("fs", "gs"))):
        frame.set(field, 0)
    for field in ("ss",) if narrow is UNDER_64 else ("ss", "ds", "es"):
        frame.set(field, narrow.data)
    for field, value in (
        *(("ip", entry), ("sp", stack), ("cs", _USER_CS if bits == 64 else narrow.code)),
        *(("flags", _FLAGS), ("orig_ax", _NO_CALL)),
    ):
        frame.set(field, value)
    for index in filter(task.thread.segment, range(TLS_SEGMENTS)):
        task.thread.set_segment(index, 0)
    task.thread.fs_base = 0
    task.thread.gs_base = 0
    task.thread.set_fpu(INITIAL_FPU)


# ending


def _others(task: Task) -> list[Task]:
    return [other for other in task.system.tasks.values() if other is not task]


def _end_other_threads(task: Task) -> None:
    for other in _others(task):
        if other.process is task.process:
            _tell(other, Ended(0))
            _remove(other)
    if task.tid != task.pid:
        system = task.system
        system.tasks = system.tasks.drop(task.tid).set(task.pid, task)
        task.tid = task.pid


def end_thread(task: Task, status: int) -> None:
    """exit: the last thread's end is its process's."""
    process = task.process
    if task.tid == process.pid:
        process.status = status
    if any(other.process is process for other in _others(task)):
        _tell(task, Ended(status))
        _remove(task)
    else:
        end_process(task, Ended(process.status, ip=task.frame.get("ip")))


def _tell(task: Task, ended: Ended) -> None:
    """Say to whoever watches how a task ended."""
    tell = task.system.tell
    if tell is None:
        return
    if ended.signal is None:
        tell(Happened(task.tid, "exited", status=ended.status or 0))
    else:
        core = _dumps(task.process, ended)
        tell(Happened(task.tid, "killed", ended.signal_name, core=core))


def end_process(task: Task, ended: Ended) -> None:
    """exit_group, or a signal: all threads end, the parent is told."""
    system, process = task.system, task.process
    for other in sorted(_others(task), key=lambda each: each.tid):
        if other.process is process:
            _tell(other, ended)
            _remove(other)
    _tell(task, ended)
    _remove(task)
    process.ended = ended
    _give_away_children(system, process)
    if process.pid == system.first:
        system.outcome = ended
    _tell_parent(system, process)
    if not len(system.tasks):
        system.ended = system.outcome or ended


def _remove(task: Task) -> None:
    """The task is no more; what nobody else shares goes with it."""
    from systui.services.calls.futex import release_robust

    system = task.system
    if system.watcher is not None:
        system.watcher.ends(task)
    release_robust(task)
    _release_tid(task)
    _free_parent(task)
    if not any(other.files is task.files for other in _others(task)):
        for fd in sorted(task.descriptors):
            close(task, fd)
    system.tasks = system.tasks.drop(task.tid)
    task.waiting = None
    if len(system.tasks):
        _leave_memory(task, task.memory)
    system.change()


def _release_tid(task: Task) -> None:
    """CLONE_CHILD_CLEARTID: tell those that join the thread (mm_release())."""
    from systui.services.calls.futex import wake
    from systui.services.ports import UserFault

    address, task.clear_tid = task.clear_tid, 0
    shared = any(other.memory is task.memory for other in _others(task))
    if address and shared:
        try:
            task.user.put_u32(address, 0)
        except (Refused, UserFault):
            return
        wake(task, address, 1)


def _leave_memory(task: Task, memory: AddressSpace) -> None:
    if any(other.memory is memory for other in task.system.tasks.values()):
        return
    if task.memory is memory:
        flush_all(task)
    memory.pager.release()


def _free_parent(task: Task) -> None:
    """The parent of a vfork has its memory back."""
    for other in task.system.tasks.values():
        if other.vforked == task.tid:
            other.vforked = None
            task.system.change()


def _give_away_children(system: System, process: Process) -> None:
    """INIT takes over children, and at once reaps those that are dead."""
    for child in list(system.processes.values()):
        if child.parent == process.pid:
            child.parent = INIT
            if child.ended is not None:
                system.processes = system.processes.drop(child.pid)


def _tell_parent(system: System, process: Process) -> None:
    """SIGCHLD, and a zombie where the parent may want to know (do_notify_parent())."""
    parent = parent_of(system, process)
    if parent is None:
        system.processes = system.processes.drop(process.pid)
        return
    action = parent.signals.action(SIGCHLD)
    unwanted = action.handler == SIG_IGN or action.flags & SA_NOCLDWAIT
    if process.exit_signal == SIGCHLD and unwanted:
        system.processes = system.processes.drop(process.pid)
    if process.exit_signal:
        _send_child(parent, process, process.exit_signal, *cause(process))


def parent_of(system: System, process: Process) -> Task | None:
    """A thread of the parent process; None where that has no more."""
    threads = (task for task in system.tasks.values() if task.pid == process.parent)
    return min(threads, key=lambda each: each.tid, default=None)


def cause(process: Process) -> tuple[int, int]:
    """si_code and si_status of a process that ended."""
    ended = process.ended
    if ended is None or ended.signal is None:
        return CLD_EXITED, (ended.status or 0) if ended else 0
    return CLD_DUMPED if _dumps(process, ended) else CLD_KILLED, ended.signal


def _dumps(process: Process, ended: Ended) -> bool:
    """A core dump is made: the signal's default, where RLIMIT_CORE lets it be."""
    return ended.core and process.limits[LIMIT_NAMES.index("core")][0] > 0


def _send_child(parent: Task, process: Process, signal: int, code: int, status: int) -> None:
    info = SigInfo(signal, code, pid=process.pid, status=status)
    parent.signals.send_process(info)


# stopping


def stop(task: Task, signal: int) -> None:
    """The process stands still until SIGCONT; the parent is told."""
    process = task.process
    process.stopped = process.report = signal
    if task.system.tell is not None:
        task.system.tell(Happened(task.tid, "stopped", name_of(signal)))
    task.system.change()
    parent = parent_of(task.system, process)
    if parent is not None and not parent.signals.action(SIGCHLD).flags & SA_NOCLDSTOP:
        _send_child(parent, process, SIGCHLD, CLD_STOPPED, signal)


def go_on(task: Task, signal: int) -> None:
    """A stopped process goes on: by SIGCONT, of which the parent is told, or to its death."""
    process = task.process
    process.stopped = 0
    task.system.change()
    if signal != SIGCONT:
        return
    process.report = SIGCONT
    parent = parent_of(task.system, process)
    if parent is not None and not parent.signals.action(SIGCHLD).flags & SA_NOCLDSTOP:
        _send_child(parent, process, SIGCHLD, CLD_CONTINUED, SIGCONT)
