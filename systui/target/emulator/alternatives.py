"""Patching a kernel's code for its CPU, as Linux does at boot (arch/x86/kernel/alternative.c).

A row of `.altinstructions` names an instruction, what replaces it and the CPU feature that calls
for it, or whose absence does. Three layouts of rows are known; which one an image has is told by
which of them makes sense of its section.
"""

import struct
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from systui.kernel.elf import Section
from systui.kernel.image import Image
from systui.model.operation import MemoryOperand

PTI = 7 * 32 + 11
"""X86_FEATURE_PTI (asm/cpufeatures.h)."""

CPU = frozenset(
    (
        *(bit for bit in range(32) if 0x078B_FBFD >> bit & 1),
        *(32 + bit for bit in (11, 20, 29)),
        *(3 * 32 + bit for bit in (16, 21)),
    )
)
"""Features of the emulated CPU, by word and bit of asm/cpufeatures.h: CPUID.1:EDX; SYSCALL, NX and
long mode; REP_GOOD and ALWAYS. It needs none of the mitigations. Only features whose numbers have
never changed are named."""

_INVERTED = 1 << 15
"""In the feature: the row is for CPUs without it (until 6.2)."""
_NOT, _DIRECT_CALL = 1, 2
"""ALT_FLAG_NOT, ALT_FLAG_DIRECT_CALL (6.3 and later)."""
_JUMPS = (0xE8, 0xE9)
_INDIRECT_CALL = b"\xff\x15"
_SHORT_JUMP, _LSS = 0xEB, bytes.fromhex("0f b2 24 24")
_LONGEST_CHECK = 0x81
_SAMPLE = 64
_SHORTEST_RELATIVE = 6
"""Bytes of the shortest instruction that reads memory relative to itself; shorter code is one."""


class Row(NamedTuple):
    """One place that can be patched, at link-time addresses."""

    address: int
    source: int
    feature: int
    inverted: bool
    size: int
    new_size: int
    direct_call: bool
    """The replacement is a direct call of what the original calls through a pointer."""


class Patch(NamedTuple):
    """`code` belongs at the link-time `address`."""

    address: int
    code: bytes


class _Layout(NamedTuple):
    """How a row is stored; `flags` and `padding` tell which fields follow the feature."""

    struct: struct.Struct
    flags: bool


_LAYOUTS = (
    _Layout(struct.Struct("<iiHBB"), False),
    _Layout(struct.Struct("<iiHHBB"), True),
    _Layout(struct.Struct("<iiHBBx"), False),
)
"""Rows of 12 bytes (before 4.1, and 5.13 to 6.2; the bundled kernel too), 14 (from 6.3 on) and 13
(in between, their last byte a count of padding)."""


def patches(image: Image, features: Collection[int], only: bool = True) -> Iterator[Patch]:
    """What to write into `image`'s code for a CPU with `features`; later rows win.

    With `only`, nothing but rows that name one of `features` is looked at.
    """
    for row in rows(image):
        named = row.feature in features
        if only and not named:
            continue
        if (named or skips_espfix(image, row)) is row.inverted or row.new_size > row.size:
            continue
        code = _replacement(image, row)
        if code is not None:
            yield Patch(row.address, padded(code, row.size))


def skips_espfix(image: Image, row: Row) -> bool:
    """The original jumps over the check for a 16-bit stack, which only CPUs without a bug may do.

    All 32-bit CPUs have it: iret to such a stack keeps the upper half of the kernel's esp. Its
    feature number depends on the version (X86_BUG_ESPFIX), the `lss` behind the jump does not.
    """
    code = image.read(row.address, _LONGEST_CHECK) if image.bits == 32 else None
    if code is None or code[0] != _SHORT_JUMP:
        return False
    return _LSS in code[2 : 2 + code[1]]


