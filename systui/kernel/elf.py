"""ELF headers, read by `struct` from a file that nobody vouches for.

Source of facts: System V gABI chapters 4 and 5 (ELF header, section header, program header,
notes) and the x86-64 psABI. Everything is checked against the file's size before it is used, so
that a table can neither point outside the file nor make us allocate more than the file holds.

Not pyelftools: importing it takes 45 ms, three times what Python itself needs to start, and a
cold headless run is to take 0.2 s in all.
"""

import os
import struct
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import IO, NamedTuple

from systui.model.errors import BadInputError
from systui.words import _

MACHINES = {(2, 62): "x86_64", (1, 3): "i386"}
"""(class, e_machine) of what systui understands."""
_OTHER_MACHINES = {
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC64",
    22: "S390",
    40: "ARM",
    62: "x32",
    183: "AArch64",
    243: "RISC-V",
    258: "LoongArch",
}
_EXECUTABLE, _SHARED = 2, 3
_ELF = b"\x7fELF"
PT_LOAD, PT_INTERP, PT_NOTE = 1, 3, 4
SHT_NOBITS, SHT_NOTE, SHT_SYMTAB = 8, 7, 2
SHF_ALLOC, SHF_EXECUTE, SHF_TLS, SHF_COMPRESSED = 0x2, 0x4, 0x400, 0x800
_MANY_SEGMENTS = 0xFFFF
_MOST_SECTIONS = 1 << 20
_MOST_SEGMENTS = 1 << 12
_LONGEST_NAMES = 1 << 24


class Segment(NamedTuple):
    """A program header: `file_size` bytes at `file_offset` appear at `vaddr`, zeros after them."""

    type: int
    """1 is PT_LOAD."""
    vaddr: int
    paddr: int
    file_offset: int
    file_size: int
    memory_size: int
    flags: int
    """4 readable, 2 writable, 1 executable."""

    @property
    def readable(self) -> bool:
        """The program may read it."""
        return bool(self.flags & 4)

    @property
    def writable(self) -> bool:
        """The program may write it."""
        return bool(self.flags & 2)

    @property
    def executable(self) -> bool:
        """The program may execute it."""
        return bool(self.flags & 1)


class Section(NamedTuple):
    """A section header. `address` is 0 for what is not loaded."""

    number: int
    """Its place in the section header table."""
    name: str
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int

    @property
    def allocated(self) -> bool:
        """It occupies memory at `address` (thread-local templates of zeros do not)."""
        zeros_per_thread = self.type == SHT_NOBITS and self.flags & SHF_TLS
        return bool(self.flags & SHF_ALLOC) and not zeros_per_thread


class Headers(NamedTuple):
    """What an ELF file says about itself."""

    machine: str
    bits: int
    position_independent: bool
    entry: int
    segments: tuple[Segment, ...]
    """All program headers, not only PT_LOAD."""
    sections: tuple[Section, ...]


class File:
    """A regular file read at offsets; never mapped, so that truncating it meanwhile cannot kill."""

    def __init__(self, path: Path, stream: IO[bytes] | None = None) -> None:
        """Open `path`; BadInputError when it cannot be read or is no regular file.

        `stream`: read this instead, which was made of what lies at `path`.
        """
        self.path = path
        # A stream, so that the descriptor goes when this object goes.
        self._stream = _opened(path) if stream is None else stream
        self.size = os.fstat(self._stream.fileno()).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes at `offset`; BadInputError when the file has no such bytes."""
        if offset < 0 or size < 0 or offset + size > self.size:
            raise self.truncated()
        try:
            data = os.pread(self._stream.fileno(), size, offset)
        except OSError as error:
            raise BadInputError(
                _("{path}: cannot be read: {reason}").format(path=self.path, reason=error.strerror)
            ) from error
        if len(data) != size:
            raise self.truncated()
        return data

    def rewound(self) -> int:
        """The descriptor, at the content's start: for a child process to read from."""
        self._stream.seek(0)
        return self._stream.fileno()

    @property
    def is_elf(self) -> bool:
        """Whether it begins as ELF files do."""
        return self.read(0, min(len(_ELF), self.size)) == _ELF

    def truncated(self) -> BadInputError:
        """The error for a table or a content that reaches past the file's end."""
        return BadInputError(
            _("{path}: the file is cut short or damaged ({size} bytes)").format(
                path=self.path, size=self.size
            )
        )

    def close(self) -> None:
        """Give the descriptor back."""
        self._stream.close()


def _opened(path: Path) -> IO[bytes]:
    try:
        # O_NONBLOCK: opening a FIFO must not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInputError(
            _("{path}: cannot be opened: {reason}").format(path=path, reason=reason)
        ) from error
    status = os.fstat(descriptor)
    if not S_ISREG(status.st_mode):
        os.close(descriptor)
        if S_ISDIR(status.st_mode):
            raise BadInputError(_("{path}: is a directory, not a file").format(path=path))
        raise BadInputError(_("{path}: is not a regular file").format(path=path))
    return os.fdopen(descriptor, "rb", buffering=0)


