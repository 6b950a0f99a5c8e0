"""Page tables in guest memory: 4 KiB pages, four levels (Intel SDM vol. 3, 4.5), or three where
the machine has 32 bits (4.4, PAE).

Tables are the machine's own, not part of what is saved and put back: whoever maps pages keeps
account of them. Accessed bits are set from the start. Dirty bits are how the machine learns
which frames were written since it last asked.
"""

from array import array
from collections.abc import Iterator

from systui.target.emulator.cpu import Cpu

PAGE = 0x1000
PRESENT, WRITE, USER = 1, 2, 4
ACCESSED, DIRTY = 0x20, 0x40
NO_EXECUTE = 1 << 63
FRAME_MASK = 0x000F_FFFF_FFFF_F000

TOP_64, TOP_PAE = 39, 30
"""Where the top level's part of an address begins."""
_LEAF = 12
_ENTRIES = 512
_TABLE = PRESENT | WRITE | USER | ACCESSED
_DIRTY_BITS = sum(DIRTY << 64 * index for index in range(_ENTRIES))


class OutOfTablesError(Exception):
    """The room set aside for page tables is used up."""


class TableMemory:
    """Where page tables come from: physical [start, end)."""

    def __init__(self, cpu: Cpu, start: int, end: int) -> None:
        self.cpu = cpu
        self.words = memoryview(cpu.memory).cast("Q")
        self._next = start
        self._end = end
        self._free: list[int] = []

    def take(self, pages: int = 1) -> int:
        """The address of so many fresh, adjacent pages; OutOfTablesError."""
        if pages == 1 and self._free:
            return self._free.pop()
        address = -(-self._next // (pages * PAGE)) * pages * PAGE
        if address + pages * PAGE > self._end:
            raise OutOfTablesError
        self._next = address + pages * PAGE
        return address

    def give_back(self, address: int) -> None:
        """Let the page at `address`, which is used no more, be handed out again."""
        self.cpu.memory[address : address + PAGE] = bytes(PAGE)
        self._free.append(address)


class PageTree:
    """One top-level table and what hangs below it."""

    def __init__(
        self,
        memory: TableMemory,
        root: int,
        mirrors: tuple[tuple[int, int], ...] = (),
        top: int = TOP_64,
    ) -> None:
        """`root`: physical address of the top-level table, already zero.

        `mirrors`: other top-level tables that get the same entries, each with flags on top.
        `top`: the lowest bit of an address that chooses among the top-level table's entries.
        """
        self._top = top
        self._root = root // 8
        self._mirrors = mirrors
        self._memory = memory
        self._words = memory.words
        self._leaves: dict[int, int] = {}
        """Index of a leaf table's first word, by address >> 21."""
        self._clean: dict[int, bytes] = {}
        """Leaf tables as they were when they had no dirty bit, by index."""
        self._grown: list[int] = []
        """Physical addresses of the tables below the top-level one."""
        self._slots: set[int] = set()
        """Entries of the top-level table that this tree made."""

    def set(self, address: int, entry: int) -> None:
        """Let the page at `address` have the entry `entry` (0: not present)."""
        leaf = self._leaves.get(address >> 21)
        if leaf is None:
            if not entry:
                return
            leaf = self._grow(address)
        self._words[leaf + (address >> 12 & 511)] = entry
        self._clean.pop(leaf, None)

    def get(self, address: int) -> int:
        """The entry of the page at `address`, 0 where there is none."""
        leaf = self._leaves.get(address >> 21)
        return self._words[leaf + (address >> 12 & 511)] if leaf is not None else 0

    def fill(self, address: int, frame: int, count: int, flags: int) -> None:
        """Map `count` pages from `address` on to adjacent frames from physical `frame` on."""
        while count > 0:
            self.set(address, frame | flags)
            leaf = self._leaves[address >> 21] + (address >> 12 & 511)
            part = min(count, _ENTRIES - (address >> 12 & 511))
            entries = array("Q", range(frame | flags, (frame | flags) + part * PAGE, PAGE))
            self._words[leaf : leaf + part] = memoryview(entries)
            address += part * PAGE
            frame += part * PAGE
            count -= part

    def take_dirty(self) -> Iterator[int]:
        """Physical addresses of frames written since the last time; clears their dirty bits.

        The CPU's cached translations must be flushed afterwards.
        """
        memory, words = self._memory.cpu.memory, self._words
        for leaf in self._leaves.values():
            at = leaf * 8
            table = memory[at : at + PAGE]
            if table == self._clean.get(leaf):
                continue
            bits = int.from_bytes(table, "little") & _DIRTY_BITS
            self._clean[leaf] = table if not bits else b""
            while bits:
                low = bits & -bits
                bits ^= low
                index = leaf + (low.bit_length() >> 6)
                words[index] &= ~DIRTY
                yield words[index] & FRAME_MASK

    def clear(self) -> None:
        """Map nothing, and give all tables but the top-level one back."""
        for slot in self._slots:
            self._words[self._root + slot] = 0
            for root, _flags in self._mirrors:
                self._words[root // 8 + slot] = 0
        for table in self._grown:
            self._memory.give_back(table)
        self._leaves.clear()
        self._clean.clear()
        self._grown.clear()
        self._slots.clear()

    def _grow(self, address: int) -> int:
        slot = address >> self._top & 511
        self._slots.add(slot)
        flags = _TABLE if self._top == TOP_64 else PRESENT
        table = self._below(self._root, slot, flags)
        for root, more in self._mirrors:
            self._words[root // 8 + slot] = self._words[self._root + slot] | more
        for shift in range(self._top - 9, _LEAF, -9):
            table = self._below(table, address >> shift & 511)
        self._leaves[address >> 21] = table
        return table

    def _below(self, table: int, slot: int, flags: int = _TABLE) -> int:
        entry = self._words[table + slot]
        if not entry:
            entry = self._memory.take() | flags
            self._grown.append(entry & FRAME_MASK)
            self._words[table + slot] = entry
        return (entry & FRAME_MASK) // 8
