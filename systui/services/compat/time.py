"""Time for 32-bit programs: seconds of 32 bits (kernel/time/time.c, fs/select.c)."""

from struct import Struct

from systui.services.calls.clock import read_timespec, sleep, sleep_by
from systui.services.compat.dispatch import as_native, compat, scratch
from systui.services.dispatch import Result, s32
from systui.services.errors import EFAULT, Refused
from systui.services.task import Task

_PAIR, _PAIR64 = Struct("<ii"), Struct("<qq")
_TIMES, _TIMES64 = Struct("<4I"), Struct("<4Q")
_ITIMER, _ITIMER64 = Struct("<4i"), Struct("<4q")
_SELECT = Struct("<5I")
_SET_ARGUMENT, _SET_ARGUMENT64 = Struct("<II"), Struct("<QQ")
_LOW = 0xFFFF_FFFF


def pair_in(task: Task, address: int) -> int:
    """A timespec or timeval of 32 bits in its 64-bit form; where it lies, 0 for none."""
    if not address:
        return 0
    return scratch(task).keep(_PAIR64.pack(*task.user.unpack(_PAIR, address)))


def _two_pairs_in(task: Task, address: int) -> int:
    """Two of them, next to each other."""
    if not address:
        return 0
    return scratch(task).keep(_ITIMER64.pack(*task.user.unpack(_ITIMER, address)))


def _room(task: Task, address: int) -> int:
    return scratch(task).keep(bytes(_PAIR64.size)) if address else 0


def pair_out(task: Task, kept: int, address: int) -> None:
    """Store what a call left in the 64-bit form at `kept` where the program wants it."""
    if address:
        seconds, rest = task.user.unpack(_PAIR64, kept)
        task.user.write(address, _PAIR.pack(s32(seconds), s32(rest)))


@compat(13, "time")
def _time(task: Task, address: int) -> Result:
    result = as_native(task, 201, 0)
    if address and isinstance(result, int):
        task.user.put_u32(address, result)
    return result


@compat(78, "gettimeofday")
def _gettimeofday(task: Task, moment: int, zone: int) -> Result:
    kept = _room(task, moment)
    result = as_native(task, 96, kept, zone)
    if result == 0:
        pair_out(task, kept, moment)
    return result


def _clock(task: Task, number: int, clock: int, moment: int) -> Result:
    kept = scratch(task).keep(bytes(_PAIR64.size))
    result = as_native(task, number, clock, kept)
    if result == 0:
        if not moment and number == _GETTIME:
            raise Refused(EFAULT)
        pair_out(task, kept, moment)
    return result


_GETTIME, _GETRES = 228, 229


@compat(265, "clock_gettime")
def _clock_gettime(task: Task, clock: int, moment: int) -> Result:
    return _clock(task, _GETTIME, clock, moment)


@compat(266, "clock_getres")
def _clock_getres(task: Task, clock: int, moment: int) -> Result:
    return _clock(task, _GETRES, clock, moment)


@compat(264, "clock_settime")
def _clock_settime(task: Task, clock: int, moment: int) -> Result:
    return as_native(task, 227, clock, pair_in(task, moment))


@compat(162, "nanosleep")
def _nanosleep(task: Task, wanted: int, rest: int) -> Result:
    moment = read_timespec(task, pair_in(task, wanted))
    return sleep(task, task.deadline_in(moment), rest, _PAIR)


@compat(267, "clock_nanosleep")
def _clock_nanosleep(task: Task, clock: int, flags: int, wanted: int, rest: int) -> Result:
    return sleep_by(task, s32(clock), s32(flags), pair_in(task, wanted), rest, _PAIR)


@compat(43, "times")
def _times(task: Task, buffer: int) -> Result:
    kept = scratch(task).keep(bytes(_TIMES64.size)) if buffer else 0
    result = as_native(task, 100, kept)
    if buffer:
        task.user.write(
            buffer, _TIMES.pack(*(each & _LOW for each in task.user.unpack(_TIMES64, kept)))
        )
    return result if not isinstance(result, int) else s32(result)


@compat(105, "getitimer")
def _getitimer(task: Task, which: int, value: int) -> Result:
    kept = scratch(task).keep(bytes(_ITIMER64.size))
    result = as_native(task, 36, which, kept)
    if result == 0:
        task.user.write(value, _ITIMER.pack(*map(s32, task.user.unpack(_ITIMER64, kept))))
    return result


