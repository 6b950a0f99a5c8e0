"""The log of what tasks did: written once, while time passes that was not known before."""

from collections import deque
from collections.abc import Sequence
from itertools import takewhile

from systui.model.task_log import TaskEvent

KEPT = 20_000
"""Events kept, some 6 MB; the oldest go first."""


class TaskLog:
    """Events in the order of their positions."""

    def __init__(self) -> None:
        self._events: deque[TaskEvent] = deque(maxlen=KEPT)
        self._until = -1
        """Up to here nothing new can come: it is known time run through again."""

    def add(self, *events: TaskEvent) -> None:
        """Take `events`, all of one moment, unless they were come by before."""
        position = events[-1].position
        if position == self._until:
            known = set(takewhile(lambda each: each.position == position, reversed(self._events)))
            events = tuple(each for each in events if each not in known)
        if position >= self._until:
            self._until = position
            self._events.extend(events)

    def may_be_new(self, position: int) -> bool:
        """Whether something may happen at `position` that is not known yet."""
        return position >= self._until

    def last_of(self, pid: int) -> TaskEvent | None:
        """The last event of one task."""
        return next((each for each in reversed(self._events) if each.task.pid == pid), None)

    def since(self, position: int) -> Sequence[TaskEvent]:
        """Those behind `position`, in order."""
        if position < 0:
            return list(self._events)
        found = list(takewhile(lambda each: each.position > position, reversed(self._events)))
        return found[::-1]

    def forget_after(self, position: int) -> None:
        """The future will be another one."""
        while self._events and self._events[-1].position > position:
            self._events.pop()
        self._until = min(self._until, position)
