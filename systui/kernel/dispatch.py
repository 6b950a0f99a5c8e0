"""How a kernel's C code picks a system call's handler by its number, told from its code."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from systui.kernel.checks import find_checks
from systui.kernel.listing import Listing
from systui.kernel.values import Element, State, Value
from systui.kernel.walk import Rules, Walk, returned, walk
from systui.model.operation import (
    Flow,
    ImmediateOperand,
    MemoryOperand,
    Operation,
    RegisterOperand,
)

_SMALLEST_LIMIT = 64
"""Fewer calls than this no table has; other constants on the way are smaller."""
_NEAR = 24
"""Instructions before the dispatch among which the range check is looked for."""


class Dispatch(NamedTuple):
    """The dispatching function and what was found in it."""

    function: int
    sites: frozenset[int] = frozenset()
    """Where a handler is called (or jumped to) by its number."""
    missing: frozenset[int] = frozenset()
    """Calls of the handler of numbers that have none, past the table."""
    returns: frozenset[int] = frozenset()
    """Where a handler called at one of `sites` returns to."""
    absent: frozenset[int] = frozenset()
    """Where the calls in `missing` return to."""
    handed: frozenset[int] = frozenset()
    """Where the functions return to that pick the handler for the dispatching one."""
    code: frozenset[int] = frozenset()
    """All instructions of the dispatching code."""
    range_checks: Mapping[int, int] = MappingProxyType({})
    """Comparisons of the number: address to the first number that is too large."""
    refusing: Mapping[int, int] = MappingProxyType({})
    """Branches behind them: address to where a number goes that is too large."""
    after: frozenset[int] = frozenset()
    """Instructions that run once a handler has returned."""
    checks: Mapping[int, str] = MappingProxyType({})
    """Comparisons that decide whether SYSRET is possible, where C makes them."""
    undecided: frozenset[int] = frozenset()
    """Of `after`, those that a number beyond the table passes on its way to `missing`."""


class Names(NamedTuple):
    """Addresses that dispatch is recognised by; empty or None where an image has none."""

    tables: frozenset[int] = frozenset()
    """`sys_call_table` and its like."""
    thunks: frozenset[int] = frozenset()
    """`__x86_indirect_thunk_*`: a call of one is an indirect call."""
    switches: frozenset[int] = frozenset()
    """Functions that are a switch over the number (`x64_sys_call`)."""
    inner: frozenset[int] = frozenset()
    """Functions that dispatch for the dispatching function (`do_syscall_x64`)."""
    missing: frozenset[int] = frozenset()
    """Handlers of numbers that have none (`__x64_sys_ni_syscall`)."""
    return_thunks: frozenset[int] = frozenset()


def find_dispatch(listing: Listing, function: int, names: Names, given: State) -> Dispatch:
    """Look for the table call in `function` and the functions it leaves that to.

    `given` is the state in which it is called.
    """
    rules = Rules(call=returned, return_thunks=names.return_thunks)
    nothing = State({}, {}, arch=given.arch)
    way = walk(listing, [(function, given)], rules)
    calls = _calls(listing, way, names)
    handed = _called(listing, way, names.inner)
    missing = _called(listing, way, names.missing)
    ends = [call.instruction.end for call in (*calls, *handed)]
    after = frozenset(walk(listing, [(end, nothing) for end in ends], rules).states)
    unhandled = frozenset(call.instruction.address for call in missing)
    checks = _range_checks(listing, way, calls)
    found = Dispatch(
        function,
        sites=frozenset(call.instruction.address for call in calls),
        missing=unhandled,
        returns=frozenset(call.instruction.end for call in calls if call.flow is Flow.CALL),
        absent=frozenset(call.instruction.end for call in missing),
        handed=frozenset(call.instruction.end for call in handed),
        code=frozenset(way.states),
        range_checks=checks,
        refusing=_refusing(listing, checks),
        after=after,
        checks=find_checks((operation for operation, _state in _operations(listing, way)), way),
        undecided=after & way.leading_to(unhandled),
    )
    inner = names.inner - {function}  # damaged code may lead from one of them back to it
    for target in sorted(inner.intersection(call.instruction.target for call in handed)):
        part = find_dispatch(listing, target, names._replace(inner=inner), nothing)
        passed = part.after & _passing(listing, part, nothing, rules)
        found = _joined(found, part._replace(undecided=part.undecided | passed))
    return found


def entry_dispatch(listing: Listing, entry: int, way: Walk, names: Names) -> Dispatch:
    """The table call that the code at `entry` itself makes, along `way`: Linux until 4.16."""
    calls = _calls(listing, way, names)
    checks = _range_checks(listing, way, calls)
    return Dispatch(
        entry,
        sites=frozenset(call.instruction.address for call in calls),
        returns=frozenset(call.instruction.end for call in calls),
        range_checks=checks,
        refusing=_refusing(listing, checks),
    )


def _passing(listing: Listing, part: Dispatch, given: State, rules: Rules) -> frozenset[int]:
    """Instructions of a function that picks the handler which run when it finds none."""

    def stops(operation: Operation, _state: State) -> bool:
        return operation.instruction.address in part.sites

    bypass = walk(listing, [(part.function, given)], rules._replace(stops=stops))
    return frozenset(bypass.states) - part.sites


def _joined(whole: Dispatch, part: Dispatch) -> Dispatch:
    return Dispatch(
        whole.function,
        whole.sites | part.sites,
        whole.missing | part.missing,
        whole.returns | part.returns,
        whole.absent | part.absent,
        whole.handed | part.handed,
        whole.code | part.code,
        {**whole.range_checks, **part.range_checks},
        {**whole.refusing, **part.refusing},
        whole.after | part.after,
        {**whole.checks, **part.checks},
        whole.undecided | part.undecided,
    )


def _operations(listing: Listing, way: Walk) -> Iterator[tuple[Operation, State]]:
    for address, state in way.states.items():
        operation = listing.operation(address)
        if operation is not None:
            yield operation, state


def _called(listing: Listing, way: Walk, functions: frozenset[int]) -> list[Operation]:
    return [
        operation
        for operation, _state in _operations(listing, way)
        if operation.flow in (Flow.CALL, Flow.JUMP) and operation.instruction.target in functions
    ]


def _calls(listing: Listing, way: Walk, names: Names) -> list[Operation]:
    return [
        operation
        for operation, state in _operations(listing, way)
        if operation.flow in (Flow.CALL, Flow.JUMP) and dispatches(operation, state, names)
    ]


def dispatches(operation: Operation, state: State, names: Names) -> bool:
    """Whether a call or jump goes to the handler that a number stands for."""
    target = operation.instruction.target
    if target is not None:
        return target in names.switches or (
            target in names.thunks
            and any(_is_handler(value, names) for value in state.registers.values())
        )
    operand = operation.source
    return isinstance(operand, MemoryOperand | RegisterOperand) and _is_handler(
        state.value(operand), names
    )


def _is_handler(value: Value, names: Names) -> bool:
    return isinstance(value, Element) and value.table in names.tables


def _range_checks(listing: Listing, way: Walk, calls: list[Operation]) -> dict[int, int]:
    """The comparisons nearest before the calls, on each way there."""
    found: dict[int, int] = {}
    for call in calls:
        pending, seen = {call.instruction.address}, set[int]()
        for _ in range(_NEAR):
            before = {each for at in pending for each in way.predecessors.get(at, ())} - seen
            limits = {at: _limit(listing, listing.operation(at)) for at in before}
            found |= {at: limit for at, limit in limits.items() if limit is not None}
            pending = {at for at, limit in limits.items() if limit is None}
            seen |= before
    return found


def _limit(listing: Listing, operation: Operation | None) -> int | None:
    constant = None if operation is None else operation.source
    if operation is None or operation.name != "cmp" or not isinstance(constant, ImmediateOperand):
        return None
    following = listing.operation(operation.instruction.end)
    if constant.value < _SMALLEST_LIMIT or following is None or following.flow is not Flow.BRANCH:
        return None
    above = following.name in ("ja", "jbe", "jna", "jnbe", "jg", "jle")
    return constant.value + (1 if above else 0)


def _refusing(listing: Listing, checks: Iterable[int]) -> dict[int, int]:
    return dict(filter(None, (_failing(listing, check) for check in checks)))


def _failing(listing: Listing, check: int) -> tuple[int, int] | None:
    """The branch behind a range check, and where a number goes that is too large."""
    operation = listing.operation(check)
    for _ in range(_NEAR):
        if operation is None or operation.flow is Flow.BRANCH:
            break
        operation = listing.operation(operation.instruction.end)
    if operation is None or operation.flow is not Flow.BRANCH:
        return None
    above = operation.name in ("ja", "jae", "jg", "jge", "jnbe", "jnb")
    instruction = operation.instruction
    goes = instruction.target if above else instruction.end
    return None if goes is None else (instruction.address, goes)
