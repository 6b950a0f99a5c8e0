"""Patching a kernel's code for its CPU, as Linux does at boot (arch/x86/kernel/alternative.c).

A row of `.altinstructions` names an instruction, what replaces it and the CPU feature that calls
for it. Rows in the packed form of Linux before 5.18 and of the bundled kernel are 12 bytes; later
ones are told by their size, which the section's length must be a multiple of.
"""

import struct
from collections.abc import Collection, Iterator
from typing import NamedTuple

from systui.kernel.image import Image

PTI = 7 * 32 + 11
"""X86_FEATURE_PTI (asm/cpufeatures.h)."""

_ROW = struct.Struct("<iiHBB")
_JUMPS = (0xE8, 0xE9)


class Patch(NamedTuple):
    """`code` belongs at the link-time `address`."""

    address: int
    code: bytes


def patches(image: Image, features: Collection[int]) -> Iterator[Patch]:
    """What to write into `image`'s code for a CPU with `features`; later rows win."""
    section = image.section(".altinstructions")
    table = image.read(section.address, section.size) if section is not None else None
    if section is None or table is None:
        return
    for offset in range(0, len(table) - _ROW.size + 1, _ROW.size):
        where, instead, feature, size, new_size = _ROW.unpack_from(table, offset)
        if feature not in features or new_size > size:
            continue
        row = section.address + offset
        target, source = row + where, row + 4 + instead
        code = image.read(source, new_size) if new_size else b""
        if code is not None:
            yield Patch(target, _padded(_relocated(code, source, target), size))


def _relocated(code: bytes, source: int, target: int) -> bytes:
    """`code` moved from `source` to `target`: a lone jump or call still goes where it went."""
    if len(code) == 5 and code[0] in _JUMPS:
        (distance,) = struct.unpack_from("<i", code, 1)
        return code[:1] + struct.pack("<i", distance + source - target)
    return code


def _padded(code: bytes, size: int) -> bytes:
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
