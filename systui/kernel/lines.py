"""Source lines: which line an address belongs to, and where a line's code starts.

Only the line programs that are asked for are run, found through `dwarf.Units`. Damaged or missing
line tables raise nothing: those addresses have no line, and `problem` says why.
"""

import posixpath
from sys import byteorder
from typing import NamedTuple

from systui.kernel import cache
from systui.kernel.cursor import Cursor, DamageError
from systui.kernel.dwarf import Unit, Units
from systui.kernel.harmless import harmless
from systui.kernel.image import Image
from systui.kernel.lineprogram import Header, LineTable, read_header, run
from systui.model.code import SourceLine
from systui.model.errors import BadInputError
from systui.words import _

_LARGEST_PROGRAM = 1 << 22
"""Bytes of one unit's line program; the largest unit of a distribution kernel has 0.3 MB."""
_WORTH_KEEPING = 1 << 11
"""Bytes of a line program that takes longer to run than its table to look up."""
_MOST_TABLES = 512
_MOST_UNITS_FOR_A_LINE = 64
_MOST_MENTIONS = 64
_MOST_BASES = 32
_KERNEL_TREE = "/arch/x86/"


class _UnitLines(NamedTuple):
    """One unit's rows and the names of its files."""

    table: LineTable
    names: tuple[str, ...]
    """By file number; empty for a number that names none."""

    def packed(self) -> bytes:
        """All of it, for `unpacked`."""
        rows = self.table.packed()
        return len(rows).to_bytes(8, "little") + rows + "\0".join(self.names).encode()

    @classmethod
    def unpacked(cls, content: bytes) -> "_UnitLines":
        """What `packed` gave `content` of, on the same machine."""
        end = 8 + int.from_bytes(content[:8], "little")
        names = content[end:].decode().split("\0")
        return cls(LineTable.unpacked(content[8:end]), tuple(names))


