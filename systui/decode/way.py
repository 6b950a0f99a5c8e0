"""One way through the kernel, as far as it was seen: the frozen values that steps are folded into.

A `Way` begins where the CPU enters the kernel (or where a stop finds itself inside) and ends back
at what it came from. A `Track` is the stack of open ways: a system call, and on top of it the
faults and interrupts that came in between.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from systui.kernel.door import Door
from systui.model.call import Phase
from systui.model.snapshot import Verdict


class Mark(NamedTuple):
    """Who stored a slot, and the position after which it was stored; None: not seen."""

    by: str | None
    position: int | None


class Parked(NamedTuple):
    """Where in per-CPU memory the entry put a register, and the position after which it was so."""

    word: str
    position: int | None


class Fate(NamedTuple):
    """What became of one user register so far; texts and positions as in `LedgerRow`."""

    clobbered_by: str | None = None
    clobbered_at: int | None = None
    restored_by: str | None = None
    restored_at: int | None = None


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Way(NamedTuple):
    """One way in and out."""

    entry: int
    """Address of the kernel's first instruction on it."""
    door: Door | None
    """None where the entry's code is not understood."""
    syscall: bool
    """It is a system call; else a fault or an interrupt."""
    from_user: bool
    entered_at: int | None
    """Position before the instruction that led in; None when it was not seen."""
    before: Mapping[str, int]
    """Registers before: what the way back has to restore. Empty where unknown."""
    phase: Phase = Phase.ENTRY
    frame: int | None = None
    moved_from: int | None = None
    slots: Mapping[str, Mark] = _NOTHING
    """Slots that are written."""
    first: Mapping[str, int | None] = _NOTHING
    """Of slots that were written anew since: the position after which they held the user's."""
    returns: int | None = None
    """Where pt_regs.ip leads, once it was seen written anew."""
    possible: frozenset[str] = frozenset()
    """Slots of which it is not known whether they are."""
    restored: frozenset[str] = frozenset()
    fates: Mapping[str, Fate] = _NOTHING
    parked: Mapping[str, Parked] = _NOTHING
    """Registers that the entry put into per-CPU memory."""
    intact: frozenset[str] = frozenset()
    """Registers that still hold the user's value."""
    verdicts: tuple[Verdict, ...] = ()
    handler: int | None = None
    """The handler's first instruction; None before dispatch and for a number without one."""
    handler_at: int | None = None
    """Position at which it stood there."""
    choosing: bool = False
    """Between the dispatching call and the handler: in a retpoline or a switch over the number."""
    level: int | None = None
    """Where the handler's return address lies, while it has not returned."""
    reach: int | None = None
    """Where it lay or lies: what interrupts the call from then on has its frame below."""
    result: int | None = None
    """The call's result as the register holds it; None before it is known."""
    result_at: int | None = None
    after: Mapping[str, int] | None = None
    """Registers on return to user mode; None while under way."""
    left_at: int | None = None
    """Position of that return."""
    partial: bool = False
    """Some of it was not watched."""
    abi: str = "64"
    """How a system call was passed (`systui.arch.spec.SyscallConvention.abi`)."""


def rewritten(way: Way, slots: Iterable[str]) -> dict[str, int | None]:
    """`way.first` once `slots` are stored that may hold something."""
    again = {slot: way.slots[slot].position for slot in slots if slot in way.slots}
    return {**again, **way.first}


class Track(NamedTuple):
    """What is known at one position."""

    ways: tuple[Way, ...] = ()
    """Open ways, the innermost last."""
    done: Way | None = None
    """The system call that ended last, as long as nothing else could have."""

    @property
    def way(self) -> Way | None:
        """The innermost open way."""
        return self.ways[-1] if self.ways else None

    @property
    def call(self) -> Way | None:
        """The system call under way, else the one that ended last."""
        return next((way for way in reversed(self.ways) if way.syscall), self.done)

    @property
    def phase(self) -> Phase:
        """The phase of the innermost way; user where there is none."""
        return self.ways[-1].phase if self.ways else Phase.USER
