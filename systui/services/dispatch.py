"""From a call's number to its handler: the decorator, the argument types, the lazy table."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, NamedTuple

from systui.services.ports import Blocked

Int = Annotated[int, "s32"]
UInt = Annotated[int, "u32"]
Long = Annotated[int, "s64"]
ULong = Annotated[int, "u64"]
Pointer = ULong

Result = int | Blocked


def s32(value: int) -> int:
    """The low 32 bits, signed."""
    return ((value & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000


def u32(value: int) -> int:
    """The low 32 bits."""
    return value & 0xFFFF_FFFF


def s64(value: int) -> int:
    """64 bits, signed."""
    return ((value & 0xFFFF_FFFF_FFFF_FFFF) ^ (1 << 63)) - (1 << 63)


def u64(value: int) -> int:
    """64 bits."""
    return value & 0xFFFF_FFFF_FFFF_FFFF


_CONVERT = {"s32": s32, "u32": u32, "s64": s64, "u64": u64}


class Handler(NamedTuple):
    """One served call."""

    number: int
    name: str
    function: Callable[..., Result]
    convert: tuple[Callable[[int], int], ...]


HANDLERS: dict[int, Handler] = {}
"""Every handler whose module is loaded."""

Function = Callable[..., Result]


def call(number: int, name: str) -> Callable[[Function], Function]:
    """Serve call `number` with the function: (task, arguments…) with types from this module."""

    def register(function: Function) -> Function:
        notes: dict[str, Any] = function.__annotations__
        types = [note for key, note in notes.items() if key not in {"task", "return"}]
        convert = tuple([_CONVERT[note.__metadata__[0]] for note in types])
        HANDLERS[number] = Handler(number, name, function, convert)
        return function

    return register


_PREFIX = "systui.services.calls."
_MODULES: dict[str, tuple[int, ...]] = {
    "memory": (9, 10, 11, 12, 25, 26, 27, 28),
}
_HOME = {number: module for module, numbers in _MODULES.items() for number in numbers}


def handler(number: int) -> Handler | None:
    """The handler of call `number`, its module imported on first use; None when it has none."""
    found = HANDLERS.get(number)
    if found is None and number in _HOME:
        import_module(_PREFIX + _HOME[number])
        found = HANDLERS.get(number)
    return found


def served() -> frozenset[int]:
    """Numbers of all calls that are served."""
    return frozenset(_HOME)
