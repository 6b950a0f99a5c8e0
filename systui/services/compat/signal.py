"""Signals for 32-bit programs: actions and stacks (arch/x86/kernel/signal_32.c)."""

from struct import Struct

from systui.services.compat.dispatch import as_native, compat, scratch
from systui.services.compat.time import pair_in
from systui.services.dispatch import Result
from systui.services.errors import EINVAL, Refused
from systui.services.sigframe32 import leave, leave_realtime, narrowed
from systui.services.signals import UNBLOCKABLE
from systui.services.task import Task

_ACTION, _ACTION64 = Struct("<IIIQ"), Struct("<QQQQ")
_OLD_ACTION = Struct("<IIII")
_STACK, _STACK64 = Struct("<IiI"), Struct("<Qi4xQ")
_QUEUED, _QUEUED64 = Struct("<iiiiiI104x"), Struct("<iii4xiiQ96x")
_SET, _INFO = 8, 128
_LOW = 0xFFFF_FFFF
_BLOCK, _UNBLOCK, _SETMASK = 0, 1, 2


@compat(174, "rt_sigaction")
def _rt_sigaction(task: Task, signal: int, new: int, old: int, size: int) -> Result:
    wanted = 0
    if new:
        handler, flags, restorer, mask = task.user.unpack(_ACTION, new)
        wanted = scratch(task).keep(_ACTION64.pack(handler, flags, restorer, mask))
    kept = scratch(task).keep(bytes(_ACTION64.size)) if old else 0
    result = as_native(task, 13, signal, wanted, kept, size)
    if result == 0 and old:
        handler, flags, restorer, mask = task.user.unpack(_ACTION64, kept)
        data = _ACTION.pack(handler & _LOW, flags & _LOW, restorer & _LOW, mask)
        task.user.write(old, data)
    return result


@compat(67, "sigaction")
def _sigaction(task: Task, signal: int, new: int, old: int) -> Result:
    wanted = 0
    if new:
        handler, mask, flags, restorer = task.user.unpack(_OLD_ACTION, new)
        wanted = scratch(task).keep(_ACTION64.pack(handler, flags, restorer, mask))
    kept = scratch(task).keep(bytes(_ACTION64.size)) if old else 0
    result = as_native(task, 13, signal, wanted, kept, _SET)
    if result == 0 and old:
        handler, flags, restorer, mask = (each & _LOW for each in task.user.unpack(_ACTION64, kept))
        task.user.write(old, _OLD_ACTION.pack(handler, mask, flags, restorer))
    return result


@compat(175, "rt_sigprocmask")
def _rt_sigprocmask(task: Task, how: int, new: int, old: int, size: int) -> Result:
    return as_native(task, 14, how, new, old, size)


@compat(176, "rt_sigpending")
def _rt_sigpending(task: Task, pending: int, size: int) -> Result:
    return as_native(task, 127, pending, size)


def _info_in(task: Task, info: int) -> int:
    """A siginfo_t whose value is one word in its 64-bit form: what sigqueue fills in."""
    signal, errno, code, pid, uid, value = task.user.unpack(_QUEUED, info)
    return scratch(task).keep(_QUEUED64.pack(signal, errno, code, pid, uid, value))


@compat(178, "rt_sigqueueinfo")
def _rt_sigqueueinfo(task: Task, pid: int, signal: int, info: int) -> Result:
    return as_native(task, 129, pid, signal, _info_in(task, info))


@compat(335, "rt_tgsigqueueinfo")
def _rt_tgsigqueueinfo(task: Task, group: int, pid: int, signal: int, info: int) -> Result:
    return as_native(task, 297, group, pid, signal, _info_in(task, info))


@compat(179, "rt_sigsuspend")
def _rt_sigsuspend(task: Task, mask: int, size: int) -> Result:
    return as_native(task, 130, mask, size)


@compat(177, "rt_sigtimedwait")
def _rt_sigtimedwait(task: Task, wanted: int, info: int, time: int, size: int) -> Result:
    return _rt_sigtimedwait_time64(task, wanted, info, pair_in(task, time), size)


@compat(421, "rt_sigtimedwait_time64")
def _rt_sigtimedwait_time64(task: Task, wanted: int, info: int, time: int, size: int) -> Result:
    kept = scratch(task).keep(bytes(_INFO)) if info else 0
    result = as_native(task, 128, wanted, kept, time, size)
    if info and isinstance(result, int) and result > 0:
        task.user.write(info, narrowed(task.user.read(kept, _INFO)))
    return result


@compat(126, "sigprocmask")
def _sigprocmask(task: Task, how: int, new: int, old: int) -> Result:
    before = task.signals.blocked
    if new:
        wanted = task.user.u32(new) & ~UNBLOCKABLE
        changed = {_BLOCK: before | wanted, _UNBLOCK: before & ~wanted}
        changed[_SETMASK] = before & ~_LOW | wanted
        if how not in changed:
            raise Refused(EINVAL)
        task.signals.blocked = changed[how]
    if old:
        task.user.put_u32(old, before)
    return 0


@compat(186, "sigaltstack")
def _sigaltstack(task: Task, new: int, old: int) -> Result:
    wanted = scratch(task).keep(_STACK64.pack(*task.user.unpack(_STACK, new))) if new else 0
    kept = scratch(task).keep(bytes(_STACK64.size)) if old else 0
    result = as_native(task, 131, wanted, kept)
    if result == 0 and old:
        start, flags, size = task.user.unpack(_STACK64, kept)
        task.user.write(old, _STACK.pack(start & _LOW, flags, size & _LOW))
    return result


@compat(119, "sigreturn")
def _sigreturn(task: Task) -> Result:
    return leave(task, task.frame)


@compat(173, "rt_sigreturn")
def _rt_sigreturn(task: Task) -> Result:
    return leave_realtime(task, task.frame)
