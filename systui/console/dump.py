"""A stretch of memory at one stop, as a pane shows it."""

from typing import NamedTuple

from systui.console.console import Console
from systui.console.expression import place_of
from systui.console.values import MASK, Memory
from systui.model.stop import MemoryRange, Space

_PTI_BIT = 0x1000
"""CR3 bit 12 tells a task's user page table from its kernel one (PTI_PGTABLE_SWITCH_BIT)."""


class DumpLine(NamedTuple):
    """Bytes side by side."""

    address: int
    data: bytes | None
    """None where they cannot be read."""
    hidden: bool
    """The user's page table, which the CPU runs on here, does not have them."""


class Dump(NamedTuple):
    """What was read."""

    address: int
    """What the expression came to."""
    space: Space
    width: int
    """Bytes of a line."""
    lines: tuple[DumpLine, ...]
    changes: int
    """`Debugger.changes` when it was read."""
    live: bool
    """Whether what cannot be read is not there; else it was not recorded."""


def read_dump(console: Console, text: str, first: int, count: int, width: int) -> Dump:
    """`count` lines of `width` bytes, from line `first` behind what `text` names.

    BadInputError where it names nothing.
    """
    scope = console.scope
    value = place_of(text, scope)
    if value.area and isinstance(value.place, Memory):
        space, address, _field = value.place
    else:
        value = scope.load(value)
        address = value.address
        space = value.space or scope.space(address)
    start = (address - address % width + first * width) & MASK
    at = [start + index * width & MASK for index in range(count)]
    target = console.debugger.target
    found = target.read_memory([MemoryRange(space, each, width) for each in at])
    hidden = _hidden(console, space, at)
    lines = map(DumpLine, at, found, hidden)
    return Dump(address, space, width, tuple(lines), console.debugger.changes, console.scope.live)


def _hidden(console: Console, space: Space, at: list[int]) -> list[bool]:
    """Which lines the CPU could not read itself: page-table isolation keeps them from it."""
    debugger = console.debugger
    cr3 = debugger.target.registers().get("cr3") or 0
    if space is not Space.KERNEL or not cr3 & _PTI_BIT:
        return [False] * len(at)
    seen = debugger.target.read_memory([MemoryRange(Space.USER, each, 1) for each in at])
    return [data is None for data in seen]
