"""A kernel's System.map, or /proc/kallsyms: symbols, and nothing else.

Both list `address type name` for each symbol (nm's output; scripts/mksysmap, kernel/kallsyms.c),
kallsyms a module's name after that. They name an image that has no symbols of its own, or, written
as an ELF file with a symbol table and empty sections, stand for an image themselves.
"""

import re
import struct
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from systui.kernel.elf import SHF_ALLOC, SHF_EXECUTE, SHT_NOBITS, SHT_SYMTAB, Section
from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.words import _

_KERNEL_START = {64: 1 << 63, 32: 1 << 31}
"""By bits the lowest address at which x86 kernels are linked (CONFIG_VMSPLIT)."""
_WIDE, _NARROW = struct.Struct("<IBBHQQ"), struct.Struct("<IIIBBH")
_NAMES = b"\0.data..percpu\0.kernel\0.symtab\0.strtab\0.shstrtab\0"
_LARGEST = 1 << 26
_MARGIN = 0x1000
"""Bytes after the last symbol that still are the kernel's."""
_EXECUTABLE = 2
_STRTAB = 3
_GLOBAL, _FUNCTION, _OBJECT = 1 << 4, 2, 1
_STRINGS, _SECTION_NAMES, _COUNT = 4, 5, 6
_ABSOLUTE = 0xFFF1
_LINE = re.compile(rb"^([0-9A-Fa-f]{1,16}) (\S) (\S+)[ \t]*(\[\S+\])?\r?$", re.MULTILINE)


class _Form(NamedTuple):
    """How an ELF file of one word size is laid out (System V ABI, chapter 4)."""

    header: struct.Struct
    section: struct.Struct
    program: int
    """Bytes of a program header."""
    symbol: int
    machine: int
    ident: bytes


_FORMS = {
    64: _Form(
        struct.Struct("<16sHHIQQQIHHHHHH"),
        struct.Struct("<IIQQQQIIQQ"),
        *(56, _WIDE.size, 62, b"\x7fELF\2\1\1"),
    ),
    32: _Form(
        struct.Struct("<16sHHIIIIIHHHHHH"),
        struct.Struct("<10I"),
        *(32, _NARROW.size, 3, b"\x7fELF\1\1\1"),
    ),
}


class Line(NamedTuple):
    """One symbol."""

    address: int
    is_global: bool
    name: bytes


def read_map(path: Path) -> list[Line]:
    """The symbols that the file at `path` lists, by address, those of modules left out.

    BadInputError where it is neither a System.map nor kallsyms text, or hides the addresses.
    """
    return parse(_content(path), path)


def parse(text: bytes, path: Path) -> list[Line]:
    """What `read_map` reads; `path` is what errors name."""
    found = _LINE.findall(text)
    if len(found) != len(text.splitlines()):
        raise BadInputError(
            _("{path}:{line}: is not `address type name`: no System.map").format(
                path=path, line=_first_other(text)
            )
        )
    lines = [
        Line(int(address, 16), kind.isupper(), name)
        for address, kind, name, module in found
        if not module
    ]
    if not any(line.address for line in lines):
        raise BadInputError(
            _(
                "{path}: lists no addresses; /proc/kallsyms shows them to root only "
                "(sysctl kernel.kptr_restrict)"
            ).format(path=path)
        )
    return sorted(lines, key=lambda line: line.address)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            text = stream.read(_LARGEST + 1)
    except OSError as error:
        raise BadInputError(
            _("{path}: cannot be opened: {reason}").format(path=path, reason=error.strerror)
        ) from error
    if len(text) > _LARGEST:
        raise BadInputError(_("{path}: is too large for a System.map").format(path=path))
    return text


def _first_other(text: bytes) -> int:
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if _LINE.match(line) is None), 1)


# --- a symbol table ----------------------------------------------------------------------------


