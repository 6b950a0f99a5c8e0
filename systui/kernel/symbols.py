"""An ELF symbol table, kept as packed columns; a `Symbol` is made only when one is asked for.

A distribution kernel has some 150,000 symbols: columns of them take 5 MB and are cut out of
`.symtab` by slicing, while as many Python objects would take 40 MB and half a second.
Source of facts: gABI chapter 4, symbol table (`st_info`, `st_shndx`, special section indexes).
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import compress, count
from sys import byteorder
from typing import overload
from zlib import crc32

from systui.kernel.elf import Section
from systui.kernel.harmless import harmless
from systui.model.code import Symbol

_UNDEFINED = 0
_LONGEST_NAME = 1 << 14
_MOST_ALIKE = 1 << 12
"""Names with one checksum, or symbols with one name, that are looked at."""
_COLUMNS = "IQIII"
_OBJECT, _FUNCTION, _INDIRECT = 1, 2, 10
_NAMED_TYPES = (0, _OBJECT, _FUNCTION, _INDIRECT)
_IS_NAMED = bytes((info & 15) in _NAMED_TYPES for info in range(256))
"""By `st_info`: labels, objects and functions, but no sections, files or thread-local offsets."""


class SymbolTable(Sequence[Symbol]):
    """The defined, named symbols of an image in order of address."""

    def __init__(self, table: bytes, names: bytes, wide: bool, sections: Sequence[Section]) -> None:
        """`table` is `.symtab`'s content (24-byte entries if `wide`, else 16), `names` its strings.

        Nothing in them can make this fail: entries that point nowhere are left out.
        """
        self._names = names
        self._chosen: dict[int, Symbol] = {}
        self._sections = sections
        entry = 24 if wide else 16
        table = table[: len(table) // entry * entry]
        words = _column("I", table)
        halves = _column("H", table)
        if wide:
            quads = _column("Q", table)
            self._name_offsets, self._addresses, self._sizes = words[::6], quads[1::3], quads[2::3]
            self._info, self._where = table[4::24], halves[3::12]
        else:
            self._name_offsets, self._addresses, self._sizes = words[::4], words[1::4], words[2::4]
            self._info, self._where = table[12::16], halves[7::8]

    @cached_property
    def _order(self) -> "array[int]":
        """Indexes of the symbols worth showing, by address."""
        named = compress(count(), self._info.translate(_IS_NAMED))
        where, offsets, end = self._where, self._name_offsets, len(self._names)
        defined = [
            index for index in named if where[index] != _UNDEFINED and 0 < offsets[index] < end
        ]
        return array("I", sorted(defined, key=self._addresses.__getitem__))

    @cached_property
    def _places(self) -> "tuple[array[int], array[int]]":
        """Addresses and indexes of the symbols that name code or data where they stand.

        A linker script's end marker stands where its section ends, i.e. where the next thing
        starts: it would name what it does not belong to.
        """
        limits = {
            section.number: (section.address, section.address + section.size)
            for section in self._sections
            if section.allocated
        }
        addresses, where, nowhere = self._addresses, self._where, (1, 0)
        indexes = array("I")
        for index in self._order:
            low, high = limits.get(where[index], nowhere)
            if low <= addresses[index] < high:
                indexes.append(index)
        return array("Q", map(addresses.__getitem__, indexes)), indexes

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> Symbol: ...
    @overload
    def __getitem__(self, index: slice) -> list[Symbol]: ...
    def __getitem__(self, index: int | slice) -> Symbol | list[Symbol]:
        """The symbol at a place in the order of addresses."""
        if isinstance(index, slice):
            return [self._symbol(each) for each in self._order[index]]
        return self._symbol(self._order[index])

    def __iter__(self) -> Iterator[Symbol]:
        """All symbols, lowest address first."""
        return map(self._symbol, self._order)

    def named(self, name: str) -> Symbol | None:
        """The symbol called `name`; of several, a global one before a local one."""
        wanted = name.encode("utf-8", "surrogateescape")
        sums, indexes = self._sums
        sum_ = crc32(wanted)
        first = bisect_left(sums, sum_)
        alike = indexes[first : min(bisect_right(sums, sum_), first + _MOST_ALIKE)]
        found = [index for index in alike if self._name(index) == wanted]
        return self._symbol(min(found, key=self._preference)) if found else None

    def beginning(self, start: str, most: int) -> list[str]:
        """Names that begin with `start`, at most `most`, by the alphabet."""
        prefix = start.encode("utf-8", "surrogateescape")
        found = {name for index in self._order if (name := self._name(index)).startswith(prefix)}
        return [harmless(each.decode("utf-8", "replace")) for each in sorted(found)[:most]]

    @cached_property
    def _sums(self) -> "tuple[array[int], array[int]]":
        """Checksums of the names in rising order, and whose they are."""
        sums = {index: crc32(self._name(index)) for index in self._order}
        indexes = array("I", sorted(sums, key=sums.__getitem__))
        return array("I", map(sums.__getitem__, indexes)), indexes

    # --- what is worked out, to be kept --------------------------------------------------------

    def worked_out(self) -> bytes:
        """The orders that names and addresses are found by, for `take`."""
        columns = (self._order, *self._places, *self._sums)
        sizes = array("Q", (len(column) * column.itemsize for column in columns))
        return b"".join(column.tobytes() for column in (sizes, *columns))

    def take(self, content: bytes) -> None:
        """Use what `worked_out` gave for the same table and sections, on the same machine."""
        at = 8 * len(_COLUMNS)
        columns = []
        for code, size in zip(_COLUMNS, array("Q", content[:at]), strict=True):
            columns.append(array(code, content[at : at + size]))
            at += size
        self._order = columns[0]
        self._places = columns[1], columns[2]
        self._sums = columns[3], columns[4]

    def at_or_before(self, address: int, section: Section | None) -> Symbol | None:
        """The symbol that names `address`: the nearest one at or below it, within `section`.

        Where several stand at that address the rule is: functions, then objects with a size,
        then labels, then other objects; global or weak ones before local ones; `__x64_sys_*`
        (the name that the call table uses) before its aliases; fewer leading underscores, fewer
        capitals (3.x's `sys_X` before its alias `SyS_X`); then by the alphabet.
        """
        addresses, indexes = self._places
        end = bisect_right(addresses, address)
        if end == 0:
            return None
        nearest = addresses[end - 1]
        if section is not None and nearest < section.address:
            return None
        best = self._chosen.get(nearest)
        if best is None:
            begin = bisect_left(addresses, nearest, 0, end)
            best = self._symbol(min(indexes[begin:end], key=self._preference))
            self._chosen[nearest] = best
        return best

    def _preference(self, index: int) -> tuple[int, bool, bool, int, int, bytes, int]:
        info = self._info[index]
        kind, local, is_global = info & 15, info >> 4 == 0, info >> 4 == 1
        sized = 1 if self._sizes[index] else 3
        rank = {_FUNCTION: 0, _INDIRECT: 0, _OBJECT: sized}.get(kind, 2)
        name = self._name(index)
        entry = is_global and name.startswith(b"__x64_sys_")
        underscores = len(name) - len(name.lstrip(b"_"))
        capitals = sum(1 for letter in name if 65 <= letter <= 90)
        return rank, local, not entry, underscores, capitals, name, index

    def _name(self, index: int) -> bytes:
        start = self._name_offsets[index]
        end = self._names.find(b"\0", start, start + _LONGEST_NAME)
        return self._names[start : end if end >= 0 else start + _LONGEST_NAME]

    def _symbol(self, index: int) -> Symbol:
        name = self._name(index).decode("utf-8", "replace")
        return Symbol(harmless(name), self._addresses[index], self._sizes[index])


def _column(code: str, data: bytes) -> "array[int]":
    column = array(code, data)
    if byteorder == "big":
        column.byteswap()
    return column
