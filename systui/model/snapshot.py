"""The frozen picture of one stop that every screen, printer and report reads."""

from typing import NamedTuple

from systui.model.call import Landmark, Phase, Syscall
from systui.model.code import Instruction, Location, SourceText
from systui.model.edit import Edit
from systui.model.effect import Effect
from systui.model.frame import LedgerRow, PtRegs, StackKind
from systui.model.stop import Output, Registers, Stop


class StackView(NamedTuple):
    """The words of the current stack from `rsp` upwards."""

    kind: StackKind
    pointer: int
    """rsp."""
    words: tuple[int | None, ...]
    """From `pointer` upwards, `word` bytes each; None where it can't be read."""
    word: int = 8
    """Bytes of what is pushed here: 4 on the stack of a 32-bit program, else a machine word."""


class Verdict(NamedTuple):
    """One of SYSRET's eligibility checks, as far as this call has come."""

    check: str
    """Stable identifier: `cx_is_ip`, `canonical`, `cs`, `r11_is_flags`, `rf_tf`, `ss`."""
    passed: bool
    position: int


class Snapshot(NamedTuple):
    """Everything decoded about one stop.

    `location`, `code[current]` and `source` are what runs next; `effect` is what ran last.
    """

    stop: Stop
    registers: Registers
    changed: frozenset[str]
    """Registers whose value differs from the stop shown before."""
    phase: Phase
    nested: int
    """How many interrupts or faults lie on top of the call's own path."""
    location: Location
    landmark: Landmark | None
    """The landmark at pc, if it is one."""
    instruction: Instruction | None
    """What runs next; None where the code cannot be read."""
    code: tuple[Instruction, ...]
    """Live disassembly around pc, in address order."""
    source_text: SourceText | None
    """The whole text of the file of `location.source`, where it can be had."""
    effect: Effect | None
    frame: PtRegs | None
    stack: StackView
    call: Syscall | None
    ledger: tuple[LedgerRow, ...]
    verdicts: tuple[Verdict, ...]
    output: tuple[Output, ...]
    """The program's output up to this position."""
    earliest: int
    """First position that can be gone back to."""
    latest: int
    """Last position seen so far."""
    ran: Location | None = None
    """Where the instruction stands that ran last; None where that is not known."""
    edits: tuple[Edit, ...] = ()
    """What a person changed by hand at this position, in that order."""
    begins: bool = False
    """A phase begins here: what ran last belonged to another one."""
