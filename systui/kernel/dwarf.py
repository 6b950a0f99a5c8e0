"""Which compilation unit an address belongs to, without reading the whole of .debug_info.

.debug_aranges answers it for most compilers; for units that it leaves out (and images without
it) the unit headers are walked and only each unit's first entry is read. A unit is wanted for
one thing: where its line program starts (`DW_AT_stmt_list`).

Source of facts: DWARF 4 and 5, sections 6.1.2 (address ranges), 7.5 (units, forms), 2.17 and
7.28 (range lists). Relocation sections that some vmlinux keep are ignored: they change nothing.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from systui.kernel.cursor import Cursor, DamageError
from systui.kernel.image import Image, Section
from systui.model.errors import BadInputError

_AT_STMT_LIST, _AT_LOW_PC, _AT_HIGH_PC, _AT_COMP_DIR, _AT_RANGES = 0x10, 0x11, 0x12, 0x1B, 0x55
_AT_ADDR_BASE, _AT_RNGLISTS_BASE = 0x73, 0x74
_MOST_UNITS = 1 << 16
_MOST_RANGES = 1 << 20
_ENTRY_BYTES = 1 << 10
_ABBREV_BYTES = 1 << 14
_SKELETON, _SPLIT, _TYPE, _SPLIT_TYPE = 4, 5, 2, 6
_UNIT_TAGS = (0x11, 0x3C, 0x4A)
"""DW_TAG_compile_unit, DW_TAG_partial_unit, DW_TAG_skeleton_unit (DWARF 5, table 7.3)."""


class Unit(NamedTuple):
    """A compilation unit's first entry: what leads to its line program."""

    offset: int
    """In .debug_info."""
    end: int
    line_offset: int | None
    """Its line program in .debug_line."""
    directory: str
    """Where the compiler was run; empty when not said here (DWARF 5's line table says it too)."""
    ranges: tuple[tuple[int, int], ...]
    """[low, high) addresses; empty when only .debug_aranges knows them."""


