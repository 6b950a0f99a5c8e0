"""Time: clocks, sleeping, interval timers (kernel/time/). Waiting moves the clock on at once."""

from struct import Struct

from systui.services.dispatch import Int, Pointer, Result, UInt, call
from systui.services.errors import (
    EINTR,
    EINVAL,
    EOPNOTSUPP,
    EPERM,
    ERESTART_RESTARTBLOCK,
    ERESTARTNOHAND,
    Refused,
)
from systui.services.task import Restart, Task, Timer

TIMESPEC = Struct("<qq")
_TIMEVAL = Struct("<qq")
_ITIMERVAL = Struct("<qqqq")
SECOND = 10**9
_REALTIME = frozenset({0, 5, 8, 11})
_MONOTONIC = frozenset({1, 4, 6, 7, 9})
_CPU_TIME = frozenset({2, 3})
_COARSE = frozenset({5, 6})
_TIMER_ABSTIME = 1
_MAX_SECONDS = (1 << 63) // SECOND
"""Longer waits are cut to it, as ktime_t does."""


def read_timespec(task: Task, address: int) -> int:
    """Nanoseconds in a timespec; Refused(EINVAL) where it is none."""
    seconds, nanoseconds = task.user.unpack(TIMESPEC, address)
    if seconds < 0 or not 0 <= nanoseconds < SECOND:
        raise Refused(EINVAL)
    return min(seconds, _MAX_SECONDS) * SECOND + nanoseconds


def read_timeval(task: Task, address: int) -> int:
    """Nanoseconds in a timeval; Refused(EINVAL) where it is none."""
    seconds, micro = task.user.unpack(_TIMEVAL, address)
    if seconds < 0 or not 0 <= micro < 10**6:
        raise Refused(EINVAL)
    return min(seconds, _MAX_SECONDS) * SECOND + micro * 1000


def _read(task: Task, clock: int) -> int:
    if clock in _REALTIME:
        return task.now() + (37 * SECOND if clock == 11 else 0)
    if clock in _MONOTONIC:
        return task.monotonic()
    if clock in _CPU_TIME or (clock < 0 and ~(clock >> 3) in {0, task.pid, task.tid}):
        return task.system.clock()
    raise Refused(EINVAL)


@call(228, "clock_gettime")
def clock_gettime(task: Task, clock: Int, moment: Pointer) -> Result:
    """A clock's time."""
    task.user.write(moment, TIMESPEC.pack(*divmod(_read(task, clock), SECOND)))
    return 0


@call(229, "clock_getres")
def clock_getres(task: Task, clock: Int, resolution: Pointer) -> Result:
    """1 ns; 4 ms for the coarse clocks."""
    _read(task, clock)
    if resolution:
        task.user.write(resolution, TIMESPEC.pack(0, 4_000_000 if clock in _COARSE else 1))
    return 0


@call(227, "clock_settime")
def clock_settime(task: Task, clock: Int, moment: Pointer) -> Result:
    """Set the realtime clock."""
    if clock != 0:
        return -EINVAL
    wanted = read_timespec(task, moment)
    if task.fsuid:
        return -EPERM
    task.system.realtime_offset = wanted - task.monotonic()
    return 0


@call(96, "gettimeofday")
def gettimeofday(task: Task, moment: Pointer, zone: Pointer) -> Result:
    """Realtime in microseconds; UTC."""
    if moment:
        seconds, rest = divmod(task.now(), SECOND)
        task.user.write(moment, _TIMEVAL.pack(seconds, rest // 1000))
    if zone:
        task.user.write(zone, bytes(8))
    return 0


@call(201, "time")
def time(task: Task, address: Pointer) -> Result:
    """Realtime in seconds."""
    seconds = task.now() // SECOND
    if address:
        task.user.put_u64(address, seconds)
    return seconds


# sleeping


@call(35, "nanosleep")
def nanosleep(task: Task, wanted: Pointer, rest: Pointer) -> Result:
    """Sleep; interrupted by a signal, the rest is told."""
    return sleep(task, task.deadline_in(read_timespec(task, wanted)), rest)


@call(230, "clock_nanosleep")
def clock_nanosleep(task: Task, clock: Int, flags: Int, wanted: Pointer, rest: Pointer) -> Result:
    """Sleep by a clock, for a while or until a moment."""
    return sleep_by(task, clock, flags, wanted, rest)


def sleep_by(
    task: Task, clock: int, flags: int, wanted: int, rest: int, told: Struct = TIMESPEC
) -> Result:
    """clock_nanosleep; what is left is `told` in that layout."""
    if clock not in {0, 1, 2, 7, 8, 9, 11}:
        return -EOPNOTSUPP if clock in {3, 4, 5, 6} else -EINVAL
    moment = read_timespec(task, wanted)
    if not flags & _TIMER_ABSTIME:
        return sleep(task, task.deadline_in(moment), rest, told)
    if clock in _REALTIME:
        moment -= task.system.realtime_offset
    return -ERESTARTNOHAND if task.wait(moment) == "signal" else 0


def sleep(task: Task, deadline: int, rest: int, told: Struct = TIMESPEC) -> Result:
    """Until `deadline`; where a signal comes first, what is left is `told` at `rest`."""
    if task.wait(deadline) != "signal":
        return 0
    if rest:
        left = max(0, deadline - task.monotonic())
        task.user.write(rest, told.pack(*divmod(left, SECOND)))
    task.restart = Restart(sleep, (deadline, rest, told))
    return -ERESTART_RESTARTBLOCK


@call(219, "restart_syscall")
def restart_syscall(task: Task) -> Result:
    """Go on with what a signal without a handler interrupted."""
    block, task.restart = task.restart, None
    return -EINTR if block is None else block.function(task, *block.arguments)


# interval timers


@call(37, "alarm")
def alarm(task: Task, seconds: UInt) -> Result:
    """Arm ITIMER_REAL; the seconds that were left."""
    old = _left(task, task.timers[0])
    left = (old + SECOND // 2) // SECOND if old >= SECOND else int(old > 0)
    _arm(task, 0, seconds * SECOND, 0)
    return left


@call(36, "getitimer")
def getitimer(task: Task, which: Int, value: Pointer) -> Result:
    """A timer's interval and what is left."""
    if not 0 <= which <= 2:
        return -EINVAL
    task.user.write(value, _packed(task, task.timers[which]))
    return 0


@call(38, "setitimer")
def setitimer(task: Task, which: Int, value: Pointer, old: Pointer) -> Result:
    """Arm or disarm a timer."""
    interval, first = 0, 0
    if value:
        interval, first = read_timeval(task, value), read_timeval(task, value + 16)
    if not 0 <= which <= 2:
        return -EINVAL
    before = _packed(task, task.timers[which])
    _arm(task, which, first, interval)
    if old:
        task.user.write(old, before)
    return 0


def _arm(task: Task, which: int, first: int, interval: int) -> None:
    timers = list(task.timers)
    timers[which] = Timer(task.monotonic() + first, interval) if first else Timer()
    task.timers = (timers[0], timers[1], timers[2])


def _left(task: Task, timer: Timer) -> int:
    return max(1000, timer.expiry - task.monotonic()) if timer.expiry else 0


def _packed(task: Task, timer: Timer) -> bytes:
    seconds, rest = divmod(_left(task, timer), SECOND)
    every, every_rest = divmod(timer.interval, SECOND)
    return _ITIMERVAL.pack(every, every_rest // 1000, seconds, rest // 1000)
