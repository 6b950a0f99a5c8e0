"""What the images of a recording are called, and what of the kernel's memory never changes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from systui.model.stop import MemoryRange, Space
from systui.target.protocol import Target
from systui.target.recorded.pages import Pages
from systui.target.recording.noted import Notes

_MOST_CONSTANTS = 1 << 20
_MOST_TOGETHER = 1 << 13
"""Bytes that are told together, but for a single larger piece."""
_TABLE_SIZES = (4096, 3072, 2560, 2048, 512)
"""Bytes of a call table to try where its symbol has no size."""


class Views(NamedTuple):
    """What the images are called, for the names that travel along."""

    kernel: Notes
    kernel_slide: int
    program: Notes | None
    program_slide: int
    program_path: Path | None = None
    """For the hash of what was run."""
    built: Callable[[int, int], bytes | None] | None = None
    """`KernelView.built`."""


class Constants:
    """The kernel's code and other memory that is never written, as far as it was read."""

    def __init__(self, views: Views, kernel_start: int) -> None:
        """`kernel_start`: the lowest address of the kernel's half."""
        self._start = kernel_start
        self._kernel = views.kernel
        self._slide = views.kernel_slide
        self._pages = Pages()
        self._size = 0
        self._pieces: list[tuple[int, bytes]] = []

    def take(self, address: int, data: bytes | None) -> bool:
        """Keep `data` where it is such memory; True where it was not kept before."""
        if not data or address < self._start or self._size > _MOST_CONSTANTS:
            return False
        if self._pages.read(address, len(data)) == data:
            return False
        if not self._kernel.is_constant(address - self._slide):
            return False
        self._size += len(data)
        self._pages.write(address, data)
        self._pieces.append((address, data))
        return True

    def holds(self, address: int, data: bytes) -> bool:
        """Whether `data` at `address` is kept."""
        return self._pages.read(address, len(data)) == data

    def everything(self) -> Iterator[dict[int, bytes]]:
        """All that is kept, by address; where that changed, the latest comes in a later mapping."""
        pieces: dict[int, bytes] = {}
        left = _MOST_TOGETHER
        for address, data in self._pieces:
            left -= len(data)
            if pieces and (address in pieces or left < 0):
                yield pieces
                pieces, left = {}, _MOST_TOGETHER - len(data)
            pieces[address] = data
        if pieces:
            yield pieces

    def take_table(self, target: Target) -> None:
        """Keep the call table: which handler a number has is asked anywhere in a session."""
        table = self._kernel.symbol("sys_call_table")
        if table is None:
            return
        address = table.address + self._slide
        for size in (table.size, *_TABLE_SIZES):
            if 0 < size <= _TABLE_SIZES[0]:
                where = MemoryRange(Space.KERNEL, address, size)
                data = target.read_memory([where])[0]
                if data is not None:
                    self.take(address, data)
                    return
