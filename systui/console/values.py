"""Values of expressions: a number of a type, and where it lies if it lies anywhere."""

from typing import NamedTuple

from systui.model.stop import Space

WORD = 8
MASK = (1 << 64) - 1


class Type(NamedTuple):
    """A type of C, as far as a debugger without type information needs it."""

    name: str
    size: int
    signed: bool
    pointers: int = 0
    """How many `*` follow `name`."""

    @property
    def width(self) -> int:
        """Bytes of a value of it."""
        return WORD if self.pointers else self.size

    @property
    def pointee(self) -> "Type":
        """What it points to; of a number: a long, as gdb takes it."""
        return self._replace(pointers=self.pointers - 1) if self.pointers else LONG

    @property
    def step(self) -> int:
        """Bytes that adding 1 to it moves on."""
        return max(self.pointee.width, 1) if self.pointers else 1

    def fit(self, value: int) -> int:
        """`value` as this type holds it."""
        bits = 8 * self.width
        value &= (1 << bits) - 1
        negative = self.signed and not self.pointers and value >> (bits - 1)
        return value - (1 << bits) if negative else value

    def __str__(self) -> str:
        """As C writes it."""
        return f"{self.name} {'*' * self.pointers}" if self.pointers else self.name


LONG = Type("long", 8, True)
UNSIGNED_LONG = Type("unsigned long", 8, False)
VOID = Type("void", 1, False)

_SIZES = {"char": 1, "short": 2, "int": 4, "long": 8}
TYPES = {
    **{name: Type(name, size, True) for name, size in _SIZES.items()},
    **{f"unsigned {name}": Type(f"unsigned {name}", size, False) for name, size in _SIZES.items()},
    **{f"{sign}{8 * size}": Type(f"{sign}{8 * size}", size, sign == "s")
       for sign in "us" for size in (1, 2, 4, 8)},
    **{f"{sign}int{8 * size}_t": Type(f"{sign}int{8 * size}_t", size, not sign)
       for sign in ("", "u") for size in (1, 2, 4, 8)},
    "void": VOID,
    "unsigned": Type("unsigned int", 4, False),
    "size_t": Type("size_t", 8, False),
    "bool": Type("bool", 1, False),
}  # fmt: skip
"""By name, blanks single; `long long` and `… int` are read as their shorter names."""


class Memory(NamedTuple):
    """A place in memory."""

    space: Space
    address: int
    field: str = ""
    """The field of pt_regs that it was named by."""


class Value(NamedTuple):
    """What an expression comes to."""

    number: int | None
    """As its type holds it, negative where that is signed; None while it is not looked up."""
    type: Type = LONG
    place: Memory | str | None = None
    """Where it lies: in memory, or in a register by its full-width name; else nowhere."""
    space: Space | None = None
    """Of an address: which way it is to be looked up, where that was said."""
    area: bool = False
    """It stands for the memory at its place, as the name of an array does in C."""

    @property
    def address(self) -> int:
        """The number as an address; it is looked up."""
        return (self.number or 0) & MASK
