"""Which handler a compiled switch over the call number leads to, number by number.

From Linux 6.9 on (and where that was taken back to older ones) a system call's handler is picked
by a C `switch` in `x64_sys_call`, not through a table: compilers make comparisons and jumps of
it, or a jump table. All ways through it are walked at once, each with the numbers that take it.
"""

from collections.abc import Callable
from typing import NamedTuple

from systui.kernel.listing import Listing
from systui.model.operation import Flow, ImmediateOperand, MemoryOperand, Operation, RegisterOperand
from systui.model.stop import Read

_LAST = 0xFFFF_FFFF
_MOST_STEPS = 1 << 15
_LARGEST_TABLE = 1 << 12
"""Numbers from here on are no calls: today's last one is 547."""
_TAKEN = dict(
    zip(
        ("je", "jne", "ja", "jae", "jb", "jbe", "jg", "jge", "jl", "jle"),
        ("=", "<>", ">", ">=", "<", "<=", ">", ">=", "<", "<="),
        strict=True,
    )
)
"""When a conditional jump is taken: how the number compares."""
_NUMBER = "rsi"
"""The second argument of `x64_sys_call(regs, nr)`."""


class _Way(NamedTuple):
    """A place in the code and the numbers, `low` to `high`, that come there."""

    address: int
    low: int
    high: int
    compared: int | None = None
    """What the number was last compared with."""
    holders: frozenset[str] = frozenset({_NUMBER})
    """Full-width registers that hold the number."""


def switch_targets(
    listing: Listing, read: Read, function: int, is_handler: Callable[[int], bool]
) -> dict[int, int]:
    """Handler addresses by number for the switch at `function`; empty where it is not understood.

    `is_handler` tells handlers from other functions that are called on the way. What most
    numbers lead to (no handler) is left out.
    """
    targets: dict[int, int] = {}
    ways = [_Way(function, 0, _LAST)]
    seen: set[_Way] = set()
    while ways and len(seen) + len(ways) < _MOST_STEPS:
        way = ways.pop()
        if way in seen or way.low > way.high:
            continue
        seen.add(way)
        operation = listing.operation(way.address)
        called = operation.instruction.target if operation and operation.flow is Flow.CALL else None
        handler = next(
            (each for each in (way.address, called) if each is not None and is_handler(each)), None
        )
        if handler is not None:
            if way.high < _LARGEST_TABLE:
                targets.update(dict.fromkeys(range(way.low, way.high + 1), handler))
        elif operation is not None:
            ways += _onward(way, operation, read)
    return targets


def _onward(way: _Way, operation: Operation, read: Read) -> list[_Way]:
    """The ways after an instruction of the switch itself."""
    after = operation.instruction.end
    target = operation.instruction.target
    match operation.flow:
        case Flow.JUMP:
            if target is None:
                return _through_table(way, operation, read)
            return [way._replace(address=target)]
        case Flow.BRANCH:
            return _parted(way, operation.name, target, after)
        case Flow.NEXT:
            return [_computed(way._replace(address=after), operation)]
        case Flow.CALL:
            return [way._replace(address=after)]
    return []


def _parted(way: _Way, name: str, target: int | None, after: int) -> list[_Way]:
    """Both ways after a conditional jump, each with the numbers that take it.

    Numbers are far from the sign bit, so that signed and unsigned comparisons part them alike.
    """
    value = way.compared
    if value is None or target is None or name not in _TAKEN:
        return []
    taken_when = _TAKEN[name]
    parts = (
        ("<", way._replace(high=min(way.high, value - 1))),
        ("=", way._replace(low=max(way.low, value), high=min(way.high, value))),
        (">", way._replace(low=max(way.low, value + 1))),
    )
    return [
        part._replace(address=target if relation in taken_when else after)
        for relation, part in parts
    ]


def _computed(way: _Way, operation: Operation) -> _Way:
    """`way` after an instruction that neither jumps nor calls."""
    source, destination = operation.source, operation.destination
    if operation.name == "cmp" and _holds(way, destination):
        value = source.value & _LAST if isinstance(source, ImmediateOperand) else None
        return way._replace(compared=value)
    if operation.name == "test" and _holds(way, destination) and source == destination:
        return way._replace(compared=0)
    if not isinstance(destination, RegisterOperand) or not destination.written:
        return way
    copies = operation.name in ("mov", "movsxd", "movslq") and _holds(way, source)
    holders = way.holders - {destination.register}
    return way._replace(holders=holders | {destination.register} if copies else holders)


def _holds(way: _Way, operand: object) -> bool:
    return isinstance(operand, RegisterOperand) and operand.register in way.holders


def _through_table(way: _Way, operation: Operation, read: Read) -> list[_Way]:
    """The ways of a jump through a table of addresses indexed by the number."""
    place = operation.source
    if not isinstance(place, MemoryOperand) or place.base or place.index not in way.holders:
        return []
    if way.high >= _LARGEST_TABLE:
        return []
    found = []
    for number in range(way.low, way.high + 1):
        at = (place.displacement + number * place.scale) & (1 << 64) - 1
        word = read(at, place.size)
        if word is not None:
            target = int.from_bytes(word, "little")
            found.append(way._replace(address=target, low=number, high=number))
    return found