@lru_cache(maxsize=4)
def rows(image: Image) -> tuple[Row, ...]:
    """All places that `image` offers for patching; empty where it has none that make sense."""
    section = image.section(".altinstructions")
    table = image.read(section.address, section.size) if section is not None else None
    if section is None or not table:
        return ()
    for layout in _LAYOUTS:
        size = layout.struct.size
        if len(table) % size:
            continue
        sample = table[: _SAMPLE * size]
        if all(_makes_sense(image, row) for row in _read(section, sample, layout)):
            return tuple(_read(section, table, layout))
    return ()


def _read(section: Section, table: bytes, layout: _Layout) -> Iterator[Row]:
    for offset in range(0, len(table), layout.struct.size):
        where, instead, feature, *rest = layout.struct.unpack_from(table, offset)
        at = section.address + offset
        flags = rest[0] if layout.flags else _NOT if feature & _INVERTED else 0
        size, new_size = rest[-2:]
        yield Row(
            *(at + where, at + 4 + instead, feature & ~_INVERTED, bool(flags & _NOT)),
            *(size, new_size, bool(flags & _DIRECT_CALL)),
        )


def _makes_sense(image: Image, row: Row) -> bool:
    place = image.section_at(row.address)
    if place is None or not row.size or row.feature >= 64 * 32:
        return False
    instead = image.section_at(row.source)
    return row.new_size == 0 or (instead is not None and "replacement" in instead.name)


def _replacement(image: Image, row: Row) -> bytes | None:
    if row.direct_call:
        return _direct_call(image, row)
    code = image.read(row.source, row.new_size) if row.new_size else b""
    if code is None or len(code) < _SHORTEST_RELATIVE:
        return None if code is None else _relocated(code, row.source, row.address)
    return _relocated_all(code, row.source, row.address, image.bits)


def _direct_call(image: Image, row: Row) -> bytes | None:
    """A call of the function that the original's pointer holds in the image."""
    original = image.read(row.address, 6)
    if original is None or original[:2] != _INDIRECT_CALL:
        return None
    (place,) = struct.unpack_from("<i", original, 2)
    # With 64 bits it is relative to the next instruction.
    place = place & 0xFFFF_FFFF if image.bits == 32 else row.address + 6 + place
    pointer = image.read(place, image.bits // 8)
    if pointer is None:
        return None
    function = int.from_bytes(pointer, "little")
    return b"\xe8" + struct.pack("<I", function - row.address - 5 & 0xFFFF_FFFF)


def _relocated(code: bytes, source: int, target: int) -> bytes:
    """`code` moved from `source` to `target`: a lone jump or call still goes where it went."""
    if len(code) == 5 and code[0] in _JUMPS:
        return _moved(code, 1, source - target)
    return code


def _relocated_all(code: bytes, source: int, target: int, bits: int) -> bytes:
    """Several instructions moved: what they jump to and read relative to themselves stays."""
    from systui.decode.disassembly import Disassembler

    for operation in Disassembler(bits).operations(source, code):
        end = operation.instruction.end
        places = [operation.instruction.target]
        places += [
            operand.displacement
            for operand in operation.operands
            if bits == 64 and isinstance(operand, MemoryOperand)
            if not operand.base and not operand.index
        ]
        for place in places:
            if place is None or source <= place <= source + len(code):
                continue
            at = code.find(struct.pack("<I", place - end & 0xFFFF_FFFF), 0, end - source)
            if at > operation.instruction.address - source:
                code = _moved(code, at, source - target)
    return code


def _moved(code: bytes, at: int, distance: int) -> bytes:
    (before,) = struct.unpack_from("<I", code, at)
    return code[:at] + struct.pack("<I", before + distance & 0xFFFF_FFFF) + code[at + 4 :]


def padded(code: bytes, size: int) -> bytes:
    """`code` and the long nops that fill up to `size` (SDM vol. 2B, NOP)."""
    filled = code
    while len(filled) < size:
        filled += _NOPS[min(size - len(filled), len(_NOPS)) - 1]
    return filled


_NOPS = tuple(
    bytes.fromhex(form)
    for form in (
        *("90", "6690", "0f1f00", "0f1f4000", "0f1f440000", "660f1f440000"),
        *("0f1f8000000000", "0f1f840000000000"),
    )
)
