"""Signals of the process itself: kernel/signal.c."""

from struct import Struct

from systui.services.dispatch import Int, Pointer, Result, ULong, call
from systui.services.errors import (
    EAGAIN,
    EINTR,
    EINVAL,
    ENOMEM,
    EPERM,
    ERESTARTNOHAND,
    ESRCH,
)
from systui.services.ports import Blocked
from systui.services.process import Process
from systui.services.sigframe import (
    MIN_ALTERNATE,
    SS_AUTODISARM,
    SS_DISABLE,
    SS_ONSTACK,
    alternate_flags,
    leave,
    on_alternate,
    siginfo,
)
from systui.services.signals import (
    LAST,
    SA_KNOWN,
    SI_TKILL,
    SI_USER,
    SIGCONT,
    SIGKILL,
    SIGSTOP,
    UNBLOCKABLE,
    Action,
    AltStack,
    SigInfo,
)
from systui.services.task import Task
from systui.services.words import waits_for_signal

_ACTION = Struct("<QQQQ")
_STACK = Struct("<QI4xQ")
_SET = 8
_BLOCK, _UNBLOCK, _SETMASK = 0, 1, 2


@call(13, "rt_sigaction")
def rt_sigaction(task: Task, signal: Int, new: Pointer, old: Pointer, size: ULong) -> Result:
    """What to do on a signal."""
    if size != _SET:
        return -EINVAL
    wanted = Action(*task.user.unpack(_ACTION, new)) if new else None
    if not 1 <= signal <= LAST or (wanted is not None and signal in {SIGKILL, SIGSTOP}):
        return -EINVAL
    before = task.signals.action(signal)
    if wanted is not None:
        kept = wanted._replace(flags=wanted.flags & SA_KNOWN, mask=wanted.mask & ~UNBLOCKABLE)
        task.signals.set_action(signal, kept)
    if old:
        task.user.write(old, _ACTION.pack(*before))
    return 0


@call(14, "rt_sigprocmask")
def rt_sigprocmask(task: Task, how: Int, new: Pointer, old: Pointer, size: ULong) -> Result:
    """Change the mask of blocked signals."""
    if size != _SET:
        return -EINVAL
    signals = task.signals
    before = signals.blocked
    if new:
        mask = task.user.u64(new) & ~UNBLOCKABLE
        if how not in {_BLOCK, _UNBLOCK, _SETMASK}:
            return -EINVAL
        signals.blocked = (before | mask, before & ~mask, mask)[how]
    if old:
        task.user.put_u64(old, before)
    return 0


@call(15, "rt_sigreturn")
def rt_sigreturn(task: Task) -> Result:
    """Back from a handler."""
    value = leave(task, task.frame)
    return value - (1 << 64) if value >> 63 else value


@call(127, "rt_sigpending")
def rt_sigpending(task: Task, pending: Pointer, size: ULong) -> Result:
    """Signals that are blocked and wait."""
    if size > _SET:
        return -EINVAL
    mask = task.signals.pending_mask & task.signals.blocked
    task.user.write(pending, mask.to_bytes(8, "little")[:size])
    return 0


@call(131, "sigaltstack")
def sigaltstack(task: Task, new: Pointer, old: Pointer) -> Result:
    """The stack for handlers with SA_ONSTACK."""
    wanted = task.user.unpack(_STACK, new) if new else None
    signals, sp = task.signals, task.frame.get("sp")
    before = signals.alternate
    if wanted is not None:
        start, flags, size = wanted
        if on_alternate(before, sp):
            return -EPERM
        mode = flags & ~SS_AUTODISARM
        if mode not in {0, SS_DISABLE, SS_ONSTACK}:
            return -EINVAL
        if mode == SS_DISABLE:
            signals.alternate = AltStack(0, 0, flags)
        elif size < MIN_ALTERNATE:
            return -ENOMEM
        else:
            signals.alternate = AltStack(start, size, flags)
    if old:
        flags = alternate_flags(before, sp)
        task.user.write(old, _STACK.pack(before.start, flags, before.size))
    return 0


# sending


def _may_signal(task: Task, other: Task, signal: int) -> bool:
    """kill_ok_by_cred(): root, the same user, or SIGCONT within a session."""
    mine, theirs = {task.uids[0], task.uids[1]}, {other.uids[0], other.uids[2]}
    same_session = signal == SIGCONT and other.session == task.session
    return not task.fsuid or bool(mine & theirs) or same_session


def _send(task: Task, to: Task, signal: int, code: int) -> Result:
    """To one thread."""
    if not 0 <= signal <= LAST:
        return -EINVAL
    if not _may_signal(task, to, signal):
        return -EPERM
    if signal:
        to.signals.send(SigInfo(signal, code, task.pid, task.uids[0]))
    return 0


