"""Files that count: eventfd (fs/eventfd.c) and timerfd (fs/timerfd.c).

Such a file is a number whose count or timer the system keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from systui.services.errors import EAGAIN, EINVAL, ERESTARTSYS, Refused
from systui.services.nodes import Node
from systui.services.openfile import KINDS, POLLERR, POLLIN, POLLOUT, Kind, OpenFile
from systui.services.ports import Blocked
from systui.services.words import waits_for_event, waits_for_event_room, waits_for_timer

if TYPE_CHECKING:
    from systui.services.task import Task

SIZE = 8
_MOST = (1 << 64) - 1


class Count(NamedTuple):
    """An eventfd's."""

    value: int
    semaphore: bool = False


class Alarm(NamedTuple):
    """A timerfd's, in nanoseconds of the monotonic clock; `expiry` 0 is not armed."""

    clock: int
    expiry: int = 0
    interval: int = 0


def expired(alarm: Alarm, now: int) -> int:
    """How many times it has expired and was not read."""
    if not alarm.expiry or now < alarm.expiry:
        return 0
    return 1 + ((now - alarm.expiry) // alarm.interval if alarm.interval else 0)


def advanced(alarm: Alarm, times: int) -> Alarm:
    """The timer once `times` expiries were told."""
    if not times:
        return alarm
    return alarm._replace(expiry=alarm.expiry + times * alarm.interval if alarm.interval else 0)


class _Counter(Kind):
    """Either of them."""

    view = 3

    def seek(self, task: Task, number: int, offset: int, whence: int) -> int:
        """Nothing moves (noop_llseek())."""
        return 0

    def node(self, task: Task, file: OpenFile) -> Node:
        """An anonymous inode's."""
        return Node(0o600, int(file.key))

    def released(self, task: Task, number: int, file: OpenFile) -> None:
        """The last descriptor is gone."""
        task.system.counters = task.system.counters.drop(int(file.key))


class EventFile(_Counter):
    """An eventfd."""

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """The count, which is 0 then; of a semaphore 1, which is taken off."""
        system, file = task.system, task.system.open[number]
        if size < SIZE:
            raise Refused(EINVAL)
        count: Count = system.counters[int(file.key)]
        if not count.value:
            if file.nonblocking:
                raise Refused(EAGAIN)
            return Blocked(waits_for_event())
        taken = 1 if count.semaphore else count.value
        left = count._replace(value=count.value - taken)
        system.counters = system.counters.set(int(file.key), left)
        return taken.to_bytes(SIZE, "little")

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """Add to the count; it never comes to the largest number."""
        system, file = task.system, task.system.open[number]
        added = int.from_bytes(data[:SIZE], "little")
        if len(data) < SIZE or added == _MOST:
            raise Refused(EINVAL)
        count: Count = system.counters[int(file.key)]
        if count.value + added >= _MOST:
            if file.nonblocking:
                raise Refused(EAGAIN)
            return Blocked(waits_for_event_room())
        more = count._replace(value=count.value + added)
        system.counters = system.counters.set(int(file.key), more)
        return SIZE

    def ready(self, task: Task, number: int) -> int:
        """Readable with a count, writable where 1 can be added."""
        value = task.system.counters[int(task.system.open[number].key)].value
        events = POLLIN if value else 0
        return events | (POLLERR if value == _MOST else POLLOUT if value < _MOST - 1 else 0)


class TimerFile(_Counter):
    """A timerfd."""

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """How often it has expired since it was read or set last; waits for the first."""
        system, file = task.system, task.system.open[number]
        if size < SIZE:
            raise Refused(EINVAL)
        alarm: Alarm = system.counters[int(file.key)]
        times = expired(alarm, task.monotonic())
        if not times:
            if file.nonblocking:
                raise Refused(EAGAIN)
            outcome = task.wait(alarm.expiry or None)
            if outcome == "signal":
                raise Refused(ERESTARTSYS)
            if outcome == "never":
                return Blocked(waits_for_timer())
            times = expired(alarm, task.monotonic())
        system.counters = system.counters.set(int(file.key), advanced(alarm, times))
        return times.to_bytes(SIZE, "little")

    def ready(self, task: Task, number: int) -> int:
        """Readable once it has expired."""
        alarm: Alarm = task.system.counters[int(task.system.open[number].key)]
        return POLLIN if expired(alarm, task.monotonic()) else 0

    def due(self, task: Task, number: int) -> int | None:
        """Its expiry, as long as that is to come."""
        alarm: Alarm = task.system.counters[int(task.system.open[number].key)]
        return alarm.expiry if alarm.expiry > task.monotonic() else None


KINDS.update(eventfd=EventFile(), timerfd=TimerFile())
