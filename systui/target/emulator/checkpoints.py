"""Checkpoints: positions that can be stood at at once. From there it is re-execution.

They lie dense where the user is and ever sparser away from there, so that their number stays
bounded while a step back costs about as much as a step.
"""

from bisect import bisect_left, bisect_right
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from systui.target.emulator.history import PAGE, MemoryHistory
from systui.target.emulator.machine import Machine, MachineState

MOST = 512
"""Checkpoints kept at most."""
_SERVICES_HOLD = 64 << 20
"""Bytes that services hold at most at any one moment, roughly."""
_NEAR = 64
"""Distance in positions below which thinning sees no difference."""

_position = attrgetter("position")


class Checkpoint(NamedTuple):
    """One kept state."""

    state: MachineState
    events: int
    """How many outside events had been applied."""
    stored: int = 0
    """What services had stored so far, by their own count."""

    @property
    def position(self) -> int:
        """Where it stands."""
        return self.state.position


class Checkpoints:
    """All kept states of one machine, the start always among them."""

    def __init__(self, machine: Machine, budget: int) -> None:
        """Keep the machine's present state as the first; `budget` in bytes."""
        self._machine = machine
        self._budget = budget
        machine.mmu.take_dirty()
        self._history = MemoryHistory(machine.cpu.memory, machine.first_frames())
        self._all: list[Checkpoint] = []
        self._base = machine.position
        """The checkpoint that memory was last equal to."""
        self.lay(0)

    def __len__(self) -> int:
        return len(self._all)

    def lay(self, events: int) -> bool:
        """Keep the machine's present state, unless this position is kept already.

        False where what differs is too much to be kept at all.
        """
        machine = self._machine
        position = machine.position
        index = bisect_left(self._all, position, key=_position)
        if index < len(self._all) and self._all[index].position == position:
            return True
        dirty = machine.mmu.take_dirty()
        if len(dirty) * PAGE > self._budget // 2:
            machine.mmu.dirty.update(dirty)
            return False
        self._history.record(position, dirty)
        self._all.insert(index, Checkpoint(machine.save(), events, machine.system.stored))
        self._base = position
        if len(self._all) > MOST:
            self._thin(position)
        return self._shrink(position)

    @property
    def size(self) -> int:
        """Bytes kept, roughly."""
        return self._history.stored * (PAGE + 128) + len(self._all) * 8192 + self._services()

    def _services(self) -> int:
        """Bytes of files, pipes and sockets that neighbours may hold apart from each other."""
        return sum(
            min(later.stored - earlier.stored, _SERVICES_HOLD)
            for earlier, later in pairwise(self._all)
        )

    def before(self, position: int) -> Checkpoint:
        """The last checkpoint at or before `position`, which is not before the first."""
        return self._all[bisect_right(self._all, position, key=_position) - 1]

    def after(self, position: int) -> int | None:
        """The position of the first checkpoint behind `position`."""
        index = bisect_right(self._all, position, key=_position)
        return self._all[index].position if index < len(self._all) else None

    def restore(self, checkpoint: Checkpoint) -> None:
        """Make the machine what it was at `checkpoint`."""
        machine = self._machine
        dirty = machine.mmu.take_dirty()
        used = checkpoint.state.pages.frames
        changed = self._history.put_back(checkpoint.position, self._base, dirty, used)
        machine.spaces.contents_changed(changed)
        machine.restore(checkpoint.state)
        self._base = checkpoint.position

    def forget_after(self, position: int) -> None:
        """Drop all checkpoints behind `position`: the future will be another one."""
        if self._base > position:
            raise ValueError(position)
        while self._all[-1].position > position:
            self._history.drop(self._all.pop().position)

    def _shrink(self, here: int) -> bool:
        """Come below the budget; False where even the state at `here` cannot be kept."""
        while self.size > self._budget and len(self._all) > 2:
            self._thin(here)
        if self.size <= self._budget or len(self._all) == 1:
            return True
        self._machine.mmu.dirty.update(self._history.touched(here))
        self._history.drop(here)
        self._all.pop()
        self._base = self._all[0].position
        return False

    def _thin(self, here: int) -> None:
        """Drop a quarter of the checkpoints: those whose loss is felt least from `here`."""
        costs = []
        for index, checkpoint in enumerate(self._all[1:], 1):
            if checkpoint.position == here:
                continue
            following = self._all[index + 1].position if index + 1 < len(self._all) else here
            gap = abs(following - self._all[index - 1].position)
            distance = abs(here - checkpoint.position) + _NEAR
            costs.append((gap / distance, checkpoint.position))
        costs.sort()
        dropped = {position for _cost, position in costs[: max(1, len(self._all) // 4)]}
        for position in sorted(dropped):
            self._history.drop(position)
        self._all = [each for each in self._all if each.position not in dropped]