@compat(104, "setitimer")
def _setitimer(task: Task, which: int, value: int, old: int) -> Result:
    wanted = _two_pairs_in(task, value)
    kept = scratch(task).keep(bytes(_ITIMER64.size)) if old else 0
    result = as_native(task, 38, which, wanted, kept)
    if result == 0 and old:
        task.user.write(old, _ITIMER.pack(*map(s32, task.user.unpack(_ITIMER64, kept))))
    return result


@compat(82, "select")
def _old_select(task: Task, argument: int) -> Result:
    return _select(task, *task.user.unpack(_SELECT, argument))


@compat(142, "_newselect")
def _select(
    task: Task, count: int, readable: int, writable: int, exceptional: int, time: int
) -> Result:
    kept = pair_in(task, time)
    result = as_native(task, 23, count, readable, writable, exceptional, kept)
    if isinstance(result, int) and time:
        pair_out(task, kept, time)
    return result


def _pselect(task: Task, *arguments: int) -> Result:
    *sets, time, mask = arguments
    wanted = 0
    if mask:
        wanted = scratch(task).keep(_SET_ARGUMENT64.pack(*task.user.unpack(_SET_ARGUMENT, mask)))
    return as_native(task, 270, *sets, time, wanted)


@compat(308, "pselect6")
def _pselect6(
    task: Task, count: int, readable: int, writable: int, exceptional: int, time: int, mask: int
) -> Result:
    kept = pair_in(task, time)
    result = _pselect(task, count, readable, writable, exceptional, kept, mask)
    if isinstance(result, int) and time:
        pair_out(task, kept, time)
    return result


@compat(413, "pselect6_time64")
def _pselect6_time64(
    task: Task, count: int, readable: int, writable: int, exceptional: int, time: int, mask: int
) -> Result:
    return _pselect(task, count, readable, writable, exceptional, time, mask)


@compat(309, "ppoll")
def _ppoll(task: Task, files: int, count: int, time: int, mask: int, size: int) -> Result:
    kept = pair_in(task, time)
    result = as_native(task, 271, files, count, kept, mask, size)
    if isinstance(result, int) and time:
        pair_out(task, kept, time)
    return result


@compat(414, "ppoll_time64")
def _ppoll_time64(task: Task, files: int, count: int, time: int, mask: int, size: int) -> Result:
    return as_native(task, 271, files, count, time, mask, size)


@compat(240, "futex")
def _futex(
    task: Task, address: int, operation: int, value: int, time: int, other: int, third: int
) -> Result:
    waits = operation & 0x7F in (0, 6, 9, 11, 13)
    timeout = pair_in(task, time) if waits else time
    return as_native(task, 202, address, operation, value, timeout, other, third)


@compat(320, "utimensat")
def _utimensat(task: Task, fd: int, path: int, times: int, flags: int) -> Result:
    return as_native(task, 280, fd, path, _two_pairs_in(task, times), flags)


@compat(30, "utime")
def _utime(task: Task, path: int, times: int) -> Result:
    return as_native(task, 132, path, pair_in(task, times))


@compat(271, "utimes")
def _utimes(task: Task, path: int, times: int) -> Result:
    return as_native(task, 235, path, _two_pairs_in(task, times))


@compat(299, "futimesat")
def _futimesat(task: Task, fd: int, path: int, times: int) -> Result:
    return as_native(task, 261, fd, path, _two_pairs_in(task, times))


@compat(325, "timerfd_settime")
def _timerfd_settime(task: Task, fd: int, flags: int, value: int, old: int) -> Result:
    wanted = scratch(task).keep(_ITIMER64.pack(*task.user.unpack(_ITIMER, value)))
    kept = scratch(task).keep(bytes(_ITIMER64.size)) if old else 0
    result = as_native(task, 286, fd, flags, wanted, kept)
    if result == 0 and old:
        task.user.write(old, _ITIMER.pack(*map(s32, task.user.unpack(_ITIMER64, kept))))
    return result


@compat(326, "timerfd_gettime")
def _timerfd_gettime(task: Task, fd: int, value: int) -> Result:
    kept = scratch(task).keep(bytes(_ITIMER64.size))
    result = as_native(task, 287, fd, kept)
    if result == 0:
        task.user.write(value, _ITIMER.pack(*map(s32, task.user.unpack(_ITIMER64, kept))))
    return result
