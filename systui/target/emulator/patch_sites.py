"""Which places of a kernel image Linux would patch at boot, other than alternatives.

They stay as the compiler left them: calls through pointers stay such, thunks and the function
tracer's calls are run, static keys hold what they were compiled for.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from systui.kernel.image import Image
from systui.target.emulator.alternatives import Patch, padded, rows


class Sites(NamedTuple):
    """One kind of place, and how many of it an image has."""

    kind: str
    """The kernel's own term."""
    number: int


_JUMP_SIZE = 5
_JUMP, _RETURN = 0xE9, b"\xc3\xcc\xcc\xcc\xcc"
_RETURN_THUNK = "__x86_return_thunk"

_INDIRECT_JUMP = b"\xff\x25"

_RETURNS, _PARAVIRT = ".return_sites", ".parainstructions"
_SECTIONS = (
    (_PARAVIRT, "paravirt calls", 16, 8),
    (".retpoline_sites", "retpolines", 4, 4),
    (_RETURNS, "return sites", 4, 4),
    (".call_sites", "call sites", 4, 4),
    (".smp_locks", "lock prefixes", 4, 4),
    (".ibt_endbr_seal", "sealed endbr", 4, 4),
)
"""Section, kind and bytes of a row of a 64-bit and of a 32-bit kernel."""
_TABLES = (
    ("__start___jump_table", "__stop___jump_table", "jump labels", 16, 12),
    ("__start_static_call_sites", "__stop_static_call_sites", "static calls", 8, 8),
    ("__start_mcount_loc", "__stop_mcount_loc", "tracer calls", 8, 4),
)
_PARAVIRT_ROWS = {64: struct.Struct("<QBB6x"), 32: struct.Struct("<IBB2x")}
"""struct paravirt_patch_site: where, which operation, how long."""


def plain_returns(image: Image) -> Iterator[Patch]:
    """Returns instead of jumps to the return thunk, for a CPU that needs no such thunk.

    apply_returns() in arch/x86/kernel/alternative.c.
    """
    section, thunk = image.section(_RETURNS), image.symbol(_RETURN_THUNK)
    table = image.read(section.address, section.size) if section is not None else None
    if section is None or not table or thunk is None:
        return
    for offset, (distance,) in enumerate(struct.iter_unpack("<i", table[: len(table) & -4])):
        address = section.address + 4 * offset + distance
        code = image.read(address, 5)
        if code is not None and code[0] == _JUMP:
            (jump,) = struct.unpack_from("<i", code, 1)
            if address + 5 + jump == thunk.address:
                yield Patch(address, _RETURN)


def direct_jumps(image: Image) -> Iterator[Patch]:
    """Plain jumps instead of those through a paravirt operation's pointer.

    Entry code ends so that leads to IRET by one (Linux until 5.11), and the user's page table does
    not have the pointer. paravirt_patch() in arch/x86/kernel/paravirt.c.
    """
    section = image.section(_PARAVIRT)
    table = image.read(section.address, section.size) if section is not None else None
    rows = _PARAVIRT_ROWS[image.bits]
    for address, _operation, size in rows.iter_unpack((table or b"")[: _whole(table, rows.size)]):
        code = image.read(address, size)
        if code is None or code[:2] != _INDIRECT_JUMP or size < _JUMP_SIZE + 1:
            continue
        (place,) = struct.unpack_from("<i", code, 2)
        place = place & 0xFFFF_FFFF if image.bits == 32 else address + 6 + place
        pointer = image.read(place, image.bits // 8)
        if pointer is not None:
            distance = int.from_bytes(pointer, "little") - address - _JUMP_SIZE & 0xFFFF_FFFF
            jump = bytes((_JUMP,)) + distance.to_bytes(4, "little")
            yield Patch(address, padded(jump, size))


def _whole(table: bytes | None, size: int) -> int:
    return len(table or b"") // size * size


def _alternatives(image: Image) -> Iterator[Sites]:
    if rows(image):
        yield Sites("alternatives", len(rows(image)))


def left_as_compiled(image: Image, alternatives: bool = False) -> Iterator[Sites]:
    """The kinds of places that `image` has and that are not patched.

    `alternatives`: those are, and with them return sites.
    """
    if not alternatives:
        yield from _alternatives(image)
    for name, kind, *sizes in _SECTIONS:
        if alternatives and name == _RETURNS:
            continue
        section, size = image.section(name), sizes[image.bits == 32]
        if section is not None and section.size >= size:
            yield Sites(kind, section.size // size)
    for first, last, kind, *sizes in _TABLES:
        start, end = image.symbol(first), image.symbol(last)
        if start is not None and end is not None and end.address > start.address:
            yield Sites(kind, (end.address - start.address) // sizes[image.bits == 32])
