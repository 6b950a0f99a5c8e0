"""What a spelling may look at, and the register of spellings by name."""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple

Read = Callable[[int, int], bytes | None]
"""Address and size to bytes of the caller's memory; None where not readable whole."""

SHOWN = 32
"""Bytes of a buffer that are shown; after them come dots. Strings that are paths are whole."""


class Asked(NamedTuple):
    """One argument of one call."""

    call: str
    values: Sequence[int]
    read: Read
    result: int | None
    """Signed; None while the call is under way."""
    option: str = ""
    """What the signature adds to the kind's name: the number of another argument, say."""

    @property
    def failed(self) -> bool:
        """It ended with an error: what it would have filled in is not there."""
        return self.result is not None and -4095 <= self.result < 0

    def other(self) -> int:
        """The argument that the option names, or the result where it says `ret`."""
        if self.option == "ret":
            return max(0, self.result or 0)
        return self.values[int(self.option)]

    def unpack(self, layout: Struct, address: int) -> tuple[Any, ...] | None:
        """A structure in the caller's memory; None where it cannot be read."""
        data = self.read(address, layout.size)
        return None if data is None else layout.unpack(data)


Spelling = Callable[[Asked, int], str | None]
"""The text of a value; None where it cannot be had, and an address is shown."""
SPELLINGS: dict[str, Spelling] = {}
"""By a kind's name."""
FILLED: set[str] = set()
"""Kinds of what the call fills in: known once it has ended."""


def spelling(name: str, *, filled: bool = False) -> Callable[[Spelling], Spelling]:
    """Register how the kind `name` is spelled; `filled`: by the call, on its way out."""

    def register(function: Spelling) -> Spelling:
        SPELLINGS[name] = function
        if filled:
            FILLED.add(name)
        return function

    return register


def both(name: str) -> Callable[[Spelling], Spelling]:
    """Register a kind under its name as an input, and under `name>` as what is filled in."""

    def register(function: Spelling) -> Spelling:
        spelling(name)(function)
        spelling(f"{name}>", filled=True)(function)
        return function

    return register


def s32(value: int) -> int:
    """The low 32 bits, signed."""
    return ((value & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000


def s64(value: int) -> int:
    """64 bits, signed."""
    return ((value & 0xFFFF_FFFF_FFFF_FFFF) ^ (1 << 63)) - (1 << 63)


def pointer(value: int) -> str:
    """An address, or NULL."""
    return f"{value:#x}" if value else "NULL"
