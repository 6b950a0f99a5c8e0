"""Where a row of the call table comes from: its slot's address, what the slot holds, the source.

A slot lies at the table's address plus the number times the size of a word: 8 bytes on x86_64, 4
on i386 (arch/x86/entry/syscall_64.c, syscall_32.c, since 2.6.x).
"""

from typing import NamedTuple

from systui.kernel import spellings
from systui.kernel.named import Named, NamedLines
from systui.kernel.syscalls import NO_HANDLER
from systui.model.call import SyscallRow
from systui.model.code import SourceLine
from systui.model.stop import Read


class Provenance(NamedTuple):
    """What leads from a number to its handler; addresses are run-time ones."""

    row: SyscallRow
    table: str | None = None
    """Symbol of the table in the image; None for a table that is in none."""
    base: int | None = None
    """Address of slot 0."""
    word: int = 8
    slot: int | None = None
    symbol: str | None = None
    """The handler that the slot holds, or that the row names where there is no slot."""
    address: int | None = None
    source: SourceLine | None = None
    """Where it is defined."""
    switch: str | None = None
    """The compiled switch that picks the handler in the table's place."""
    slots: int | None = None
    """How many the table has, where the number is beyond them."""

    @property
    def missing(self) -> bool:
        """Whether the number reaches the function that only answers -ENOSYS."""
        return self.row.entry is None or (self.symbol or "").endswith(NO_HANDLER)


def provenance(
    row: SyscallRow,
    image: Named | None = None,
    lines: NamedLines | None = None,
    slide: int = 0,
    read: Read | None = None,
) -> Provenance:
    """Where `row` comes from in `image`, which lies `slide` higher than it was linked.

    `read` gives live memory (None: the image's own bytes).
    """
    if image is None:
        return Provenance(row, symbol=row.entry)
    compat = row.abi == "i386" and image.bits == 64
    word = image.bits // 8
    abi = "i386" if compat else "64"
    table, switch = image.symbol(spellings.TABLES[abi]), image.symbol(spellings.SWITCHES[abi])
    base = None if table is None else table.address + slide
    slots = None if table is None or row.number * word < table.size else table.size // word
    slot = None if base is None or slots else base + row.number * word
    address = _held(image, slot, word, slide, read) or _moved(row.address, slide)
    place = None if address is None else image.locate(address - slide)
    return Provenance(
        row,
        None if table is None else table.name,
        base,
        word,
        slot,
        row.symbol if place is None else place[0].name,
        address,
        None if address is None or lines is None else lines.at(address - slide),
        None if switch is None else switch.name,
        slots or None,
    )


def _held(image: Named, slot: int | None, word: int, slide: int, read: Read | None) -> int | None:
    """What the slot holds; None where it cannot be read or holds nothing of the image's."""
    if slot is None:
        return None
    raw = image.read(slot - slide, word) if read is None else read(slot, word)
    if raw is None:
        return None
    held = int.from_bytes(raw, "little") + (slide if read is None else 0)
    return held if image.locate(held - slide) is not None else None


def _moved(address: int | None, slide: int) -> int | None:
    return None if address is None else address + slide
