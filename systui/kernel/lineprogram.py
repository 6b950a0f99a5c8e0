"""A DWARF line number program, run into a table: address → file and line.

Source of facts: DWARF 4 and 5, section 6.2 (versions 2 to 5 are read). Our own reader, because
the first stop of a cold run has 25 ms for all of symbols and lines, and importing a DWARF library
takes longer than running the program.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from operator import le
from typing import NamedTuple

from systui.kernel.cursor import Cursor, DamageError

_MOST_ROWS = 1 << 20
"""Beyond it a unit's later sequences are left out; the largest real ones have some 200,000."""
_MOST_FILES = 1 << 16
_CONTENT_PATH, _CONTENT_DIRECTORY = 1, 2
_IS_STMT = 1

TextAt = Callable[[str, int], str]
"""The string at an offset of a section given by name."""


class Header(NamedTuple):
    """What a line program says before its first opcode."""

    directories: tuple[str, ...]
    files: tuple[tuple[str, int], ...]
    """(name, index into `directories`) by file number; before DWARF 5 number 0 is no file."""
    program: int
    """Where the opcodes start in the unit's data."""
    minimum_length: int
    default_is_stmt: bool
    line_base: int
    line_range: int
    opcode_base: int
    operand_counts: tuple[int, ...]
    version: int


class LineTable:
    """The rows of one unit in order of address.

    `addresses`, `files` and `lines` run in parallel; a row with line 0 starts a stretch that
    belongs to no line, also at each sequence's end.
    """

    def __init__(self) -> None:
        self.addresses = array("Q")
        self.files = array("I")
        self.lines = array("I")
        self.statements = bytearray()

    def find(self, address: int) -> tuple[int, int] | None:
        """(file number, line) of the code at `address`; None where no line is meant.

        Of several rows at the address that covers it, the last that begins a statement counts, as
        for gdb; where none does, the last.
        """
        index = bisect_right(self.addresses, address) - 1
        if index < 0:
            return None
        statement = index
        here = self.addresses[index]
        while not self.statements[statement] and statement and self.lines[statement - 1]:
            if self.addresses[statement - 1] != here:
                break
            statement -= 1
        best = statement if self.statements[statement] else index
        return (self.files[best], self.lines[best]) if self.lines[best] else None

    def addresses_of(self, files: frozenset[int], line: int) -> list[int]:
        """Where each run of rows of `line` in one of `files` first begins a statement."""
        found = []
        begun = False
        rows = zip(self.addresses, self.files, self.lines, self.statements, strict=True)
        for address, file, number, statement in rows:
            if number != line or file not in files:
                begun = False
            elif statement and not begun:
                begun = True
                found.append(address)
        return found

    def append(self, address: int, file: int, line: int, statement: int) -> None:
        """Add a row at the end."""
        self.addresses.append(address)
        self.files.append(file)
        self.lines.append(line)
        self.statements.append(statement)

    def extend(self, other: "LineTable", part: slice) -> None:
        """Add a part of another table's rows at the end, in order of address."""
        addresses = other.addresses[part]
        columns = (self.addresses, self.files, self.lines, self.statements)
        theirs = (addresses, other.files[part], other.lines[part], other.statements[part])
        if all(map(le, addresses, addresses[1:])):
            for own, more in zip(columns, theirs, strict=True):
                own.extend(more)
        else:
            order = sorted(range(len(addresses)), key=addresses.__getitem__)
            for own, more in zip(columns, theirs, strict=True):
                own.extend(map(more.__getitem__, order))

    # --- what was run, to be kept --------------------------------------------------------------

    def packed(self) -> bytes:
        """All rows, for `unpacked`."""
        return b"".join(column.tobytes() for column in self._columns) + self.statements

    @classmethod
    def unpacked(cls, content: bytes) -> "LineTable":
        """The table whose `packed` gave `content`, on the same machine."""
        table = cls()
        columns = table._columns
        count = len(content) // (1 + sum(column.itemsize for column in columns))
        at = 0
        for column in columns:
            size = count * column.itemsize
            column.frombytes(content[at : at + size])
            at += size
        table.statements += content[at:]
        return table

    @property
    def _columns(self) -> "tuple[array[int], array[int], array[int]]":
        return self.addresses, self.files, self.lines


def read_header(cursor: Cursor, text_at: TextAt) -> Header:
    """Read the header at `cursor`, which holds one unit's data and no more; DamageError."""
    _length, wide = cursor.initial_length()
    version = cursor.u16()
    if not 2 <= version <= 5:
        raise DamageError
    if version >= 5:
        cursor.skip(2)
    header_length = cursor.offset(wide)
    program = cursor.at + header_length
    minimum_length = cursor.u8()
    if version >= 4:
        cursor.skip(1)
    default_is_stmt = cursor.u8() != 0
    line_base = (cursor.u8() ^ 0x80) - 0x80
    line_range, opcode_base = cursor.u8(), cursor.u8()
    if not line_range or not opcode_base:
        raise DamageError
    counts = tuple(cursor.u8() for _ in range(opcode_base - 1))
    read = _read_tables if version >= 5 else _read_old_tables
    directories, files = read(cursor, wide, text_at)
    return Header(
        directories, files, program, minimum_length, default_is_stmt,
        line_base, line_range, opcode_base, (0, *counts), version,
    )  # fmt: skip


