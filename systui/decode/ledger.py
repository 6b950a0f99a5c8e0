"""The ledger: what became of each user register during a call."""

from collections.abc import Sequence

from systui.decode.way import Fate, Way
from systui.model.frame import LedgerRow

_NONE = Fate()


def ledger(way: Way, registers: Sequence[str]) -> tuple[LedgerRow, ...]:
    """A row for each of `registers`, in their order."""
    return tuple(_row(way, register) for register in registers)


def _row(way: Way, register: str) -> LedgerRow:
    slot = way.door.keepers.get(register) if way.door is not None else None
    mark = way.slots.get(slot) if slot is not None else None
    fate = way.fates.get(register, _NONE)
    return LedgerRow(
        register,
        way.before.get(register),
        slot,
        None if mark is None else mark.position,
        fate.clobbered_by,
        fate.clobbered_at,
        fate.restored_by,
        fate.restored_at,
        None if way.after is None else way.after.get(register),
    )
