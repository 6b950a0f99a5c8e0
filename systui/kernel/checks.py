"""SYSRET's eligibility checks, recognised by what they compare."""

from collections.abc import Iterable

from systui.kernel.values import Constant, Derived, Slot, Value
from systui.kernel.walk import Walk
from systui.model.operation import Operation

CHECKS = ("cx_is_ip", "canonical", "cs", "r11_is_flags", "rf_tf", "ss")
"""SYSRET's eligibility checks by the names that `systui.model.snapshot.Verdict` uses."""


def _slot_name(value: Value) -> str | None:
    if isinstance(value, Derived):
        value = value.origin
    return value.name if isinstance(value, Slot) else None


def find_checks(operations: Iterable[Operation], way: Walk) -> dict[int, str]:
    """Comparisons of what SYSRET needs: address to the check's name."""
    found = {}
    for operation in operations:
        if operation.name in ("cmp", "test"):
            state = way.states[operation.instruction.address]
            name = check_name([state.value(operand, 1) for operand in operation.operands])
            if name is not None:
                found[operation.instruction.address] = name
    return found


def check_name(values: list[Value]) -> str | None:
    """Which of SYSRET's checks a comparison of `values` is."""
    names = {name for value in values if (name := _slot_name(value)) is not None}
    if names == {"cx", "ip"}:
        shifted = any(isinstance(value, Derived) for value in values)
        return "canonical" if shifted else "cx_is_ip"
    if names == {"r11", "flags"}:
        return "r11_is_flags"
    if names in ({"r11"}, {"flags"}):
        return "rf_tf"
    if names in ({"ip"}, {"cx"}) and any(isinstance(value, Constant) for value in values):
        return "canonical"
    return next((name for name in ("cs", "ss") if names == {name}), None)