_Tables = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]


def _read_old_tables(cursor: Cursor, _wide: bool, _text_at: TextAt) -> _Tables:
    """DWARF 2 to 4: strings ended by an empty one; directory 0 is the compilation's own."""
    directories, files = [""], [("", 0)]
    while (name := cursor.string()) and len(directories) < _MOST_FILES:
        directories.append(_decoded(name))
    while (name := cursor.string()) and len(files) < _MOST_FILES:
        files.append((_decoded(name), cursor.uleb()))
        cursor.uleb()
        cursor.uleb()
    return tuple(directories), tuple(files)


def _read_tables(cursor: Cursor, wide: bool, text_at: TextAt) -> _Tables:
    """DWARF 5: tables that describe their own columns (6.2.4.1)."""
    directories = tuple(name for name, _ in _read_entries(cursor, wide, text_at))
    return directories, tuple(_read_entries(cursor, wide, text_at))


def _read_entries(cursor: Cursor, wide: bool, text_at: TextAt) -> list[tuple[str, int]]:
    columns = [(cursor.uleb(), cursor.uleb()) for _ in range(cursor.u8())]
    count = cursor.uleb()
    if count > _MOST_FILES or (count and not columns):
        raise DamageError
    entries = []
    for _ in range(count):
        name, directory = "", 0
        for content, form in columns:
            value = _column(cursor, form, wide, text_at)
            if content == _CONTENT_PATH and isinstance(value, str):
                name = value
            elif content == _CONTENT_DIRECTORY and isinstance(value, int):
                directory = value
        entries.append((name, directory))
    return entries


def _column(cursor: Cursor, form: int, wide: bool, text_at: TextAt) -> str | int:
    match form:
        case 0x08:
            return _decoded(cursor.string())
        case 0x1F:
            return text_at(".debug_line_str", cursor.offset(wide))
        case 0x0E:
            return text_at(".debug_str", cursor.offset(wide))
        case 0x0F:
            return cursor.uleb()
        case 0x0B:
            return cursor.u8()
        case 0x05:
            return cursor.u16()
        case 0x06:
            return cursor.u32()
        case 0x07:
            return cursor.number(8)
        case 0x1E:
            cursor.skip(16)
            return 0
        case 0x09:
            cursor.skip(cursor.uleb())
            return 0
    raise DamageError


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def run(header: Header, data: bytes, address_size: int) -> LineTable:
    """Run the opcodes of a unit's `data` after `header`; what follows damage is left out.

    Sequences at address 0 are left out: they belonged to code that the linker dropped. So are
    those that overlap an earlier one, which no linked image needs.
    """
    rows, sequences = LineTable(), list[slice]()
    with suppress(DamageError):  # a wrong opcode spoils what follows it, not what was read
        _execute(header, Cursor(data, header.program), address_size, rows, sequences)
    table = LineTable()
    end = 1
    for part in sorted(sequences, key=lambda part: rows.addresses[part.start]):
        if rows.addresses[part.start] >= end:
            table.extend(rows, part)
            end = table.addresses[-1]
    return table


def _execute(
    header: Header,
    cursor: Cursor,
    address_size: int,
    rows: LineTable,
    sequences: list[slice],
) -> None:
    """Run all opcodes, adding rows and, for each sequence that ends, where its rows are.

    One loop, because it runs for every byte: a call for each opcode makes it three times slower.
    """
    data, end = cursor.data, len(cursor.data)
    base, line_base, line_range = header.opcode_base, header.line_base, header.line_range
    step, default = header.minimum_length, _IS_STMT if header.default_is_stmt else 0
    mask = (1 << (8 * address_size)) - 1
    address, file, line, statement = 0, 1, 1, default
    begin = 0
    while cursor.at < end:
        opcode = data[cursor.at]
        cursor.at += 1
        if opcode >= base:
            advance, up = divmod(opcode - base, line_range)
            address = (address + advance * step) & mask
            line = (line + line_base + up) & 0xFFFFFFFF
            rows.append(address, file, line, statement)
        elif opcode == 0:
            length = cursor.uleb()
            following = cursor.at + length
            kind = cursor.u8()
            if length == 0 or following > end or len(rows.addresses) > _MOST_ROWS:
                raise DamageError
            if kind == 1:
                rows.append(address, 0, 0, _IS_STMT)
                sequences.append(slice(begin, len(rows.addresses)))
                begin = len(rows.addresses)
                address, file, line, statement = 0, 1, 1, default
            elif kind == 2:
                address = cursor.address(length - 1) & mask
            cursor.at = following
        elif opcode == 1:
            rows.append(address, file, line, statement)
        elif opcode == 2:
            address = (address + cursor.uleb() * step) & mask
        elif opcode == 3:
            line = (line + cursor.sleb()) & 0xFFFFFFFF
        elif opcode == 4:
            file = cursor.uleb() & 0xFFFFFFFF
        elif opcode == 5:
            cursor.uleb()
        elif opcode == 6:
            statement ^= _IS_STMT
        elif opcode == 8:
            address = (address + (255 - base) // line_range * step) & mask
        elif opcode == 9:
            address = (address + cursor.u16()) & mask
        else:
            for _ in range(header.operand_counts[opcode]):
                cursor.uleb()
