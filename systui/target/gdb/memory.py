"""Memory of a stopped guest by space, also where the current page table hides it.

Under page-table isolation most of the kernel is missing from the table that user mode and the
first entry instructions run on. It is then read from physical memory after a walk of the kernel's
table; CR3 is never changed for it, since dying midway would take the guest along.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from systui.arch.spec import Architecture
from systui.model.errors import MemoryFaultError
from systui.model.stop import MemoryRange, Registers, Space
from systui.target.gdb.paging import PAGE, on_user_table, paging
from systui.target.gdb.stub import Stub
from systui.words import _


@dataclass(frozen=True, slots=True)
class View:
    """Whose memory: a CPU as it stands, or a task that is on none (its last page table)."""

    thread: int
    registers: Registers
    on_cpu: bool = True


class Memory:
    """Reads and writes through one stub."""

    def __init__(self, stub: Stub, arch: Architecture, cr4: int) -> None:
        """`cr4` says what form page tables have; it stays as it is once Linux is up."""
        self._stub = stub
        self._paging = paging(arch.bits, cr4)
        self._kernel_start = arch.kernel_start
        self.isolated = False
        """Whether page-table isolation is on."""
        self._words: dict[int, int | None] = {}
        self._pages: dict[tuple[int, int], int | None] = {}

    def forget(self) -> None:
        """Drop what is known of page tables: the guest has run."""
        self._words.clear()
        self._pages.clear()

    def detect_isolation(self, registers: Registers, entry: int, data: int) -> None:
        """Find out whether page tables are isolated.

        They are where the page after the kernel's top-level table is a table too, one that maps
        the `entry` code to the same place and kernel `data` not at all.
        """
        if not self._stub.physical:
            self.isolated = False
            return
        translate = self._paging.translate
        kernel = self._paging.kernel_table(registers["cr3"])
        user = kernel + PAGE
        place = translate(kernel, entry, self._word)
        self.isolated = (
            place is not None
            and translate(user, entry, self._word) == place
            and translate(kernel, data, self._word) is not None
            and translate(user, data, self._word) is None
        )

    def read(self, view: View, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """All `ranges`; None for each that cannot be read whole."""
        results: list[bytes | None] = [None] * len(ranges)
        direct = [index for index, one in enumerate(ranges) if self._direct(view, one)]
        found = self._stub.read(
            view.thread, [(ranges[index].address, ranges[index].size) for index in direct]
        )
        for index, data in zip(direct, found, strict=True):
            results[index] = data
        rest = [index for index, data in enumerate(results) if data is None]
        if rest:
            for index, data in self._walked(view, ranges, rest):
                results[index] = data
        return results

    def write(self, view: View, space: Space, address: int, data: bytes) -> None:
        """Write; MemoryFaultError where it cannot be done."""
        one = MemoryRange(space, address, len(data))
        if self._direct(view, one):
            self._stub.write(view.thread, address, data)
            return
        pieces = self._pieces(view, one)
        if pieces is None:
            raise MemoryFaultError(
                _("Memory at {address:#x} cannot be written.").format(address=address)
            )
        for place, start, size in pieces:
            self._stub.write(None, place, data[start : start + size])

    def _hidden(self, view: View) -> bool:
        return self.isolated and on_user_table(view.registers["cr3"])

    def _direct(self, view: View, one: MemoryRange) -> bool:
        """Whether the CPU's own page table is the right one to ask."""
        if one.space is Space.PHYSICAL or not view.on_cpu:
            return False
        if one.space is Space.USER:
            return one.address < self._kernel_start
        return not self._hidden(view)

    def _walked(
        self, view: View, ranges: Sequence[MemoryRange], wanted: Sequence[int]
    ) -> list[tuple[int, bytes | None]]:
        """The ranges number `wanted`, out of physical memory in one batch."""
        plans = [(index, self._pieces(view, ranges[index])) for index in wanted]
        asked = [(place, size) for _i, pieces in plans for place, _s, size in pieces or ()]
        if not asked:
            return []
        data = iter(self._stub.read_physical(asked))
        results: list[tuple[int, bytes | None]] = []
        for index, pieces in plans:
            parts = [next(data) for _piece in pieces or ()]
            whole = None if pieces is None or None in parts else b"".join(filter(None, parts))
            results.append((index, whole))
        return results

    def _pieces(self, view: View, one: MemoryRange) -> list[tuple[int, int, int]] | None:
        """(physical address, start in the range, size) of each part; None: not all mapped."""
        if one.space is Space.PHYSICAL:
            return [(one.address, 0, one.size)]
        table = self._table(view, one)
        if table is None:
            return None
        pieces = []
        start = 0
        while start < one.size:
            address = one.address + start
            size = min(one.size - start, PAGE - address % PAGE)
            place = self._translate(table, address)
            if place is None:
                return None
            pieces.append((place, start, size))
            start += size
        return pieces

    def _table(self, view: View, one: MemoryRange) -> int | None:
        """The table to walk; None where walking finds no more than the CPU did."""
        if not self._stub.physical or (
            one.space is Space.USER and one.address >= self._kernel_start
        ):
            return None
        cr3 = view.registers["cr3"]
        if self._hidden(view):
            return self._paging.kernel_table(cr3)
        return None if view.on_cpu else self._paging.current_table(cr3)

    def _translate(self, table: int, address: int) -> int | None:
        page = address & -PAGE
        key = (table, page)
        if key not in self._pages:
            self._pages[key] = self._paging.translate(table, page, self._word)
        place = self._pages[key]
        return None if place is None else place | address & PAGE - 1

    def _word(self, address: int) -> int | None:
        if address not in self._words:
            data = self._stub.read_physical([(address, 8)])[0]
            self._words[address] = None if data is None else int.from_bytes(data, "little")
        return self._words[address]
