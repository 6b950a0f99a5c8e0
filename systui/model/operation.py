"""What one instruction does, statically: operands and flow, for the decoders that follow it."""

from enum import Enum
from typing import NamedTuple

from systui.model.code import Instruction


class Flow(Enum):
    """Where control goes after an instruction."""

    NEXT = "next"
    JUMP = "jump"
    BRANCH = "branch"
    CALL = "call"
    RETURN = "return"
    SYSCALL = "syscall"
    """`syscall`, `sysenter`."""
    SYSRET = "sysret"
    """`sysret`, `sysexit`."""
    IRET = "iret"
    INTERRUPT = "interrupt"
    """`int n`, `int3`, `into`."""
    STOP = "stop"
    """`hlt`, `ud2`."""


class RegisterOperand(NamedTuple):
    """A register. `register` is the full-width one that `name` is (part of): `rax` for `eax`."""

    name: str
    register: str
    size: int
    read: bool
    written: bool


class ImmediateOperand(NamedTuple):
    """A constant, as encoded (sign-extended)."""

    value: int
    size: int


class MemoryOperand(NamedTuple):
    """segment:displacement(base, index, scale), registers by full-width name.

    A `rip`-relative operand is already resolved: its displacement is the address and it has
    no base. `segment` is `fs` or `gs` where it matters, else None.
    """

    segment: str | None
    base: str | None
    index: str | None  # type: ignore[assignment]  # hides tuple.index, which nobody misses
    scale: int
    displacement: int
    size: int
    read: bool
    written: bool


Operand = RegisterOperand | ImmediateOperand | MemoryOperand


class Operation(NamedTuple):
    """An instruction with what it does.

    `name` is the manual's mnemonic without operand size (`push`, `mov`); `operands` stand in
    AT&T order, sources first. `clobbers` are full-width registers written without being named.
    """

    instruction: Instruction
    name: str
    flow: Flow
    operands: tuple[Operand, ...]
    clobbers: tuple[str, ...] = ()

    @property
    def memory(self) -> MemoryOperand | None:
        """The memory operand, if there is one."""
        for operand in self.operands:
            if isinstance(operand, MemoryOperand):
                return operand
        return None

    @property
    def destination(self) -> Operand | None:
        """The last operand, which AT&T writes to."""
        return self.operands[-1] if self.operands else None

    @property
    def source(self) -> Operand | None:
        """The first operand."""
        return self.operands[0] if self.operands else None
