"""The ledger: what became of each user register during a call."""

from collections.abc import Sequence

from systui.arch.spec import Architecture
from systui.decode.way import Fate, Way
from systui.model.frame import LedgerRow

_NONE = Fate()


def ledger(way: Way, registers: Sequence[str], arch: Architecture) -> tuple[LedgerRow, ...]:
    """A row for each of `registers`, in their order."""
    return tuple(_row(way, register, arch) for register in registers)


def _row(way: Way, register: str, arch: Architecture) -> LedgerRow:
    kept_in, saved_at = _kept(way, register, arch)
    fate = way.fates.get(register, _NONE)
    return LedgerRow(
        register,
        way.before.get(register),
        kept_in,
        saved_at,
        fate.clobbered_by,
        fate.clobbered_at,
        fate.restored_by,
        fate.restored_at,
        None if way.after is None else way.after.get(register),
        register in arch.general and register not in (*arch.caller_saved, arch.sp),
    )


def _kept(way: Way, register: str, arch: Architecture) -> tuple[str | None, int | None]:
    """Where it is: in its slot, and until that is written in the word that it was parked in.

    From there it may go to the slot named after it, on a way that needs a whole frame.
    """
    slot = way.door.keepers.get(register) if way.door is not None else None
    parked = way.parked.get(register)
    if slot is None and parked is not None:
        slot = next(field for field, each in arch.pt_regs.registers if each == register)
    mark = way.slots.get(slot) if slot is not None else None
    if mark is None and parked is not None:
        return parked.word, parked.position
    if mark is None or slot is None:
        return slot, None
    return slot, way.first.get(slot, mark.position)
