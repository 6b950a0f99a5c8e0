"""The machine's view of guest memory: which tree an address is looked up in, and who dirtied what.

Each address space has a top-level table of its own; the kernel's half is the same in all.

With page-table isolation the kernel's top-level table and the user's are neighbours; the user's
holds the user half and, of the kernel, only what entry and exit need. Without it both are one.
"""

from systui.target.emulator.cpu import Cpu
from systui.target.emulator.paging import (
    DIRTY,
    FRAME_MASK,
    NO_EXECUTE,
    PAGE,
    PRESENT,
    TOP_64,
    TOP_PAE,
    PageTree,
    TableMemory,
)
from systui.target.emulator.platform import Platform

PTI_BIT = 0x1000
"""Set in the physical address of the user's top-level table."""
_OFFSET = PAGE - 1


SPACES = 64
"""Address spaces at one time."""


class Mmu:
    """Page tables of all address spaces under one kernel."""

    def __init__(self, cpu: Cpu, tables: TableMemory, pti: bool, platform: Platform) -> None:
        self._memory = cpu.memory
        self._tables = tables
        self.cpu = cpu
        root = tables.take(2 * SPACES)
        self._pti = pti
        self.platform = platform
        self.kernel_half = platform.kernel_half
        """The lowest address that is the kernel's."""
        self._top = TOP_64 if platform.arch.bits == 64 else TOP_PAE
        self._hidden = NO_EXECUTE if self._top == TOP_64 else 0
        """Set in the kernel's table for the user's half; PAE's top level knows no such bit."""
        self.kernel_root = root
        self.user_root = root | PTI_BIT if pti else root
        self.kernel = PageTree(tables, root, top=self._top)
        self.entry = PageTree(tables, self.user_root, top=self._top) if pti else self.kernel
        """The kernel's half as user code's page table has it."""
        self._trees: dict[int, PageTree] = {}
        """The user's halves, by the kernel's top-level table."""
        self.dirty: set[int] = set()
        """Frames written by the machine itself since `take_dirty`."""
        self.stale = False
        """Page tables changed: cached translations must be flushed before the CPU goes on."""

    def root(self, slot: int) -> int:
        """CR3's value for address space number `slot`, in kernel mode."""
        return self.kernel_root + slot * 2 * PAGE

    def space(self, slot: int) -> PageTree:
        """The user's half of address space number `slot`, made when it is first asked for."""
        root = self.root(slot)
        tree = self._trees.get(root)
        if tree is None:
            own = root | PTI_BIT if self._pti else root
            mirrors = ((root, self._hidden),) if self._pti else ()
            tree = PageTree(self._tables, own, mirrors, self._top)
            self._trees[root] = tree
            if slot:
                for bit in {0, own - root}:
                    self._copy_kernel_half(self.kernel_root | bit, root | bit)
        return tree

    def _copy_kernel_half(self, old: int, new: int) -> None:
        words, size = self._tables.words, PAGE // 8
        half = self.platform.arch.kernel_start >> self._top & size - 1
        kernel = words[old // 8 + half : old // 8 + size]
        words[new // 8 + half : new // 8 + size] = kernel

    @property
    def user(self) -> PageTree:
        """The user's half of the address space that the CPU is in."""
        return self._trees.get(self.current_root) or self.space(0)

    @property
    def current_root(self) -> int:
        """CR3's value in kernel mode for the address space that the CPU is in."""
        return self.cpu.read("cr3") & ~PTI_BIT & FRAME_MASK

    def lookup(self, address: int, cr3: int) -> int:
        """The page-table entry that `cr3` gives the page at `address`; 0 where there is none."""
        if address < self.kernel_half:
            return self.user.get(address)
        return (self.entry if cr3 & PTI_BIT else self.kernel).get(address)

    def read(self, address: int, size: int, cr3: int = 0) -> bytes | None:
        """Bytes at a virtual address, None where some are not present. Default: all is mapped."""
        parts = []
        while size > 0:
            entry = self.lookup(address, cr3)
            if not entry & PRESENT:
                return None
            part = min(size, PAGE - (address & _OFFSET))
            at = (entry & FRAME_MASK) + (address & _OFFSET)
            parts.append(self._memory[at : at + part])
            address += part
            size -= part
        return b"".join(parts)

    def read_word(self, address: int, cr3: int = 0) -> int | None:
        """The eight bytes at `address` as a number."""
        data = self.read(address, 8, cr3)
        return None if data is None else int.from_bytes(data, "little")

    def read_pointer(self, address: int) -> int:
        """A word of the machine's own width; 0 where nothing is mapped."""
        return int.from_bytes(self.read(address, self.platform.arch.word) or b"", "little")

    def write(self, address: int, data: bytes, cr3: int = 0) -> bool:
        """Store `data` whatever the pages' protection; False, nothing stored, where one lacks."""
        pieces = []
        at = 0
        while at < len(data):
            entry = self.lookup(address + at, cr3)
            if not entry & PRESENT:
                return False
            offset = (address + at) & _OFFSET
            part = min(len(data) - at, PAGE - offset)
            pieces.append((entry & FRAME_MASK, offset, data[at : at + part]))
            at += part
        for frame, offset, piece in pieces:
            self.write_frame(frame, offset, piece)
        return True

    def write_frame(self, frame: int, offset: int, data: bytes) -> None:
        """Store `data` in the frame at physical `frame`."""
        self._memory[frame + offset : frame + offset + len(data)] = data
        self.dirty.add(frame)

    def take_dirty(self) -> set[int]:
        """Physical addresses of all frames written since the last time."""
        dirty, self.dirty = self.dirty, set()
        for tree in dict.fromkeys((self.kernel, self.entry, *self._trees.values())):
            for frame in tree.take_dirty():
                dirty.add(frame)
                self.stale = True
        return dirty

    def unmap(self, tree: PageTree, address: int) -> None:
        """Take the page at `address` out of a user's half, remembering whether it was written."""
        entry = tree.get(address)
        if entry & DIRTY:
            self.dirty.add(entry & FRAME_MASK)
        tree.set(address, 0)
        self.stale = True

    def settle(self) -> None:
        """Flush the CPU's cached translations where page tables have changed."""
        if self.stale:
            self.cpu.flush_translations()
            self.stale = False

    def close(self) -> None:
        """Let go of guest memory."""
        self._tables.words.release()
