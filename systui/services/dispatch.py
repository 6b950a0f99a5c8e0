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
_MODULES = {
    "attributes": "76 90-95 132 191-196 235 260-261 268 280 452",
    "children": "56-59 61 247 322 435",
    "clock": "35-38 96 201 219 227-230",
    "counters": "283-284 286-287 290",
    "descriptors": "3 16 22 32-33 72-73 292-293 436",
    "directories": "78-81 89 217 267",
    "epoll": "213 232-233 281 291",
    "futex": "202",
    "identity": "39 102 104-108 110 113-120 122-123 125-126 186",
    "io": "0-1 8 17-20 295-296 327-328",
    "limits": "97-98 100 160 302",
    "machine": "63 99 170 318",
    "memory": "9-12 25-28 149-152 319 325 329-330",
    "messages": "44-47 299 307",
    "names": "82-84 86-88 133 258-259 263-266 316",
    "paths": "2 85 257 437",
    "process": "24 60 135 140-141 143-147 157-158 203-204 218 231 273-274 309 324 334",
    "sessions": "109 111-112 121 124",
    "signal": "13-15 34 62 127-131 200 234 297",
    "sizes": "74-75 77 162 187 221 285 306",
    "socketoptions": "54-55",
    "sockets": "41-43 48-53 288",
    "status": "4-6 21 137-138 262 269 332 439",
    "transfer": "40 326",
    "waiting": "7 23 270-271",
}
"""Which module of `calls` serves which numbers; a test compares it with the modules."""


def _numbers(ranges: str) -> list[int]:
    found: list[int] = []
    for word in ranges.split():
        first, _, last = word.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


_HOME = {number: module for module, text in _MODULES.items() for number in _numbers(text)}


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
