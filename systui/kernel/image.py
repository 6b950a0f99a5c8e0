"""One ELF file, kernel or user program: what lies where and what it is called.

All addresses are link-time ones; whoever runs the image adds its slide.
"""

import struct
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from sys import byteorder

from systui.kernel import cache
from systui.kernel.elf import (
    PT_LOAD,
    PT_NOTE,
    SHF_COMPRESSED,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_SYMTAB,
    File,
    Section,
    Segment,
    read_headers,
)
from systui.kernel.symbols import SymbolTable
from systui.model.code import Symbol
from systui.model.errors import BadInputError
from systui.words import _

__all__ = ["Image", "Section", "Segment"]

_LARGEST_TABLE = 1 << 27
_LARGE_TABLE = 1 << 19
"""Bytes of a symbol table that takes longer to put in order than to look up."""
_LARGEST_NOTES = 1 << 16
_LARGEST_READ = 1 << 26
_LARGEST_UNPACKED = 1 << 26
_NT_GNU_BUILD_ID = 3
_ZLIB = 1


class Image:
    """An opened ELF file. Headers are checked at once, everything else is read when asked for.

    Once open, nothing but `content` and `part` raises: what cannot be told is None or empty.
    """

    def __init__(self, file: File) -> None:
        """Read the headers of `file`; BadInputError as `open` says."""
        headers = read_headers(file)
        self._file = file
        self.path: Path = file.path
        self.machine: str = headers.machine
        """`x86_64` or `i386`."""
        self.bits: int = headers.bits
        self.entry: int = headers.entry
        """Address of the first instruction, 0 where the file names none."""
        self.position_independent: bool = headers.position_independent
        """ET_DYN: static-pie, PIE or a shared object, to be placed anywhere."""
        self.program_headers: tuple[Segment, ...] = headers.segments
        self.segments: tuple[Segment, ...] = tuple(
            segment for segment in headers.segments if segment.type == PT_LOAD
        )
        """PT_LOAD only, in the file's order."""
        self.sections: tuple[Section, ...] = headers.sections
        self._symbol_data = self._find_symbols()
        self._unpacked_sections: dict[int, bytes] = {}

    @classmethod
    def open(cls, path: Path) -> "Image":
        """Open the ELF file at `path`.

        BadInputError, one clear line, where it cannot be read, is no linked x86 ELF file, or
        where its headers or its symbol table are damaged or cut short.
        """
        file = File(path)
        try:
            return cls(file)
        except BaseException:
            file.close()
            raise

    def close(self) -> None:
        """Give the file's descriptor back; reading from it is an error afterwards."""
        self._file.close()

    # --- symbols ---------------------------------------------------------------------------

    def symbol(self, name: str) -> Symbol | None:
        """The symbol called `name`; of several, a global one before a local one."""
        return self._symbols.named(name)

    def beginning(self, start: str, most: int) -> list[str]:
        """Names of symbols that begin with `start`, at most `most`, by the alphabet."""
        return self._symbols.beginning(start, most)

    def symbols(self) -> Sequence[Symbol]:
        """All defined labels, functions and objects by address; empty for a stripped file."""
        return self._symbols

    def locate(self, address: int) -> tuple[Symbol, int] | None:
        """The nearest symbol at or below `address` in its section, and the distance in bytes.

        None outside every section and where the section has no symbol so far down. Which of
        several symbols at one address is taken: see `SymbolTable.at_or_before`.
        """
        section = self.section_at(address)
        if section is None:
            return None
        symbol = self._symbols.at_or_before(address, section)
        return None if symbol is None else (symbol, address - symbol.address)

    def name_by(self, table: bytes, names: bytes) -> None:
        """Take these contents of a `.symtab` and its strings instead of the file's own."""
        self._symbols = self._indexed(table, names)

    @cached_property
    def _symbols(self) -> SymbolTable:
        table, names = self._symbol_data
        if table is None or names is None:
            return SymbolTable(b"", b"", self.bits == 64, ())
        return self._indexed(
            self._file.read(table.offset, table.size), self._file.read(names.offset, names.size)
        )

    def _indexed(self, table: bytes, names: bytes) -> SymbolTable:
        """The symbols in `table`; a large one's orders are kept from one time to the next."""
        symbols = SymbolTable(table, names, self.bits == 64, self.sections)
        if len(table) >= _LARGE_TABLE and self.build_id is not None:
            inputs = (table, names, repr((self.bits, byteorder, self.sections)).encode())
            symbols.take(cache.kept(f"{self.build_id[:64]}.symbols", inputs, symbols.worked_out))
        return symbols

    def _find_symbols(self) -> tuple[Section | None, Section | None]:
        """`.symtab` and its strings, known to lie in the file."""
        table = next((each for each in self.sections if each.type == SHT_SYMTAB), None)
        if table is None:
            return None, None
        if table.link >= len(self.sections):
            raise BadInputError(_("{path}: damaged symbol table").format(path=self.path))
        names = self.sections[table.link]
        for part in (table, names):
            if part.offset + part.size > self._file.size:
                raise self._file.truncated()
            if part.size > _LARGEST_TABLE or part.type == SHT_NOBITS:
                raise BadInputError(_("{path}: damaged symbol table").format(path=self.path))
        return table, names

    # --- sections --------------------------------------------------------------------------

    def section(self, name: str) -> Section | None:
        """The first section called `name`."""
        return self._sections_by_name.get(name)

    @cached_property
    def _sections_by_name(self) -> dict[str, Section]:
        return {section.name: section for section in reversed(self.sections)}

    def section_at(self, address: int) -> Section | None:
        """The loaded section that holds `address`."""
        starts, sections = self._loaded_sections
        index = bisect_right(starts, address) - 1
        if index < 0 or address - sections[index].address >= sections[index].size:
            return None
        return sections[index]

    @cached_property
    def _loaded_sections(self) -> tuple[list[int], list[Section]]:
        loaded = [each for each in self.sections if each.allocated and each.size]
        loaded.sort(key=lambda section: section.address)
        return [section.address for section in loaded], loaded

    def content(self, section: Section) -> bytes:
        """All that the file holds for `section`, unpacked when it is compressed.

        BadInputError where it is cut short, larger than systui takes in, or compressed in a way
        that Python cannot undo.
        """
        if section.type == SHT_NOBITS:
            return b""
        if section.flags & SHF_COMPRESSED:
            return self._unpacked(section)
        if section.size > _LARGEST_TABLE:
            raise self._too_large(section)
        return self._file.read(section.offset, section.size)

    def content_of(self, name: str) -> bytes:
        """The content of the section called `name`; empty where it has none that can be read."""
        section = self.section(name)
        try:
            return b"" if section is None else self.content(section)
        except BadInputError:
            return b""

    def part(self, section: Section, offset: int, size: int) -> bytes:
        """`size` bytes from `offset` of what `content` is, fewer at its end; BadInputError."""
        if section.flags & SHF_COMPRESSED:
            return self._unpacked(section)[offset : offset + size]
        start = min(max(offset, 0), section.size)
        return self._file.read(section.offset + start, min(size, section.size - start))

    def content_size(self, section: Section) -> int:
        """Bytes that `content` gives; BadInputError."""
        return len(self._unpacked(section)) if section.flags & SHF_COMPRESSED else section.size

    def _unpacked(self, section: Section) -> bytes:
        """A compressed section's content (gABI chapter 4, section compression)."""
        known = self._unpacked_sections.get(section.number)
        if known is not None:
            return known
        import zlib

        if section.size > _LARGEST_TABLE:
            raise self._too_large(section)
        data = self._file.read(section.offset, section.size)
        header = struct.Struct("<IIQQ" if self.bits == 64 else "<III")
        if len(data) < header.size:
            raise self._file.truncated()
        if header.unpack_from(data)[0] != _ZLIB:
            raise BadInputError(
                _("{path}: {section} is compressed in a way systui cannot read").format(
                    path=self.path, section=section.name
                )
            )
        unpacker = zlib.decompressobj()
        try:
            unpacked = unpacker.decompress(memoryview(data)[header.size :], _LARGEST_UNPACKED)
        except zlib.error as error:
            raise BadInputError(
                _("{path}: {section} is damaged").format(path=self.path, section=section.name)
            ) from error
        if unpacker.unconsumed_tail:
            raise self._too_large(section)
        self._unpacked_sections[section.number] = unpacked
        return unpacked

    def _too_large(self, section: Section) -> BadInputError:
        return BadInputError(
            _("{path}: {section} is larger than systui reads").format(
                path=self.path, section=section.name
            )
        )

    # --- content ---------------------------------------------------------------------------

    def read(self, address: int, size: int) -> bytes | None:
        """The bytes that loading puts at `address`: from the file, and zeros after it.

        None where a segment does not hold all of them, or for more than 64 MiB.
        """
        if size < 0 or size > _LARGEST_READ:
            return None
        for segment in self.segments:
            offset = address - segment.vaddr
            if offset >= 0 and offset + size <= segment.memory_size:
                stored = min(size, max(segment.file_size - offset, 0))
                try:
                    data = self._file.read(segment.file_offset + offset, stored) if stored else b""
                except BadInputError:
                    return None
                return data + bytes(size - stored)
        return None

    @cached_property
    def build_id(self) -> str | None:
        """The linker's build-id in hexadecimal; None where the file has none."""
        places = [
            *((each.file_offset, each.file_size) for each in self._notes_in_segments()),
            *((each.offset, each.size) for each in self.sections if each.type == SHT_NOTE),
        ]
        for offset, size in places:
            try:
                notes = self._file.read(offset, min(size, _LARGEST_NOTES))
            except BadInputError:
                continue
            found = _gnu_build_id(notes)
            if found is not None:
                return found
        return None

    def _notes_in_segments(self) -> list[Segment]:
        return [segment for segment in self.program_headers if segment.type == PT_NOTE]


def _gnu_build_id(notes: bytes) -> str | None:
    """The build-id in a run of ELF notes (gABI chapter 5, note section)."""
    at = 0
    while at + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from("<III", notes, at)
        name_at = at + 12
        data_at = name_at + (name_size + 3 & ~3)
        if data_at + size > len(notes):
            return None
        if kind == _NT_GNU_BUILD_ID and notes[name_at : name_at + name_size] == b"GNU\0":
            return notes[data_at : data_at + size].hex()
        at = data_at + (size + 3 & ~3)
    return None
