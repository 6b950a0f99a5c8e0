"""A user program's ELF file, parsed without trust: what is wrong with it is said in one line.

System V gABI, chapters 4 and 5; limits as in Linux's fs/binfmt_elf.c.
"""

import os
import stat
import struct
from pathlib import Path
from typing import NamedTuple

from systui.model.errors import BadInputError
from systui.services.memory import PAGE, TASK_SIZE
from systui.services.narrow import UNDER_64
from systui.words import _

LARGEST_FILE = 256 << 20
_LARGEST_HEADERS = 0x10000
_LONGEST_NAME = 4096
_HEADERS = {64: struct.Struct("<16sHHIQQQIHHHHHH"), 32: struct.Struct("<16sHHIIIIIHHHHHH")}
_SEGMENTS = {64: struct.Struct("<IIQQQQQQ"), 32: struct.Struct("<8I")}
_EXEC, _DYN = 2, 3
_LOAD, _INTERP = 1, 3
_BITS = {(62, 2): 64, (3, 1): 32}
"""Word size by machine and ELF class."""
_MACHINES = {
    2: "SPARC",
    3: "i386",
    4: "m68k",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC64",
    22: "S/390",
    40: "ARM",
    42: "SuperH",
    43: "SPARC64",
    50: "IA-64",
    62: "x86_64",
    183: "AArch64",
    243: "RISC-V",
    247: "BPF",
    258: "LoongArch",
}


class Load(NamedTuple):
    """A PT_LOAD segment: link-time addresses, flags 4 read, 2 write, 1 execute."""

    address: int
    size: int
    offset: int
    file_size: int
    flags: int

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.address + self.size


class Program(NamedTuple):
    """A checked executable or interpreter."""

    name: str
    data: bytes
    entry: int
    position_independent: bool
    loads: tuple[Load, ...]
    interpreter: str | None
    headers: int
    """Link-time address of the program headers, 0 where no segment holds them."""
    header_count: int
    bits: int = 64

    @property
    def start(self) -> int:
        """Lowest page that it needs."""
        return self.loads[0].address & -PAGE

    @property
    def end(self) -> int:
        """First address behind its last segment."""
        return self.loads[-1].end


def read_program(path: Path) -> bytes:
    """An executable file's bytes; BadInputError says why it cannot be run."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _bad(path, _("not a regular file"))
            if not found.st_mode & 0o111:
                raise _bad(path, _("not executable (chmod +x makes it so)"))
            if found.st_size > LARGEST_FILE:
                raise _bad(path, _("too large for the emulator"))
            return file.read(LARGEST_FILE)
    except IsADirectoryError:
        raise _bad(path, _("is a directory")) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise _bad(path, why or str(error)) from None


def parse(name: str, data: bytes, limit: int) -> Program:
    """Check `data`, called `name` in messages; `limit`: bytes that its segments may take."""
    if data[:2] == b"#!":
        raise _bad(name, _("is a script; give the interpreter that runs it"))
    if data[:4] != b"\x7fELF":
        raise _bad(name, _("not an ELF file"))
    if len(data) < _HEADERS[32].size:
        raise _bad(name, _("truncated"))
    machine = int.from_bytes(data[18:20], "little" if data[5] != 2 else "big")
    bits = _BITS.get((machine, data[4])) if data[5] == 1 else None
    if bits is None:
        found = _MACHINES.get(machine, _("machine number {number}").format(number=machine))
        raise _bad(name, _("made for {machine}, not for x86_64").format(machine=found))
    if len(data) < _HEADERS[bits].size:
        raise _bad(name, _("truncated"))
    return _Parser(name, data, limit, bits).run()


class _Parser:
    def __init__(self, name: str, data: bytes, limit: int, bits: int) -> None:
        self._bits = bits
        self._layout = _SEGMENTS[bits]
        self._task_size = TASK_SIZE if bits == 64 else UNDER_64.end
        self._name = name
        self._data = data
        self._limit = limit
        fields = _HEADERS[bits].unpack_from(data)
        self._type, self._entry, self._at = fields[1], fields[4], fields[5]
        self._size, self._count = fields[9], fields[10]

    def run(self) -> Program:
        if self._type not in (_EXEC, _DYN):
            raise self._bad(_("an ELF file, but not a linked program"))
        headers = self._program_headers()
        loads = tuple(self._load(fields) for fields in headers if fields[0] == _LOAD)
        self._check(loads)
        return Program(
            *(self._name, self._data, self._entry, self._type == _DYN, loads),
            interpreter=self._interpreter(headers),
            headers=self._headers_address(loads),
            header_count=self._count,
            bits=self._bits,
        )

    def _program_headers(self) -> list[tuple[int, ...]]:
        if self._size != self._layout.size or not self._count:
            raise self._bad(_("its program headers have an impossible size"))
        length = self._size * self._count
        if length > _LARGEST_HEADERS or self._at + length > len(self._data):
            raise self._bad(_("its program headers are cut off"))
        found = list(self._layout.iter_unpack(self._data[self._at : self._at + length]))
        if self._bits == 64:
            return found
        # The same fields, but the flags are the last but one.
        return [(*each[:1], each[6], *each[1:6], each[7]) for each in found]

    def _load(self, fields: tuple[int, ...]) -> Load:
        _type, flags, offset, address, _physical, file_size, size, _align = fields
        if file_size > size or offset + file_size > len(self._data):
            raise self._bad(_("a segment reaches beyond the end of the file"))
        if (offset - address) % PAGE:
            raise self._bad(_("a segment lies across pages"))
        if address + size > self._task_size:
            raise self._bad(_("a segment lies outside the address space"))
        return Load(address, size, offset, file_size, flags & 7)

    def _check(self, loads: tuple[Load, ...]) -> None:
        if not loads:
            raise self._bad(_("nothing in it is to be loaded"))
        if sum(load.size for load in loads) > self._limit:
            raise self._bad(_("asks for more memory than the emulator gives a program"))
        if loads[-1].end - loads[0].address > self._task_size // 4:
            raise self._bad(_("its segments lie too far apart"))
        end = 0
        for load in loads:
            if load.address < end:
                raise self._bad(_("its segments overlap or are out of order"))
            end = load.end
        if self._type == _EXEC and loads[0].address < PAGE * 16:
            raise self._bad(_("a segment lies at the lowest addresses, which are never mapped"))

    def _interpreter(self, headers: list[tuple[int, ...]]) -> str | None:
        for fields in headers:
            if fields[0] == _INTERP:
                offset, size = fields[2], fields[5]
                raw = self._data[offset : offset + min(size, _LONGEST_NAME)]
                if not 2 <= size <= _LONGEST_NAME or len(raw) < size or raw[-1]:
                    raise self._bad(_("its interpreter's name is damaged"))
                return os.fsdecode(raw.split(b"\0")[0])
        return None

    def _headers_address(self, loads: tuple[Load, ...]) -> int:
        for load in loads:
            if load.offset <= self._at < load.offset + load.file_size:
                return load.address + int(self._at) - load.offset
        return 0

    def _bad(self, why: str) -> BadInputError:
        return _bad(self._name, why)


def _bad(name: str | Path, why: str) -> BadInputError:
    return BadInputError(_("{program}: {why}").format(program=name, why=why))