class Units:
    """The compilation units of an image. Raises nothing: what is damaged is not found."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._info = image.section(".debug_info")
        self._unit_cache: dict[int, Unit | None] = {}

    def unit_of(self, address: int) -> Unit | None:
        """The unit whose code lies at `address`."""
        offset = self._listed.find(address)
        if offset is None:
            offset = self._unlisted.find(address)
        return None if offset is None else self.unit(offset)

    def unit(self, offset: int) -> Unit | None:
        """The unit at `offset` in .debug_info; None where there is none that can be read."""
        if offset not in self._unit_cache:
            try:
                self._unit_cache[offset] = self._read_unit(offset)
            except (DamageError, BadInputError):
                self._unit_cache[offset] = None
        return self._unit_cache[offset]

    def all(self) -> Iterator[Unit]:
        """Every unit that has a line program, in the order of .debug_info."""
        for offset in self._offsets:
            unit = self.unit(offset)
            if unit is not None and unit.line_offset is not None:
                yield unit

    # --- address ranges --------------------------------------------------------------------

    @cached_property
    def _listed(self) -> "_Ranges":
        """What .debug_aranges says."""
        section = self._image.section(".debug_aranges")
        ranges: list[tuple[int, int, int]] = []
        if section is not None and self._info is not None:
            # What was read before any damage is as good as ever.
            with suppress(DamageError, BadInputError):
                _read_aranges(Cursor(self._image.content(section)), ranges)
        return _Ranges(ranges)

    @cached_property
    def _unlisted(self) -> "_Ranges":
        """The ranges of units that .debug_aranges does not mention."""
        ranges: list[tuple[int, int, int]] = []
        listed = self._listed.units
        for offset in self._offsets:
            unit = None if offset in listed else self.unit(offset)
            if unit is not None:
                ranges += ((low, high, offset) for low, high in unit.ranges)
        return _Ranges(ranges)

    @cached_property
    def _offsets(self) -> list[int]:
        """Offsets of all units in .debug_info, by following their lengths."""
        offsets: list[int] = []
        if self._info is None:
            return offsets
        at = 0
        with suppress(DamageError, BadInputError):
            size = self._image.content_size(self._info)
            while at + 12 <= size and len(offsets) < _MOST_UNITS:
                offsets.append(at)
                header = Cursor(self._image.part(self._info, at, 12))
                length, _ = header.initial_length()
                at += header.at + length
        return offsets

    # --- one unit --------------------------------------------------------------------------

    def _read_unit(self, offset: int) -> Unit | None:
        if self._info is None:
            return None
        cursor = Cursor(self._image.part(self._info, offset, _ENTRY_BYTES))
        length, wide = cursor.initial_length()
        end = offset + cursor.at + length
        version = cursor.u16()
        if not 2 <= version <= 5:
            return None
        if version >= 5:
            kind, address_size = cursor.u8(), cursor.u8()
            abbrev = cursor.offset(wide)
            if kind in (_SKELETON, _SPLIT):
                cursor.skip(8)
            elif kind in (_TYPE, _SPLIT_TYPE):
                return None
        else:
            abbrev = cursor.offset(wide)
            address_size = cursor.u8()
        if address_size not in (4, 8):
            return None
        shape = self._abbreviation(abbrev, cursor.uleb())
        values = {
            attribute: _value(cursor, form, constant, wide, address_size, version)
            for attribute, form, constant in shape
        }
        ranges: tuple[tuple[int, int], ...] = ()
        with suppress(DamageError, BadInputError):  # .debug_aranges may know them all the same
            ranges = self._ranges(values, version, address_size)
        return Unit(
            offset,
            end,
            _number(values.get(_AT_STMT_LIST)),
            self._text(values.get(_AT_COMP_DIR)),
            ranges,
        )

    def _abbreviation(self, offset: int, wanted: int) -> list[tuple[int, int, int]]:
        """(attribute, form, implicit constant) of each attribute of abbreviation `wanted`."""
        section = self._image.section(".debug_abbrev")
        if section is None:
            raise DamageError
        table = self._image.part(section, offset, _ABBREV_BYTES)
        cursor = Cursor(table, _unit_abbreviation(table, wanted))
        while True:
            code = cursor.uleb()
            if code == 0:
                raise DamageError
            cursor.uleb()
            cursor.skip(1)
            shape = []
            while True:
                attribute, form = cursor.uleb(), cursor.uleb()
                constant = cursor.sleb() if form == 0x21 else 0
                if (attribute, form) == (0, 0):
                    break
                shape.append((attribute, form, constant))
            if code == wanted:
                return shape

    def _text(self, value: "_Value | None") -> str:
        if value is None:
            return ""
        if value.text is not None:
            return value.text.decode("utf-8", "replace")
        name = {"str": ".debug_str", "line_str": ".debug_line_str"}.get(value.section)
        section = self._image.section(name) if name else None
        return "" if section is None else string_at(self._image, section, value.number)

    def _ranges(
        self, values: dict[int, "_Value"], version: int, address_size: int
    ) -> tuple[tuple[int, int], ...]:
        low_value, high_value = values.get(_AT_LOW_PC), values.get(_AT_HIGH_PC)
        address_base = _number(values.get(_AT_ADDR_BASE))
        low = 0 if low_value is None else self._address(low_value, address_base, address_size)
        listed = values.get(_AT_RANGES)
        if listed is not None:
            if version < 5:
                return self._old_ranges(listed.number, low, address_size)
            base = _number(values.get(_AT_RNGLISTS_BASE))
            return self._range_list(listed, base, low, address_base, address_size)
        if low_value is None or high_value is None:
            return ()
        if high_value.section == "":
            return ((low, low + high_value.number),)
        return ((low, self._address(high_value, address_base, address_size)),)

    def _address(self, value: "_Value", base: int | None, size: int) -> int:
        return value.number if value.section != "addrx" else self._indexed(value.number, base, size)

    def _indexed(self, index: int, base: int | None, size: int) -> int:
        """An address out of .debug_addr."""
        section = self._image.section(".debug_addr")
        if section is None or base is None:
            raise DamageError
        return Cursor(self._image.part(section, base + index * size, size)).address(size)

    def _old_ranges(self, offset: int, base: int, size: int) -> tuple[tuple[int, int], ...]:
        """A list in .debug_ranges (DWARF 4, section 2.17.3)."""
        section = self._image.section(".debug_ranges")
        if section is None:
            return ()
        cursor = Cursor(self._image.part(section, offset, 1 << 20))
        largest = (1 << (8 * size)) - 1
        ranges: list[tuple[int, int]] = []
        while True:
            low, high = cursor.address(size), cursor.address(size)
            if (low, high) == (0, 0):
                return tuple(ranges)
            if low == largest:
                base = high
            else:
                ranges.append((base + low, base + high))

    def _range_list(
        self,
        value: "_Value",
        lists_base: int | None,
        base: int,
        address_base: int | None,
        size: int,
    ) -> tuple[tuple[int, int], ...]:
        """A list in .debug_rnglists (DWARF 5, section 7.28)."""
        section = self._image.section(".debug_rnglists")
        if section is None:
            return ()
        offset = value.number
        if value.section == "rnglistx":
            if lists_base is None:
                raise DamageError
            table = Cursor(self._image.part(section, lists_base + 4 * offset, 4))
            offset = lists_base + table.u32()
        cursor = Cursor(self._image.part(section, offset, 1 << 20))
        ranges: list[tuple[int, int]] = []
        while True:
            kind = cursor.u8()
            if kind == 0:
                return tuple(ranges)
            if kind == 1:
                base = self._indexed(cursor.uleb(), address_base, size)
            elif kind == 2:
                low = self._indexed(cursor.uleb(), address_base, size)
                ranges.append((low, self._indexed(cursor.uleb(), address_base, size)))
            elif kind == 3:
                low = self._indexed(cursor.uleb(), address_base, size)
                ranges.append((low, low + cursor.uleb()))
            elif kind == 4:
                low, high = base + cursor.uleb(), base + cursor.uleb()
                ranges.append((low, high))
            elif kind == 5:
                base = cursor.address(size)
            elif kind == 6:
                ranges.append((cursor.address(size), cursor.address(size)))
            elif kind == 7:
                low = cursor.address(size)
                ranges.append((low, low + cursor.uleb()))
            else:
                raise DamageError


class _Ranges:
    """[low, high) ranges with the unit that each belongs to."""

    def __init__(self, ranges: list[tuple[int, int, int]]) -> None:
        ranges = sorted(each for each in ranges if each[0] < each[1])
        self._rows = ranges
        self._lows = [low for low, _, _ in ranges]
        self.units = {unit for _, _, unit in ranges}

    def find(self, address: int) -> int | None:
        """The unit that covers `address`: of nested ranges the innermost, within reason."""
        index = bisect_right(self._lows, address) - 1
        for low, high, unit in reversed(self._rows[max(index - 15, 0) : index + 1]):
            if low <= address < high:
                return unit
        return None


def _read_aranges(cursor: Cursor, ranges: list[tuple[int, int, int]]) -> None:
    """Append (low, high, unit offset) of every set in .debug_aranges (DWARF 5, 6.1.2)."""
    while not cursor.done and len(ranges) < _MOST_RANGES:
        start = cursor.at
        length, wide = cursor.initial_length()
        end = cursor.at + length
        version = cursor.u16()
        unit = cursor.offset(wide)
        size, segment_size = cursor.u8(), cursor.u8()
        if version == 2 and size in (4, 8) and segment_size == 0:
            # The first pair is aligned to twice an address from the set's start.
            first = start + (cursor.at - start + 2 * size - 1) // (2 * size) * (2 * size)
            body = cursor.data[first : min(end, len(cursor.data))]
            pairs = struct.iter_unpack("<QQ" if size == 8 else "<II", body[: len(body) & -2 * size])
            ranges += ((low, low + count, unit) for low, count in pairs if count)
        cursor.at = end


class _Value(NamedTuple):
    """An attribute's value: a number, and what it counts or points into; or inline text."""

    number: int = 0
    section: str = ""
    text: bytes | None = None


