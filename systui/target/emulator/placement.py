"""A kernel image laid into memory: its segments at their places, and what it must have."""

from itertools import pairwise

from systui.kernel.elf import SHF_EXECUTE
from systui.kernel.image import Image, Segment
from systui.model.errors import BadInputError
from systui.target.emulator import alternatives, patch_sites
from systui.target.emulator.cpu import Cpu
from systui.target.emulator.mmu import Mmu
from systui.target.emulator.paging import ACCESSED, NO_EXECUTE, PAGE, PRESENT, WRITE
from systui.words import _

LOWEST = 0x100_0000
"""Kernels are placed at 16 MiB; below that the machine has page tables of its own."""
_LARGEST_CODE, _LARGEST_ENTRY_TEXT = 1 << 27, 1 << 22


def memory_needed(image: Image) -> int:
    """The physical address behind all of `image`; BadInputError where it cannot be placed."""
    ends = [segment.paddr + segment.memory_size for segment in image.segments]
    end = max(ends, default=0)
    lowest = min((each.paddr for each in image.segments if each.memory_size), default=0)
    if lowest < LOWEST or end > 1 << 31:
        raise BadInputError(
            _("{path}: not a kernel image that systui can place in memory").format(path=image.path)
        )
    placed = sorted((each.paddr, each.memory_size) for each in image.segments if each.memory_size)
    for (before, size), (after, _size) in pairwise(placed):
        if before + size > after:
            raise BadInputError(
                _("{path}: two segments of the kernel overlap at {address:#x}").format(
                    path=image.path, address=after
                )
            )
    return -(-end // PAGE) * PAGE


class Placement:
    """Lays one image out; what start-up then sets up is its subclasses' business."""

    def __init__(self, cpu: Cpu, image: Image, mmu: Mmu, *, all_alternatives: bool = False) -> None:
        """`all_alternatives`: patch all of them for the CPU, not only those for isolation."""
        self._cpu = cpu
        self._image = image
        self._mmu = mmu
        self._all_alternatives = all_alternatives
        self._pti = mmu.user_root != mmu.kernel_root
        self._next = memory_needed(image)
        """First physical address behind it and what was set up for it."""
        self._writable: list[int] = []
        """Frames whose content the kernel may change."""

    def _lay_out(self) -> None:
        for segment in self._image.segments:
            if segment.memory_size:
                self._place(segment)
        self._allow_code()

    def _place(self, segment: Segment) -> None:
        content = self._image.read(segment.vaddr, segment.file_size)
        if content is None or segment.paddr % PAGE != segment.vaddr % PAGE:
            raise BadInputError(
                _("{path}: a segment of the kernel cannot be read").format(path=self._image.path)
            )
        self._cpu.memory[segment.paddr : segment.paddr + len(content)] = content
        first = segment.paddr & -PAGE
        count = -(-(segment.paddr + segment.memory_size - first) // PAGE)
        if segment.writable:
            self._writable.extend(range(first, first + count * PAGE, PAGE))
        if segment.vaddr >= self._mmu.kernel_half:
            flags = PRESENT | ACCESSED | (WRITE if segment.writable else 0)
            flags |= 0 if segment.executable else NO_EXECUTE
            self._mmu.kernel.fill(segment.vaddr & -PAGE, first, count, flags)

    def _allow_code(self) -> None:
        """Sections of code in a segment of data: what is only run until start-up is over."""
        for section in self._image.sections:
            if section.allocated and section.flags & SHF_EXECUTE:
                end = min(section.address + section.size, section.address + _LARGEST_CODE)
                for address in range(section.address & -PAGE, end, PAGE):
                    entry = self._mmu.kernel.get(address)
                    if entry & NO_EXECUTE:
                        self._mmu.kernel.set(address, entry & ~NO_EXECUTE)

    def _patch(self) -> None:
        features = frozenset((alternatives.PTI,) if self._pti else ())
        whole = self._all_alternatives
        if whole:
            features |= alternatives.CPU
        for patch in alternatives.patches(self._image, features, only=not whole):
            self._mmu.write(patch.address, patch.code)
        if self._pti:
            for patch in patch_sites.direct_jumps(self._image):
                self._mmu.write(patch.address, patch.code)
        if whole:
            for patch in patch_sites.plain_returns(self._image):
                self._mmu.write(patch.address, patch.code)

    def _map_entry_text(self) -> None:
        start, end = (self._required(f"__entry_text_{which}") for which in ("start", "end"))
        if not 0 < end - start <= _LARGEST_ENTRY_TEXT:
            raise BadInputError(
                _("{path}: the kernel's entry text has an impossible size").format(
                    path=self._image.path
                )
            )
        for address in range(start & -PAGE, end, PAGE):
            self._mmu.entry.set(address, self._mmu.kernel.get(address))

    def _new_frame(self) -> int:
        frame = self._next
        self._next += PAGE
        self._writable.append(frame)
        return frame

    def _new_page(self, address: int) -> int:
        frame = self._new_frame()
        self._map_area(address, frame)
        return frame

    def _map_area(self, address: int, frame: int) -> None:
        flags = PRESENT | WRITE | ACCESSED | NO_EXECUTE
        self._mmu.kernel.set(address, frame | flags)
        self._mmu.entry.set(address, frame | flags)

    def _required(self, *names: str) -> int:
        """The address of the first of `names` that the image has."""
        found = self._find(*names)
        if found is None:
            raise self._missing(names[0])
        return found

    def _find(self, *names: str) -> int | None:
        symbol = next(filter(None, map(self._image.symbol, names)), None)
        return None if symbol is None else symbol.address

    def _missing(self, name: str) -> BadInputError:
        return BadInputError(
            _("{path}: the kernel has no symbol {name}").format(path=self._image.path, name=name)
        )