def read_headers(file: File) -> Headers:
    """Read and check the ELF header, the program headers and the section headers.

    BadInputError where `file` is not a linked ELF program or kernel for x86.
    """
    ident = file.read(0, min(64, file.size))
    wide = _check_ident(file, ident)
    if len(ident) < (64 if wide else 52):
        raise file.truncated()
    fields = struct.unpack_from("<HHIQQQIHHHHHH" if wide else "<HHIIIIIHHHHHH", ident, 16)
    kind, machine, _version, entry, program_offset, section_offset, _flags = fields[:7]
    _size, program_size, program_count, section_size, section_count, names_index = fields[7:]
    name = _check_machine(file, ident[4], machine)
    _check_kind(file, kind)
    first = None
    if section_offset and (
        section_count == 0 or program_count == _MANY_SEGMENTS or names_index == 0xFFFF
    ):
        # Numbers too large for their fields stand in section header 0 (gABI, ELF header).
        first = _section_table(file, wide, section_offset, section_size, 1)[0]
        section_count = section_count or first[5]
        program_count = first[7] if program_count == _MANY_SEGMENTS else program_count
        names_index = first[6] if names_index == 0xFFFF else names_index
    return Headers(
        machine=name,
        bits=64 if wide else 32,
        position_independent=kind == _SHARED,
        entry=entry,
        segments=_segments(file, wide, program_offset, program_size, program_count),
        sections=_sections(file, wide, section_offset, section_size, section_count, names_index)
        if section_offset
        else (),
    )


def _check_ident(file: File, ident: bytes) -> bool:
    if ident[:4] != _ELF:
        raise BadInputError(_not_elf(file, ident))
    if len(ident) < 16:
        raise file.truncated()
    if ident[4] not in (1, 2) or ident[6] != 1:
        raise BadInputError(_("{path}: damaged ELF header").format(path=file.path))
    if ident[5] != 1:
        raise BadInputError(
            _("{path}: is for a big-endian machine; systui reads x86_64 and i386").format(
                path=file.path
            )
        )
    return ident[4] == 2


def _not_elf(file: File, start: bytes) -> str:
    if file.size >= 0x206 and file.read(0x202, 4) == b"HdrS":
        # Documentation/arch/x86/boot.rst: the setup header's magic of a bzImage.
        return _("{path}: is a compressed kernel (bzImage); its vmlinux is needed").format(
            path=file.path
        )
    if start[:2] == b"#!":
        return _("{path}: is a script; systui follows ELF programs").format(path=file.path)
    if not start:
        return _("{path}: the file is empty").format(path=file.path)
    return _("{path}: is not an ELF file").format(path=file.path)


def _check_machine(file: File, elf_class: int, machine: int) -> str:
    name = MACHINES.get((elf_class, machine))
    if name is None:
        other = _OTHER_MACHINES.get(machine, f"e_machine {machine}")
        raise BadInputError(
            _("{path}: is built for {machine}; systui reads x86_64 and i386").format(
                path=file.path, machine=other
            )
        )
    return name


def _check_kind(file: File, kind: int) -> None:
    if kind == 1:
        raise BadInputError(
            _("{path}: is an object file (.o or .ko), not yet linked").format(path=file.path)
        )
    if kind == 4:
        raise BadInputError(_("{path}: is a core dump, not a program").format(path=file.path))
    if kind not in (_EXECUTABLE, _SHARED):
        raise BadInputError(_("{path}: damaged ELF header").format(path=file.path))


def _segments(
    file: File, wide: bool, offset: int, entry_size: int, count: int
) -> tuple[Segment, ...]:
    if count == 0:
        return ()
    layout = struct.Struct("<IIQQQQQQ" if wide else "<IIIIIIII")
    if entry_size != layout.size or count > _MOST_SEGMENTS:
        raise BadInputError(_("{path}: damaged program headers").format(path=file.path))
    segments = []
    for row in layout.iter_unpack(file.read(offset, layout.size * count)):
        if wide:
            kind, flags, start, vaddr, paddr, file_size, memory_size, _align = row
        else:
            kind, start, vaddr, paddr, file_size, memory_size, flags, _align = row
        segment = Segment(kind, vaddr, paddr, start, file_size, memory_size, flags)
        if kind == PT_LOAD:
            _check_segment(file, segment, 64 if wide else 32)
        segments.append(segment)
    return tuple(segments)


def _check_segment(file: File, segment: Segment, bits: int) -> None:
    if segment.file_offset + segment.file_size > file.size:
        raise file.truncated()
    if segment.memory_size < segment.file_size:
        raise BadInputError(
            _("{path}: the segment at {address:#x} holds more in the file than in memory").format(
                path=file.path, address=segment.vaddr
            )
        )
    if segment.vaddr + segment.memory_size > 1 << bits:
        raise BadInputError(
            _("{path}: the segment at {address:#x} wraps around the address space").format(
                path=file.path, address=segment.vaddr
            )
        )


def _section_table(
    file: File, wide: bool, offset: int, entry_size: int, count: int
) -> list[tuple[int, ...]]:
    layout = struct.Struct("<IIQQQQIIQQ" if wide else "<IIIIIIIIII")
    if entry_size != layout.size or count > _MOST_SECTIONS:
        raise BadInputError(_("{path}: damaged section headers").format(path=file.path))
    return list(layout.iter_unpack(file.read(offset, layout.size * count)))


def _sections(
    file: File, wide: bool, offset: int, entry_size: int, count: int, names_index: int
) -> tuple[Section, ...]:
    table = _section_table(file, wide, offset, entry_size, count)
    names = b""
    if 0 < names_index < count and table[names_index][1] != SHT_NOBITS:
        names = file.read(table[names_index][4], min(table[names_index][5], _LONGEST_NAMES))
    sections = []
    for index, row in enumerate(table):
        name_offset, kind, flags, address, start, size, link = row[:7]
        end = names.find(b"\0", name_offset)
        name = names[name_offset:end].decode("utf-8", "replace") if end >= 0 else ""
        sections.append(Section(index, name, kind, flags, address, start, size, link))
    return tuple(sections)
