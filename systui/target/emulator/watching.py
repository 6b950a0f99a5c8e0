"""Watching memory: virtual ranges for a CPU that is told of physical ones, and for served calls."""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from systui.target.emulator.cpu import Cpu
from systui.target.emulator.mmu import Mmu
from systui.target.emulator.paging import FRAME_MASK, PAGE, PRESENT
from systui.target.emulator.spaces import Spaces


class Watch(NamedTuple):
    """A range whose accesses are told of; virtual unless `physical`."""

    address: int
    size: int
    on_read: bool
    on_write: bool
    physical: bool


class Watching:
    """The ranges that one machine watches."""

    def __init__(self, cpu: Cpu, mmu: Mmu, spaces: Spaces) -> None:
        self._cpu = cpu
        self._mmu = mmu
        self._spaces = spaces
        self._watches: Collection[Watch] = ()

    def __bool__(self) -> bool:
        return bool(self._watches)

    def set(self, watches: Collection[Watch], hit: Callable[[int], bool]) -> None:
        """Call `hit(instructions done)` after accesses by the CPU; True ends its run there."""
        self._watches = watches
        self._hit = hit
        self.resolve()

    def resolve(self) -> None:
        """Look where the ranges lie now: pages come and go between runs."""
        parts = (part for watch in self._watches for part in self._physical(watch))
        self._cpu.set_watches(parts, self._hit)

    def contents(self) -> list[bytes | None]:
        """What the ranges watched for writing hold, to tell what a served call changed."""
        return [self._content(watch) for watch in self._watches if watch.on_write]

    def _content(self, watch: Watch) -> bytes | None:
        if watch.physical:
            return self._cpu.memory[watch.address : watch.address + watch.size]
        if watch.address < self._mmu.kernel_half:
            return self._spaces.current.peek(watch.address, watch.size)
        return self._mmu.read(watch.address, watch.size)

    def _physical(self, watch: Watch) -> Iterator[tuple[int, int, bool, bool]]:
        at, end = watch.address, watch.address + watch.size
        while at < end:
            part = min(end - at, PAGE - at % PAGE)
            frame = at - at % PAGE if watch.physical else self._frame(at)
            if frame is not None:
                yield frame + at % PAGE, part, watch.on_read, watch.on_write
            at += part

    def _frame(self, address: int) -> int | None:
        if address < self._mmu.kernel_half:
            self._spaces.current.fill(address, 0)
        entry = self._mmu.lookup(address, 0)
        return entry & FRAME_MASK if entry & PRESENT else None
