"""User registers in per-CPU memory: put aside on the way in, taken out on the way back."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from systui.kernel.values import Place, State, User, Value
from systui.kernel.walk import Walk
from systui.model.operation import Operation, RegisterOperand


class Parking(NamedTuple):
    """A word of per-CPU memory, `offset` from its base, and the instruction that stored it."""

    offset: int
    stored_by: int | None


def parked(state: State) -> dict[str, Parking]:
    """The user registers that per-CPU memory holds in `state`."""
    return {
        word.value.register: Parking(where.offset, word.stored_by)
        for where, word in state.memory.items()
        if isinstance(where, Place) and isinstance(word.value, User)
    }


def taken_out(operation: Operation, way: Walk, last: Iterable[Mapping[str, Value]]) -> str | None:
    """The user register that `operation` takes out of there, if one of `last` still holds it.

    `last` are the registers at the ends of `way`.
    """
    target, memory = operation.destination, operation.memory
    if not isinstance(target, RegisterOperand) or memory is None or not target.written:
        return None
    state = way.states[operation.instruction.address]
    where, kept = state.address(memory), User(target.register)
    held = state.memory.get(where) if isinstance(where, Place) else None
    if held is None or held.value != kept:
        return None
    return target.register if any(each.get(target.register) == kept for each in last) else None
