"""A kernel's System.map as an image: symbols, and nothing else.

System.map lists `address type name` for each symbol (nm's output; scripts/mksysmap). Written as an
ELF file with a symbol table and empty sections, it is opened by the same code as a vmlinux.
"""

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.words import _

_KERNEL_START = 1 << 63
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_NAMES = b"\0.data..percpu\0.kernel\0.symtab\0.strtab\0.shstrtab\0"
_LARGEST = 1 << 26
_MARGIN = 0x1000
"""Bytes after the last symbol that still are the kernel's."""
_EXECUTABLE, _X86_64 = 2, 62
_SYMTAB, _STRTAB, _NOBITS = 2, 3, 8
_ALLOC, _EXEC = 2, 4
_GLOBAL, _FUNCTION, _OBJECT = 1 << 4, 2, 1
_PERCPU, _KERNEL, _TABLE, _STRINGS, _SECTION_NAMES, _COUNT = 1, 2, 3, 4, 5, 6


class _Line(NamedTuple):
    address: int
    kind: str
    name: str


def open_map(path: Path) -> Image:
    """The System.map at `path` as an image without code; BadInputError where it is none."""
    lines = list(_lines(path))
    if not any(line.address >= _KERNEL_START for line in lines):
        raise BadInputError(_("{path}: is no System.map of an x86_64 kernel").format(path=path))
    with tempfile.NamedTemporaryFile(prefix="systui-", suffix=".elf") as file:
        file.write(_elf(lines))
        file.flush()
        image = Image.open(Path(file.name))
    image.path = path
    return image


def _lines(path: Path) -> Iterator[_Line]:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInputError(_("{path}: is too large for a System.map").format(path=path))
        text = path.read_text("ascii", "replace")
    except OSError as error:
        raise BadInputError(
            _("{path}: cannot be opened: {reason}").format(path=path, reason=error.strerror)
        ) from error
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        try:
            address = int(words[0], 16)
            kind, name = words[1:3]
        except (ValueError, IndexError) as error:
            raise BadInputError(
                _("{path}:{line}: is not `address type name`: no System.map").format(
                    path=path, line=number
                )
            ) from error
        yield _Line(address & (1 << 64) - 1, kind, name)


def _elf(lines: list[_Line]) -> bytes:
    strings, table = bytearray(b"\0"), bytearray(_SYMBOL.size)
    for line in lines:
        section = _KERNEL if line.address >= _KERNEL_START else _PERCPU
        binding = _GLOBAL if line.kind.isupper() else 0
        kind = _FUNCTION if line.kind.lower() in "tw" else _OBJECT
        table += _SYMBOL.pack(len(strings), binding | kind, 0, section, line.address, 0)
        strings += line.name.encode() + b"\0"
    high = [line.address for line in lines if line.address >= _KERNEL_START]
    low = [line.address for line in lines if line.address < _KERNEL_START]
    at = _HEADER.size
    table_at, strings_at = at, at + len(table)
    names_at = strings_at + len(strings)
    sections = (
        (0,) * 10,
        (_named(".data..percpu"), _NOBITS, _ALLOC, 0, at, max(low, default=0) + 8, 0, 0, 8, 0),
        (
            *(_named(".kernel"), _NOBITS, _ALLOC | _EXEC, min(high), at),
            *(max(high) + _MARGIN - min(high), 0, 0, 16, 0),
        ),
        (_named(".symtab"), _SYMTAB, 0, 0, table_at, len(table), _STRINGS, 1, 8, _SYMBOL.size),
        (_named(".strtab"), _STRTAB, 0, 0, strings_at, len(strings), 0, 0, 1, 0),
        (_named(".shstrtab"), _STRTAB, 0, 0, names_at, len(_NAMES), 0, 0, 1, 0),
    )
    header = _HEADER.pack(
        b"\x7fELF\2\1\1",
        *(_EXECUTABLE, _X86_64, 1, 0, 0, names_at + len(_NAMES), 0),
        *(_HEADER.size, 56, 0, _SECTION.size, _COUNT, _SECTION_NAMES),
    )
    return b"".join(
        (header, table, strings, _NAMES, *(_SECTION.pack(*section) for section in sections))
    )


def _named(name: str) -> int:
    return _NAMES.index(b"\0" + name.encode() + b"\0") + 1
