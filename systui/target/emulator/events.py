"""What the user changed, by position, so that running a stretch again repeats it.

Input is not here: services keep their own log of what arrived when.
"""

from typing import NamedTuple

from systui.model.stop import Space


class RegisterEvent(NamedTuple):
    """The user set registers."""

    values: tuple[tuple[str, int], ...]


class MemoryEvent(NamedTuple):
    """The user set memory."""

    space: Space
    address: int
    data: bytes


Event = RegisterEvent | MemoryEvent


class EventLog:
    """Events in the order in which they came, each with its position (ascending)."""

    def __init__(self) -> None:
        self._all: list[tuple[int, Event]] = []

    def __len__(self) -> int:
        return len(self._all)

    def add(self, position: int, event: Event) -> None:
        """Append an event at `position`, at or behind the last one's."""
        self._all.append((position, event))

    def at(self, index: int) -> Event:
        """The event with this index."""
        return self._all[index][1]

    def position(self, index: int) -> int | None:
        """Where the event with this index came; None behind the last."""
        return self._all[index][0] if index < len(self._all) else None

    def forget_after(self, position: int) -> None:
        """Drop events behind `position`."""
        while self._all and self._all[-1][0] > position:
            self._all.pop()