def packed(
    lines: Sequence[Line], sections: Sequence[Section], *, wide: bool
) -> tuple[bytes, bytes]:
    """The contents of .symtab and .strtab for an image with `sections`; `wide`: a 64-bit one.

    A symbol belongs to the section that holds its address, is a function in code and an object
    elsewhere, and ends where the next one begins.
    """
    loaded = sorted((each for each in sections if each.allocated), key=lambda each: each.address)
    starts = [section.address for section in loaded]
    strings, rows = bytearray(b"\0"), bytearray(_WIDE.size if wide else _NARROW.size)
    following = _following(lines)
    for line, after in zip(lines, following, strict=True):
        where, kind, end = _ABSOLUTE, 0, line.address
        index = bisect_right(starts, line.address) - 1
        if index >= 0 and line.address <= starts[index] + loaded[index].size:
            section = loaded[index]
            where, end = section.number, section.address + section.size
            kind = _FUNCTION if section.flags & SHF_EXECUTE else _OBJECT
        size = max(min(after, end) - line.address, 0)
        info = (_GLOBAL if line.is_global else 0) | kind
        if wide:
            rows += _WIDE.pack(len(strings), info, 0, where, line.address, size)
        elif line.address < 1 << 32:
            rows += _NARROW.pack(len(strings), line.address, size, info, 0, where)
        strings += line.name + b"\0"
    return bytes(rows), bytes(strings)


def _following(lines: Sequence[Line]) -> list[int]:
    """For each of `lines` the next higher address, for the last ones their own."""
    found = [line.address for line in lines]
    for index in range(len(found) - 2, -1, -1):
        after = lines[index + 1].address
        found[index] = after if after > lines[index].address else found[index + 1]
    return found


# --- an image of nothing else ------------------------------------------------------------------


def open_map(path: Path) -> Image:
    """The System.map at `path` as an image without code; BadInputError where it is none.

    Where its highest address lies says whether it is a 64-bit kernel's.
    """
    lines = read_map(path)
    highest = lines[-1].address
    bits = 64 if highest >> 32 else 32
    if highest < _KERNEL_START[bits]:
        raise BadInputError(_("{path}: is no System.map of an x86 kernel").format(path=path))
    with tempfile.NamedTemporaryFile(prefix="systui-", suffix=".elf") as file:
        file.write(_elf(lines, bits))
        file.flush()
        image = Image.open(Path(file.name))
    image.path = path
    return image


def _elf(lines: Sequence[Line], bits: int) -> bytes:
    form, half = _FORMS[bits], _KERNEL_START[bits]
    high = [line.address for line in lines if line.address >= half]
    low = [line.address for line in lines if line.address < half]
    code = SHF_ALLOC | SHF_EXECUTE
    parts = (
        Section(1, ".data..percpu", SHT_NOBITS, SHF_ALLOC, 0, 0, max(low, default=0) + 8, 0),
        Section(2, ".kernel", SHT_NOBITS, code, high[0], 0, high[-1] + _MARGIN - high[0], 0),
    )
    symbols, strings = packed(lines, parts, wide=bits == 64)
    at = form.header.size
    strings_at = at + len(symbols)
    names_at = strings_at + len(strings)
    sections = (
        (0,) * 10,
        *(
            (*(_named(part.name), part.type, part.flags, part.address, at, part.size, 0, 0, 8, 0),)
            for part in parts
        ),
        (_named(".symtab"), SHT_SYMTAB, 0, 0, at, len(symbols), _STRINGS, 1, 8, form.symbol),
        (_named(".strtab"), _STRTAB, 0, 0, strings_at, len(strings), 0, 0, 1, 0),
        (_named(".shstrtab"), _STRTAB, 0, 0, names_at, len(_NAMES), 0, 0, 1, 0),
    )
    header = form.header.pack(
        form.ident,
        *(_EXECUTABLE, form.machine, 1, 0, 0, names_at + len(_NAMES), 0),
        *(form.header.size, form.program, 0, form.section.size, _COUNT, _SECTION_NAMES),
    )
    return b"".join(
        (header, symbols, strings, _NAMES, *(form.section.pack(*section) for section in sections))
    )


def _named(name: str) -> int:
    return _NAMES.index(b"\0" + name.encode() + b"\0") + 1
