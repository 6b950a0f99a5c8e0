"""What a walk of code is certain of: values, words of memory, and the state of both.

Values are told apart by where they come from, not by number: what the user had in a register, an
address on a stack, what a slot of pt_regs holds.
"""

from collections.abc import Mapping
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.arch.x86_64 import X86_64
from systui.model.operation import ImmediateOperand, MemoryOperand, Operand, RegisterOperand


class User(NamedTuple):
    """The value that user register `register` had on the way in."""

    register: str


class Constant(NamedTuple):
    """A number."""

    number: int


class Pointer(NamedTuple):
    """An address on a stack: `offset` from where rsp stood when stack `base` was switched to.

    `base` is the address of the switching instruction, or 0 for the stack the CPU chose.
    """

    base: int
    offset: int


class Slot(NamedTuple):
    """What the pt_regs field `name` holds after the C code returned.

    `loaded_by` is the instruction that brought it into its register; None in memory.
    """

    name: str
    loaded_by: int | None = None


class Element(NamedTuple):
    """A word of the table of `size`-byte entries at `table`, picked by a register."""

    table: int


class Derived(NamedTuple):
    """Something computed from `origin` alone: shifted, masked or extended."""

    origin: "Value"


class Place(NamedTuple):
    """A word of per-CPU memory at `offset` from the base of the segment for it."""

    offset: int


class Return(NamedTuple):
    """A return address, `end` of the call that pushed it."""

    end: int


Value = User | Constant | Pointer | Slot | Element | Derived | Return | None
"""What is certain of a register or word; None: nothing."""

Where = Pointer | Place


class Word(NamedTuple):
    """A memory word's value and the address of the instruction that stored it."""

    value: Value
    stored_by: int | None


_SEGMENTS = frozenset(("cs", "ds", "es", "fs", "gs", "ss"))
"""Registers of 16 bits, of which there is no more."""


class State(NamedTuple):
    """What is certain just before an instruction runs."""

    registers: Mapping[str, Value]
    memory: Mapping[Where, Word]
    """Words stored on every way here."""
    touched: frozenset[Where] = frozenset()
    """Words stored on any way here."""
    returns: tuple[int, ...] = ()
    """Where open calls within the walked code return to."""
    zero: bool | None = None
    """The zero flag, where a comparison of two constants has just decided it."""
    below: bool | None = None
    """The carry flag, in the same way."""
    arch: Architecture = X86_64
    """Whose registers and words these are."""

    @property
    def top(self) -> Value:
        """What the stack pointer holds."""
        return self.registers.get(self.arch.sp)

    def value(self, operand: Operand | None, width: int | None = None) -> Value:
        """What `operand` holds; less than `width` bytes (a word if not said) are derived."""
        if isinstance(operand, RegisterOperand):
            if operand.register.startswith("cr"):
                return User(operand.register)
            value = self.registers.get(operand.register)
            whole = operand.register in _SEGMENTS or operand.size >= (width or self.arch.word)
            return value if whole else derived(value)
        if isinstance(operand, ImmediateOperand):
            return Constant(operand.value & self.arch.mask)
        if isinstance(operand, MemoryOperand):
            return self._loaded(operand)
        return None

    def address(self, operand: MemoryOperand) -> Where | Constant | None:
        """Where `operand` points to."""
        if operand.segment == self.arch.per_cpu and operand.base is None and operand.index is None:
            return Place(operand.displacement & self.arch.mask)
        if operand.index is not None or operand.segment in ("fs", "gs"):
            return None
        if operand.base is None:
            return Constant(operand.displacement & self.arch.mask)
        base = self.registers.get(operand.base)
        if isinstance(base, Pointer):
            return Pointer(base.base, base.offset + operand.displacement)
        if isinstance(base, Constant):
            return Constant((base.number + operand.displacement) & self.arch.mask)
        return None

    def _loaded(self, operand: MemoryOperand) -> Value:
        if operand.index is not None and operand.scale == operand.size:
            base = self.registers.get(operand.base) if operand.base else Constant(0)
            if isinstance(base, Constant):
                return Element((base.number + operand.displacement) & self.arch.mask)
        where = self.address(operand)
        if isinstance(where, Pointer | Place):
            word = self.memory.get(where)
            value = None if word is None else word.value
            return value if operand.size == self.arch.word else derived(value)
        return None


def derived(value: Value) -> Value:
    """What is known of something computed from `value` alone."""
    if value is None or isinstance(value, Derived | Constant):
        return value
    return Derived(value)