_FIXED = {
    0x0B: 1, 0x05: 2, 0x06: 4, 0x07: 8, 0x1E: 16, 0x0C: 1,
    0x11: 1, 0x12: 2, 0x13: 4, 0x14: 8, 0x20: 8, 0x1C: 4, 0x24: 8,
    0x25: 1, 0x26: 2, 0x27: 3, 0x28: 4,
}  # fmt: skip
"""Forms of fixed size: data*, flag, ref*, ref_sig8, ref_sup*, strx1–4."""
_INDEXES = {0x29: 1, 0x2A: 2, 0x2B: 3, 0x2C: 4}
"""addrx1–4."""
_OFFSETS = {
    0x0E: "str",
    0x17: "offset",
    0x1F: "line_str",
    0x1D: "sup",
    0x1F20: "sup",
    0x1F21: "sup",
}
_LEBS = {0x0F: "", 0x15: "", 0x1A: "strx", 0x1B: "addrx", 0x22: "loclistx", 0x23: "rnglistx"}
_BLOCKS = {0x0A: 1, 0x03: 2, 0x04: 4}


def _value(
    cursor: Cursor, form: int, constant: int, wide: bool, address_size: int, version: int
) -> _Value:
    """Read one attribute (DWARF 5, 7.5.6); DamageError for a form that is not known."""
    if form in _FIXED:
        return _Value(cursor.number(_FIXED[form]))
    if form in _OFFSETS:
        return _Value(cursor.offset(wide), _OFFSETS[form])
    if form in _LEBS:
        return _Value(cursor.uleb(), _LEBS[form])
    if form in _INDEXES:
        return _Value(cursor.number(_INDEXES[form]), "addrx")
    if form in _BLOCKS:
        cursor.skip(cursor.number(_BLOCKS[form]))
        return _Value()
    match form:
        case 0x01:
            return _Value(cursor.address(address_size), "address")
        case 0x08:
            return _Value(text=cursor.string())
        case 0x0D:
            return _Value(cursor.sleb())
        case 0x09 | 0x18:
            cursor.skip(cursor.uleb())
            return _Value()
        case 0x10:
            return _Value(cursor.number(address_size) if version == 2 else cursor.offset(wide))
        case 0x19:
            return _Value(1)
        case 0x21:
            return _Value(constant)
        case 0x16:
            inner = cursor.uleb()
            if inner in (0x16, 0x21):
                raise DamageError
            return _value(cursor, inner, 0, wide, address_size, version)
    raise DamageError


def _unit_abbreviation(table: bytes, wanted: int) -> int:
    """Where abbreviation `wanted` begins where it is a unit's and not the first; else 0.

    An abbreviation ends in two zeros, which no other part of one has before a number. Compilers put
    a unit's behind hundreds of others.
    """
    code = bytearray()
    while wanted > 0x7F:
        code.append(wanted & 0x7F | 0x80)
        wanted >>= 7
    code.append(wanted)
    if table.startswith(bytes(code)):
        return 0  # what is found further on may be of the next unit's table
    found = (table.find(b"\0\0%b%c" % (bytes(code), tag)) for tag in _UNIT_TAGS)
    return next((at + 2 for at in found if at >= 0), 0)


def _number(value: _Value | None) -> int | None:
    return None if value is None else value.number


def string_at(image: Image, section: Section, offset: int) -> str:
    """The zero-ended string at `offset` of a string section, at most 4 KiB of it."""
    data = image.part(section, offset, 4096)
    return data.split(b"\0", 1)[0].decode("utf-8", "replace")