class Lines:
    """The line tables of one image, at link-time addresses."""

    def __init__(self, image: Image) -> None:
        """Nothing is read yet; an image without line tables has no lines."""
        self._image = image
        self._section = image.section(".debug_line")
        self._units = Units(image)
        self._tables: dict[int, _UnitLines | None] = {}
        self._strings: dict[str, bytes] = {}
        self._mentions: dict[str, list[tuple[Unit, tuple[str, ...]]]] = {}
        self.problem: str | None = None
        """One line for a person about what could not be read; None while all is well."""

    def at(self, address: int) -> SourceLine | None:
        """The line that the code at `address` was made from; None where no line is known."""
        unit = self._units.unit_of(address)
        lines = None if unit is None else self._lines_of(unit)
        found = None if lines is None else lines.table.find(address)
        if found is None or lines is None:
            return None
        file, line = found
        name = lines.names[file] if file < len(lines.names) else ""
        return SourceLine(name, line) if name else None

    def addresses(self, file: str, line: int) -> tuple[int, ...]:
        """Where code of `line` of `file` (spelt as `at` spells it) begins, lowest first.

        The unit compiled from `file` is asked; if there is none (a header), the first 64 units
        that mention it.
        """
        found: set[int] = set()
        for unit in self._units_with(file):
            lines = self._lines_of(unit)
            if lines is not None:
                numbers = (number for number, name in enumerate(lines.names) if name == file)
                found.update(lines.table.addresses_of(frozenset(numbers), line))
        return tuple(sorted(found))

    def files(self, name: str) -> tuple[str, ...]:
        """The files called `name`, or whose path ends in it, as `at` spells them."""
        end = "/" + name.lstrip("/")
        found = {
            each
            for _unit, names in self._mentioning(name)
            for each in names
            if each == name or each.endswith(end)
        }
        return tuple(sorted(found, key=lambda each: (len(each), each)))

    # --- line programs ---------------------------------------------------------------------

    def _lines_of(self, unit: Unit) -> _UnitLines | None:
        offset = unit.line_offset
        if offset is None:
            return None
        if offset not in self._tables:
            if len(self._tables) >= _MOST_TABLES:
                self._tables.clear()
            self._tables[offset] = self._guarded(unit, offset)
        return self._tables[offset]

    def _guarded(self, unit: Unit, offset: int) -> _UnitLines | None:
        try:
            return self._kept(unit, offset)
        except DamageError:
            self.problem = _("{path}: the line table at {offset:#x} is damaged").format(
                path=self._image.path, offset=offset
            )
        except BadInputError as error:
            self.problem = str(error)
        return None

    def _kept(self, unit: Unit, offset: int) -> _UnitLines:
        """A unit's lines; those of a large one are kept from one time to the next."""
        data, build_id = self._program(offset), self._image.build_id
        if build_id is None or len(data) < _WORTH_KEEPING:
            return self._run(unit, data)
        facts = (self._image.bits, byteorder, unit.directory, self._image.section(".debug_str"))
        return _UnitLines.unpacked(
            cache.kept(
                f"lines/{build_id[:64]}-{offset:x}",
                (data, self._line_strings(), repr(facts).encode()),
                lambda: self._run(unit, data).packed(),
            )
        )

    def _run(self, unit: Unit, data: bytes) -> _UnitLines:
        header = read_header(Cursor(data), self._text_at)
        table = run(header, data, self._image.bits // 8)
        return _UnitLines(table, _names(header, unit.directory))

    def _program(self, offset: int) -> bytes:
        """One unit of .debug_line; DamageError, BadInputError."""
        size = self._length(offset)
        if self._section is None or size > _LARGEST_PROGRAM:
            raise DamageError
        return self._image.part(self._section, offset, size)

    def _length(self, offset: int, of_header: bool = False) -> int:
        """Bytes of the unit at `offset` of .debug_line, or of its header."""
        if self._section is None:
            raise DamageError
        start = Cursor(self._image.part(self._section, offset, 24))
        length, wide = start.initial_length()
        if not of_header:
            return start.at + length
        if start.u16() >= 5:
            start.skip(2)
        length = start.offset(wide)
        return start.at + length

    def _header(self, offset: int, mentions: "_Mentions") -> Header | None:
        """The header of the line program at `offset` if it can name the file looked for."""
        size = self._length(offset, of_header=True)
        if self._section is None or size > _LARGEST_PROGRAM:
            raise DamageError
        data = self._image.part(self._section, offset, size)
        return read_header(Cursor(data), self._text_at) if mentions.in_header(data) else None

    def _text_at(self, section: str, offset: int) -> str:
        strings = self._strings.get(section)
        if strings is None:
            found = self._image.section(section)
            strings = b"" if found is None else self._image.content(found)
            self._strings[section] = strings
        end = strings.find(b"\0", offset, offset + 4096)
        return strings[offset : max(end, offset)].decode("utf-8", "replace")

    # --- files -----------------------------------------------------------------------------

    def _units_with(self, file: str) -> list[Unit]:
        """The units to ask for lines of `file`."""
        found: list[Unit] = []
        for unit, names in self._mentioning(file):
            if file not in names:
                continue
            if names[0] == file:
                return [unit]
            if len(found) < _MOST_UNITS_FOR_A_LINE:
                found.append(unit)
        return found

    def _mentioning(self, file: str) -> list[tuple[Unit, tuple[str, ...]]]:
        """The units that name a file of this base name, with their files, their own first."""
        base = posixpath.basename(file)
        known = self._mentions.get(base)
        if known is not None:
            return known
        mentions = _Mentions(base.encode(), self._line_strings())
        found: list[tuple[Unit, tuple[str, ...]]] = []
        for unit in self._units.all():
            try:
                header = self._header(unit.line_offset or 0, mentions)
            except (DamageError, BadInputError):
                continue
            if header is not None:
                names = _names(header, unit.directory)
                found.append((unit, names if header.version >= 5 else names[1:]))
        if len(self._mentions) >= _MOST_BASES:
            self._mentions.clear()
        self._mentions[base] = found
        return found

    def _line_strings(self) -> bytes:
        self._text_at(".debug_line_str", 0)
        return self._strings[".debug_line_str"]


class _Mentions:
    """Tells whether a line program's header can name a file, before it is taken apart."""

    def __init__(self, name: bytes, strings: bytes) -> None:
        self._name = name
        self._references: list[bytes] = []
        at = strings.find(name + b"\0")
        while at >= 0 and len(self._references) < _MOST_MENTIONS:
            start = strings.rfind(b"\0", 0, at) + 1
            self._references += (place.to_bytes(4, "little") for place in {start, at})
            at = strings.find(name + b"\0", at + 1)

    def in_header(self, header: bytes) -> bool:
        """The name itself, or an offset of it in .debug_line_str, stands in `header`."""
        return self._name in header or any(each in header for each in self._references)


def _names(header: Header, directory: str) -> tuple[str, ...]:
    """The short path of each file of a line program, by file number."""
    own = header.directories[0] if header.version >= 5 and header.directories else directory
    places = [posixpath.join(own, each) for each in header.directories]
    return tuple(
        short_path(posixpath.join(places[index] if index < len(places) else own, name), own)
        if name
        else ""
        for name, index in header.files
    )


def short_path(path: str, directory: str) -> str:
    """`path` as a reader knows it, where `directory` is where the compiler ran.

    Below `directory`: relative to it. In a kernel tree that was built elsewhere: from `arch/` or
    from the directory that both share. Everything else stays as it is.
    """
    path = harmless(posixpath.normpath(path))
    directory = posixpath.normpath(directory) if directory else ""
    inside = directory.rstrip("/") + "/"
    if directory and path.startswith(inside):
        return path[len(inside) :]
    if not path.startswith("/"):
        while path.startswith("../"):
            path = path[3:]
        return path
    in_tree = path.find(_KERNEL_TREE)
    if in_tree >= 0:
        return path[in_tree + 1 :]
    shared = posixpath.commonpath((path, directory)) if directory.startswith("/") else "/"
    if shared.count("/") >= 2:
        return path[len(shared) + 1 :]
    return path