def _aimed(task: Task, pid: int) -> list[Process]:
    """The processes that kill's first argument means, lowest number first."""
    every = sorted(task.system.processes.values(), key=lambda process: process.pid)
    if pid > 0:
        return [process for process in every if process.pid == pid]
    if pid == -1:
        return [process for process in every if process is not task.process]
    group = task.group if pid == 0 else -pid
    return [process for process in every if process.group == group]


@call(62, "kill")
def kill(task: Task, pid: Int, signal: Int) -> Result:
    """A signal to a process, to a group, or to everybody else."""
    if not 0 <= signal <= LAST:
        return -EINVAL
    aimed = _aimed(task, pid)
    if not aimed:
        return -EPERM if pid == 1 and task.fsuid else -ESRCH
    allowed = False
    for process in aimed:
        thread = task.system.thread_of(process)
        if thread is not None and not _may_signal(task, thread, signal):
            continue
        allowed = True
        if signal and thread is not None:
            thread.signals.send_process(SigInfo(signal, SI_USER, task.pid, task.uids[0]))
    return 0 if allowed else -EPERM


@call(200, "tkill")
def tkill(task: Task, tid: Int, signal: Int) -> Result:
    """A signal to a thread."""
    if tid <= 0:
        return -EINVAL
    to = task.system.tasks.get(tid)
    return -ESRCH if to is None else _send(task, to, signal, SI_TKILL)


@call(234, "tgkill")
def tgkill(task: Task, group: Int, tid: Int, signal: Int) -> Result:
    """A signal to a thread of the process `group`."""
    if tid <= 0 or group <= 0:
        return -EINVAL
    to = task.system.tasks.get(tid)
    return -ESRCH if to is None or to.pid != group else _send(task, to, signal, SI_TKILL)


def _queue(task: Task, pid: int, tid: int | None, signal: int, info: int) -> Result:
    """With the program's own siginfo: only its own may it forge."""
    raw = task.user.read(info, 128)
    code = int.from_bytes(raw[8:12], "little", signed=True)
    if pid != task.pid and (code >= 0 or code == SI_TKILL):
        return -EPERM
    process = task.system.processes.get(pid)
    to = None if process is None else task.system.thread_of(process)
    if tid is not None:
        to = task.system.tasks.get(tid)
    if to is None or to.pid != pid:
        return -ESRCH
    if not 0 <= signal <= LAST:
        return -EINVAL
    if signal:
        told = SigInfo(signal, code, raw=signal.to_bytes(4, "little") + raw[4:])
        (to.signals.send_process if tid is None else to.signals.send)(told)
    return 0


@call(129, "rt_sigqueueinfo")
def rt_sigqueueinfo(task: Task, pid: Int, signal: Int, info: Pointer) -> Result:
    """A signal with a value."""
    return _queue(task, pid, None, signal, info)


@call(297, "rt_tgsigqueueinfo")
def rt_tgsigqueueinfo(task: Task, group: Int, pid: Int, signal: Int, info: Pointer) -> Result:
    """A signal with a value, to a thread."""
    if pid <= 0 or group <= 0:
        return -EINVAL
    return _queue(task, group, pid, signal, info)


# waiting


@call(34, "pause")
def pause(task: Task) -> Result:
    """Until a signal."""
    if task.wait(None) == "never":
        return Blocked(waits_for_signal())
    return -ERESTARTNOHAND


@call(130, "rt_sigsuspend")
def rt_sigsuspend(task: Task, mask: Pointer, size: ULong) -> Result:
    """Until a signal, with another mask meanwhile."""
    if size != _SET:
        return -EINVAL
    signals = task.signals
    wanted = task.user.u64(mask) & ~UNBLOCKABLE
    signals.saved_mask, signals.blocked = signals.blocked, wanted
    if task.wait(None) == "never":
        return Blocked(waits_for_signal())
    return -ERESTARTNOHAND


@call(128, "rt_sigtimedwait")
def rt_sigtimedwait(
    task: Task, wanted: Pointer, info: Pointer, timeout: Pointer, size: ULong
) -> Result:
    """Take a pending signal out of a set, waiting for one if need be."""
    from systui.services.calls.clock import read_timespec

    if size != _SET:
        return -EINVAL
    mask = task.user.u64(wanted) & ~UNBLOCKABLE
    deadline = task.deadline_in(read_timespec(task, timeout)) if timeout else None
    signals = task.signals
    taken = signals.take(mask)
    if taken is None:
        before = signals.blocked
        signals.blocked &= ~mask
        outcome = task.wait(deadline)
        if outcome == "never":
            return Blocked(waits_for_signal())
        signals.blocked = before
        taken = signals.take(mask)
        if taken is None:
            return -EAGAIN if outcome == "elapsed" else -EINTR
    if info:
        task.user.write(info, siginfo(taken))
    return taken.signal
