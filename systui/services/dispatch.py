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
_MODULES: dict[str, tuple[int, ...]] = {  # fmt: skip
    "clock": (
        35, 36, 37, 38, 96, 201, 219, 227, 228, 229, 230,
    ),
    "descriptors": (
        3, 16, 22, 32, 33, 72, 73, 292, 293, 436,
    ),
    "identity": (
        39, 63, 97, 98, 99, 100, 102, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113,
        114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 160, 170, 186,
        302, 318,
    ),
    "io": (
        0, 1, 8, 17, 18, 19, 20, 40, 74, 75, 77, 162, 187, 221, 285, 295, 296, 306,
        326, 327, 328,
    ),
    "memory": (
        9, 10, 11, 12,
    ),
    "names": (
        76, 82, 83, 84, 86, 87, 88, 90, 91, 92, 93, 94, 95, 132, 133, 191, 192, 193,
        194, 195, 196, 235, 258, 259, 260, 261, 263, 264, 265, 266, 268, 280, 316, 452,
    ),
    "paths": (
        2, 4, 5, 6, 21, 78, 79, 80, 81, 85, 89, 137, 138, 217, 257, 262, 267, 269, 332,
        437, 439,
    ),
    "process": (
        24, 60, 61, 135, 140, 141, 143, 144, 145, 146, 147, 157, 158, 202, 203, 204,
        218, 231, 247, 273, 274, 309, 324, 334,
    ),
    "signal": (
        13, 14, 15, 34, 62, 127, 128, 129, 130, 131, 200, 234, 297,
    ),
}
"""Which module of `calls` serves which numbers; a test compares it with the modules."""

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
