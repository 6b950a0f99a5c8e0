"""What a spelling may look at, and the register of spellings by name."""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple

from systui.model.stop import Read

SHOWN = 32
"""Bytes of a buffer that are shown; after them come dots. Strings that are paths are whole."""
SHORT = 48
"""Bytes of a buffer or of a path where spellings are short."""


class Layout(NamedTuple):
    """A structure as a program of each width has it."""

    wide: Struct
    narrow: Struct


def layout(wide: str, narrow: str = "") -> Layout:
    """Formats of `struct` for 64 and for 32 bits; one where they are the same."""
    return Layout(Struct(f"<{wide}"), Struct(f"<{narrow or wide}"))


class Asked(NamedTuple):
    """One argument of one call."""

    call: str
    values: Sequence[int]
    read: Read
    result: int | None
    """Signed; None while the call is under way."""
    option: str = ""
    """What the signature adds to the kind's name: the number of another argument, say."""
    bits: int = 64
    """Of the caller's long: by its gate, not by its program, as the kernel takes it too."""
    short: bool = False
    """For a line of a screen: not as strace spells it where that is long."""

    @property
    def failed(self) -> bool:
        """It ended with an error: what it would have filled in is not there."""
        return self.result is not None and -4095 <= self.result < 0

    def other(self) -> int:
        """The argument that the option names, or the result where it says `ret`."""
        if self.option == "ret":
            return max(0, self.result or 0)
        return self.values[int(self.option)]

    def unpack(self, layout: Layout, address: int) -> tuple[Any, ...] | None:
        """A structure in the caller's memory; None where it cannot be read."""
        form = self.form(layout)
        data = self.read(address, form.size)
        return None if data is None else form.unpack(data)

    def form(self, layout: Layout) -> Struct:
        """A structure as the caller has it."""
        return layout.narrow if self.bits == _NARROW else layout.wide

    @property
    def shown(self) -> int:
        """Bytes of a buffer that are shown."""
        return SHORT if self.short else SHOWN

    @property
    def word(self) -> int:
        """Bytes of a long or a pointer."""
        return self.bits // 8

    def word_at(self, address: int) -> int | None:
        """A long or a pointer in the caller's memory."""
        data = self.read(address, self.word)
        return None if data is None else int.from_bytes(data, "little")

    def signed(self, value: int) -> int:
        """A long of the caller's."""
        return s32(value) if self.bits == _NARROW else s64(value)


_NARROW = 32


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


class Told(NamedTuple):
    """One argument as it is told."""

    at: int
    """Of the register that it is in, the first of several."""
    text: str | None
    """None for what the call fills in, before it has."""
    words: int = 1
    """How many registers it is in."""
    label: str = ""
    """What it is called on the line, where strace says so: `child_stack`."""

    @property
    def on_the_line(self) -> str:
        """With its label."""
        return f"{self.label}={self.text}" if self.label else self.text or ""
