"""Numbers as a person reads them."""

from collections.abc import Mapping


def hexadecimal(value: object) -> str:
    """`0x2b`; `?` where the value is not known."""
    if isinstance(value, int):
        return f"{value:#x}"
    return "?" if value is None else str(value)


def errno_text(value: object, errno: object) -> str:
    """A call's result: `3`, `-88 ENOTSOCK`; large ones, which may be addresses, in hex too."""
    if not isinstance(value, int):
        return "?"
    if errno:
        return f"{value} {errno}"
    return str(value) if abs(value) < 1 << 16 else f"{value} ({value & (1 << 64) - 1:#x})"


def named_call(parts: Mapping[str, int | str | bool | None]) -> str:
    """`43 (accept)`, or the number alone where it has no name."""
    number, name = parts.get("number"), parts.get("name")
    if not isinstance(number, int):
        return str(name or "?")
    return f"{number} ({name})" if name else str(number)


def stack_pointer(parts: Mapping[str, int | str | bool | None]) -> str:
    """What the machine calls the register, by its `bits`."""
    return "esp" if parts.get("bits") == 32 else "rsp"
