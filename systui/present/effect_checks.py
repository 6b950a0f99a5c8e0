"""Sentences for comparisons, above all those that decide between SYSRET and IRET."""

from collections.abc import Mapping

from systui.present.numbers import hexadecimal, named_call
from systui.words import _

Parts = Mapping[str, int | str | bool | None]


def range_check(parts: Parts) -> str:
    """The number against the table's size."""
    values = {"call": named_call(parts), "limit": parts.get("limit")}
    if parts.get("in_range"):
        return _("number {call} is below {limit}: the table has a row for it").format(**values)
    return _(
        "number {call} is not below {limit}: the table does not reach so far, the answer is -ENOSYS"
    ).format(**values)


def compare(parts: Parts) -> str:
    """A comparison with nothing special about it."""
    values = {"left": hexadecimal(parts.get("left")), "right": hexadecimal(parts.get("right"))}
    if parts.get("register"):
        values["register"] = str(parts["register"])
        if parts["zero"]:
            return _("{register} is 0").format(**values)
        return _("{register} ({left}) is not 0").format(**values)
    if "zero" in parts:
        if parts["zero"]:
            return _("{left} has none of the bits of {right}").format(**values)
        return _("{left} has some of the bits of {right}").format(**values)
    match parts.get("difference"):
        case "equal":
            return _("{left} equals {right}").format(**values)
        case "below":
            return _("{left} is below {right}").format(**values)
        case "above":
            return _("{left} is above {right}").format(**values)
    return _("{left} against {right}").format(**values)


def check_words(check: object, passed: bool) -> str:
    """What one of SYSRET's conditions says, held or not."""
    held = {
        "cx_is_ip": _("RCX = RIP"),
        "canonical": _("the return address is canonical"),
        "cs": _("CS is the user's 64-bit code segment"),
        "r11_is_flags": _("R11 = RFLAGS"),
        "rf_tf": _("RF and TF are clear"),
        "ss": _("SS is the user's stack segment"),
    }
    broken = {
        "cx_is_ip": _("RCX differs from RIP"),
        "canonical": _("the return address is not canonical"),
        "cs": _("CS is not the user's 64-bit code segment"),
        "r11_is_flags": _("R11 differs from RFLAGS"),
        "rf_tf": _("RF or TF is set"),
        "ss": _("SS is not the user's stack segment"),
    }
    return (held if passed else broken).get(str(check), str(check))


def sysret_check(parts: Parts) -> str:
    """The comparison of one condition."""
    passed = parts.get("passed")
    if passed is None:
        return _("one of SYSRET's conditions ({check}): the next branch decides").format(
            check=check_words(parts.get("check"), True)
        )
    return _verdict(parts.get("check"), bool(passed), _values(parts))


def _values(parts: Parts) -> str:
    left, right = parts.get("left"), parts.get("right")
    if left is None:
        return ""
    if right is None or left == right or parts.get("check") == "rf_tf":
        return f" ({hexadecimal(left)})"
    return f" ({hexadecimal(left)}, {hexadecimal(right)})"


def _verdict(check: object, passed: bool, values: str) -> str:
    words = check_words(check, passed) + values
    if passed:
        return _("{check}, so SYSRET is still possible").format(check=words)
    return _("{check}, so it must be IRET").format(check=words)


def sysret_branch(parts: Parts) -> str:
    """The branch behind a condition."""
    passed = parts.get("passed")
    if passed is None:
        return _("on to {symbol}").format(symbol=parts.get("symbol"))
    if parts.get("way") == "iret" or not passed:
        return _("{check}: the way back is IRET, at {symbol}").format(
            check=check_words(parts.get("check"), False), symbol=parts.get("symbol")
        )
    return _("{check}: SYSRET is still possible").format(
        check=check_words(parts.get("check"), True)
    )
