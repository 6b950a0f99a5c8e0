"""Making and setting eventfds and timerfds: fs/eventfd.c, fs/timerfd.c."""

from struct import Struct

from systui.services.calls.clock import SECOND
from systui.services.counters import Alarm, Count, advanced, expired
from systui.services.dispatch import Int, Pointer, Result, UInt, call
from systui.services.errors import EINVAL, EPERM, Refused
from systui.services.openfile import (
    O_CLOEXEC,
    O_NONBLOCK,
    O_RDWR,
    OpenFile,
    number_of,
    open_new,
)
from systui.services.task import Task

_SEMAPHORE = 1
_ABSOLUTE, _CANCEL = 1, 2
_REALTIME, _MONOTONIC = frozenset((0, 8)), frozenset((1, 7, 9))
_WAKING = frozenset((8, 9))
"""Clocks that wake a machine from suspend: only root's timers may."""
_TIMES = Struct("<qqqq")
_LONGEST = (1 << 63) - 1


@call(284, "eventfd")
def eventfd(task: Task, value: UInt) -> Result:
    """A new count."""
    return eventfd2(task, value, 0)


@call(290, "eventfd2")
def eventfd2(task: Task, value: UInt, flags: Int) -> Result:
    """The same with flags."""
    if flags & ~(O_CLOEXEC | O_NONBLOCK | _SEMAPHORE):
        return -EINVAL
    count = Count(value, bool(flags & _SEMAPHORE))
    return _new(task, "eventfd", count, flags & ~_SEMAPHORE)


@call(283, "timerfd_create")
def timerfd_create(task: Task, clock: Int, flags: Int) -> Result:
    """A new timer, not armed."""
    if flags & ~(O_CLOEXEC | O_NONBLOCK) or clock not in _REALTIME | _MONOTONIC:
        return -EINVAL
    if clock in _WAKING and task.uids[1]:
        return -EPERM
    return _new(task, "timerfd", Alarm(clock), flags)


def _new(task: Task, kind: str, made: Count | Alarm, flags: int) -> int:
    system = task.system
    number = system.new_object()
    system.counters = system.counters.set(number, made)
    file = OpenFile(kind, O_RDWR | flags & O_NONBLOCK, number, f"anon_inode:[{kind}]")
    return open_new(task, file, bool(flags & O_CLOEXEC))


@call(286, "timerfd_settime")
def timerfd_settime(task: Task, fd: Int, flags: Int, wanted: Pointer, old: Pointer) -> Result:
    """Arm it, or disarm it with 0; what was left of it before."""
    every, every_part, after, after_part = task.user.unpack(_TIMES, wanted)
    fits = min(every, after) >= 0 and all(0 <= part < SECOND for part in (every_part, after_part))
    if flags & ~(_ABSOLUTE | _CANCEL) or not fits:
        return -EINVAL
    number, alarm = _alarm(task, fd)
    moment = after * SECOND + after_part
    interval = min(every * SECOND + every_part, _LONGEST)
    left = _left(task, alarm)
    if moment and flags & _ABSOLUTE:
        moment -= task.system.realtime_offset if alarm.clock in _REALTIME else 0
        moment = max(1, moment)
    elif moment:
        moment += task.monotonic()
    armed = Alarm(alarm.clock, min(moment, _LONGEST), interval)
    task.system.counters = task.system.counters.set(number, armed)
    if old:
        task.user.write(old, left)
    return 0


@call(287, "timerfd_gettime")
def timerfd_gettime(task: Task, fd: Int, value: Pointer) -> Result:
    """Its interval, and how long it is until it expires next."""
    _number, alarm = _alarm(task, fd)
    task.user.write(value, _left(task, alarm))
    return 0


def _alarm(task: Task, fd: int) -> tuple[int, Alarm]:
    file = task.system.open[number_of(task, fd)]
    if file.kind != "timerfd":
        raise Refused(EINVAL)
    return int(file.key), task.system.counters[int(file.key)]


def _left(task: Task, alarm: Alarm) -> bytes:
    now = task.monotonic()
    coming = advanced(alarm, expired(alarm, now))
    left = max(0, coming.expiry - now) if coming.expiry else 0
    return _TIMES.pack(*divmod(alarm.interval, SECOND), *divmod(left, SECOND))
