"""The stops that a session has seen, kept read-only: a gdbstub's way back in time."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from systui.model.stop import MemoryRange, Registers, Stop

KEPT = 20_000
"""Stops that are kept; about 3 KB each."""


@dataclass(slots=True)
class Kept:
    """One stop and what was read while the target stood there."""

    stop: Stop
    registers: Registers
    memory: dict[MemoryRange, bytes | None] = field(default_factory=dict)
    pointer: int | None = None
    """Address of the task's task_struct."""

    def read(self, wanted: MemoryRange) -> bytes | None:
        """What was read of `wanted` then; KeyError where it was not."""
        if wanted in self.memory:
            return self.memory[wanted]
        space, address, size = wanted
        for known, data in self.memory.items():
            start = address - known.address
            if 0 <= start <= known.size - size and data is not None and known.space is space:
                return data[start : start + size]
        raise KeyError(wanted)


class Past:
    """All kept stops; the last one is where the target really stands."""

    def __init__(self, limit: int = KEPT) -> None:
        self._kept: deque[Kept] = deque(maxlen=limit)
        self.earliest = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def latest(self) -> int:
        """Position of the newest stop."""
        return self.earliest + len(self._kept) - 1

    @property
    def last(self) -> Kept:
        """The newest stop."""
        return self._kept[-1]

    def add(self, kept: Kept) -> None:
        """Append a stop; the oldest one goes where there are too many."""
        if len(self._kept) == self._kept.maxlen:
            self.earliest += 1
        self._kept.append(kept)

    def stay(self) -> None:
        """A position passed unseen: shown as the stop before it."""
        last = self.last
        stop = last.stop._replace(position=self.latest + 1)
        self.add(Kept(stop, last.registers, last.memory, last.pointer))

    def replace_last(self, kept: Kept) -> None:
        """The newest stop, seen again at the same position."""
        self._kept[-1] = kept

    def at(self, position: int) -> Kept:
        """The stop at `position`; ValueError outside earliest … latest."""
        if not self.earliest <= position <= self.latest:
            raise ValueError(position)
        return self._kept[position - self.earliest]

    def shown(self, position: int) -> Stop:
        """The stop at `position` as it is shown now: marked as past unless it is the newest."""
        stop = self.at(position).stop
        return stop if position == self.latest else stop._replace(past=True)

    def find(self, positions: Iterable[int], wanted: Callable[[Kept], bool]) -> int | None:
        """The first of `positions` whose stop is `wanted`."""
        return next((each for each in positions if wanted(self.at(each))), None)
