"""Watchpoints: virtual ranges kept in view of a CPU that knows physical ones."""

from systui.model.stop import MemoryRange, Space
from systui.target.emulator.machine import Hit, Machine
from systui.target.emulator.watching import Watch
from systui.target.protocol import Access, Watchpoint


class Watches:
    """The watchpoints of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._all: set[Watchpoint] = set()

    def __len__(self) -> int:
        return len(self._all)

    def add(self, watchpoint: Watchpoint) -> None:
        """Arm `watchpoint` for the runs to come."""
        self._all.add(watchpoint)

    def remove(self, watchpoint: Watchpoint) -> None:
        """Disarm it."""
        self._all.discard(watchpoint)

    def arm(self, hit: Hit | None = None) -> None:
        """Let the machine watch; `hit(position)` decides whether it stops (default: always)."""
        watches = tuple(_watch(watchpoint) for watchpoint in self._all)
        self._machine.set_watches(watches, hit or _always)

    def disarm(self) -> None:
        """Let the machine run without watching."""
        self._machine.set_watches((), _always)


def _watch(watchpoint: Watchpoint) -> Watch:
    where: MemoryRange = watchpoint.range
    return Watch(
        where.address,
        where.size,
        on_read=watchpoint.access is not Access.WRITE,
        on_write=watchpoint.access is not Access.READ,
        physical=where.space is Space.PHYSICAL,
    )


def _always(_position: int) -> bool:
    return True
