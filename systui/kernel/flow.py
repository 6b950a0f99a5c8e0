"""The flow graph of a call's way through the kernel: blocks of instructions, and where each leads.

Told from the code itself: the entry code as `systui.kernel.walk` follows it, the C functions that
dispatch, and those that do the work on the way out. Parts stand in the order of a call's way; the
blocks of a part by address.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from systui.kernel.door import Door
from systui.kernel.path import EntryPath
from systui.kernel.walk import Walk
from systui.model.operation import Flow, Operation

_LARGEST = 1 << 14
"""Bytes of a C function that are looked at."""
_TRACING = ("trace", "audit")
"""What the names of functions say that report calls to a tracer (kernel/entry/common.c)."""
_WORK = ("syscall_enter_from_user_mode", "syscall_trace_enter", "exit_to_user_mode_")
"""How functions are called that do what is due on the way in and out, beside the handler."""
_ENDS = frozenset((Flow.JUMP, Flow.RETURN, Flow.SYSRET, Flow.IRET, Flow.STOP))


class Edge(NamedTuple):
    """Where a block leads."""

    to: int
    """Address."""
    kind: str
    """`next` (falls through), `branch` (taken), `jump`, `call`, `return`."""


class Block(NamedTuple):
    """Instructions that run one after the other."""

    address: int
    end: int
    """Address after the last of them."""
    instructions: int
    last: str
    """The last one, what it leads to by name."""
    marks: tuple[str, ...]
    """What happens in it: landmarks, `range_check`, `bad_number`, `tracing`."""
    calls: tuple[str, ...]
    """Functions called, those on the way included."""
    edges: tuple[Edge, ...]


class Part(NamedTuple):
    """The blocks of one function or label."""

    name: str
    address: int
    size: int | None
    """Bytes up to the next symbol; None where no other follows."""
    place: str
    """Where on the way: `inward`, `dispatch`, `work` (on the way in or out, in C), `outward`."""
    blocks: tuple[Block, ...]


class FlowMap(NamedTuple):
    """One way in and out."""

    abi: str
    entry: int
    parts: tuple[Part, ...]

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks in the order of the way."""
        return (block for part in self.parts for block in part.blocks)


def flow_map(path: EntryPath, door: Door) -> FlowMap:
    """The map of the calls that arrive at `door`."""
    builder = _Builder(path, door)
    return FlowMap(path.convention(door.entry).abi, door.entry, tuple(builder.parts()))


Successors = Mapping[int, Sequence[int]]


class _Builder:
    def __init__(self, path: EntryPath, door: Door) -> None:
        self._path = path
        self._door = door
        self._dispatch = path.dispatch_of(door)
        self._landmarks = path.landmarks_of(door)
        self._functions = self._c_functions()
        self._refusing = {} if self._dispatch is None else self._dispatch.refusing
        self._too_large = frozenset(self._refusing.values())

    def parts(self) -> Iterator[Part]:
        inward = self._walked(self._door.inward)
        yield from self._parts("inward", self._door.entry, {**inward, **self._refused(inward)})
        for function in self._functions:
            place = "work" if self._is_work(function) else "dispatch"
            yield from self._parts(place, function, self._flowing(function))
        back = self._door.return_site
        yield from self._parts("outward", back, self._walked(self._door.outward))

    # --- where control goes ------------------------------------------------------------------

    def _walked(self, way: Walk) -> Successors:
        found: dict[int, list[int]] = {
            address: [] for address in way.states if self._path.listing.operation(address)
        }
        for address, before in way.predecessors.items():
            for each in before:
                if address in found:
                    found[each].append(address)
        return found

    def _refused(self, inward: Successors) -> Successors:
        """Where entry code itself turns a number away: that branch, and the way round the call."""
        found: dict[int, Sequence[int]] = {}
        back = self._door.outward.states
        for branch, goes in self._refusing.items():
            if branch not in inward:
                continue
            found[branch] = (
                [*inward[branch], goes] if goes not in inward[branch] else inward[branch]
            )
            pending = [goes]
            while pending:
                address = pending.pop()
                operation = self._path.listing.operation(address)
                if operation is None or address in back or address in {**inward, **found}:
                    continue
                found[address] = _following(operation)
                pending += found[address]
        return found

    def _c_functions(self) -> list[int]:
        """The dispatching function, those that dispatch for it, and those of work on the way."""
        if self._door.function is None:
            return []
        pending = [self._door.function]
        if self._dispatch is not None:
            pending += self._starts(sorted(self._dispatch.code))
        found: dict[int, None] = {}
        while pending:
            function = pending.pop(0)
            if function not in found:
                found[function] = None
                called = map(self._target, sorted(self._flowing(function)))
                pending += [each for each in called if each is not None and self._is_work(each)]
        return list(found)

    def _is_work(self, function: int) -> bool:
        return function in self._path.exit_work or self._name(function).startswith(_WORK)

    def _starts(self, addresses: Iterable[int]) -> Iterator[int]:
        for address in addresses:
            symbol = self._path.symbol(address)
            if symbol is not None and not self._path.is_passage(address):
                yield symbol.address

    def _flowing(self, function: int) -> Successors:
        """A function's own instructions and where each leads, within the function."""
        size = self._path.size(function)
        inside = range(function, function + min(size or _LARGEST, _LARGEST))
        found: dict[int, list[int]] = {}
        pending = [function]
        while pending:
            address = pending.pop()
            operation = self._path.listing.operation(address)
            if address in found or operation is None:
                continue
            found[address] = [each for each in _following(operation) if each in inside]
            pending += found[address]
        return found

    # --- blocks ------------------------------------------------------------------------------

    def _parts(self, place: str, start: int, successors: Successors) -> Iterator[Part]:
        leaders = self._leaders(successors)
        named: dict[int, list[Block]] = {}
        for address in _in_order(start, successors):
            if address in leaders:
                symbol = self._path.symbol(address)
                begins = address if symbol is None else symbol.address
                block = self._block(address, leaders, successors)
                named.setdefault(begins, []).append(block)
        for begins, blocks in named.items():
            size = self._path.size(begins)
            yield Part(self._name(begins), begins, size, place, tuple(sorted(blocks)))

    def _leaders(self, successors: Successors) -> set[int]:
        """Addresses at which a block begins."""
        entered: dict[int, int] = {}
        found = set()
        for address, following in successors.items():
            operation = self._path.listing.operation(address)
            end = None if operation is None else operation.instruction.end
            for each in following:
                entered[each] = entered.get(each, 0) + 1
                if each != end or len(following) > 1:
                    found.add(each)
        begun = {each for each in successors if each not in entered}
        joined = {each for each, count in entered.items() if count > 1}
        labelled = {each for each in successors if self._is_label(each)}
        return (found | begun | joined | labelled) & set(successors)

    def _is_label(self, address: int) -> bool:
        symbol = self._path.symbol(address)
        return symbol is not None and symbol.address == address

    def _block(self, start: int, leaders: set[int], successors: Successors) -> Block:
        operations = []
        address = start
        while (operation := self._path.listing.operation(address)) is not None:
            operations.append(operation)
            address = operation.instruction.end
            if address in leaders or address not in successors or operation.flow in _ENDS:
                break
            if list(successors[operation.instruction.address]) != [address]:
                break
        last = operations[-1]
        return Block(
            start,
            last.instruction.end,
            len(operations),
            self._text(last),
            tuple(dict.fromkeys(self._marks(operations))),
            tuple(dict.fromkeys(self._called(operations))),
            tuple(self._edges(operations, successors)),
        )

    def _edges(self, operations: Sequence[Operation], successors: Successors) -> Iterator[Edge]:
        for operation in operations:
            target = self._target(operation.instruction.address)
            if target in self._functions:
                yield Edge(target, "call")
        last = operations[-1]
        end = last.instruction.end
        if self._returns(last) and self._function(last) == self._door.function:
            yield Edge(self._door.return_site, "return")
        for each in sorted(successors.get(last.instruction.address, ())):
            if each == end:
                yield Edge(each, "next")
            else:
                kind = _KINDS.get(last.flow, "jump")
                yield Edge(each, kind)

    def _returns(self, operation: Operation) -> bool:
        """Whether it returns, or jumps to a thunk that does."""
        return operation.flow is Flow.RETURN or (
            operation.flow is Flow.JUMP and operation.instruction.target in self._path.passages
        )

    def _function(self, operation: Operation) -> int | None:
        symbol = self._path.symbol(operation.instruction.address)
        return None if symbol is None else symbol.address

    # --- what happens in them ----------------------------------------------------------------

    def _marks(self, operations: Sequence[Operation]) -> Iterator[str]:
        dispatch = self._dispatch
        for operation in operations:
            address = operation.instruction.address
            landmark = self._landmarks.get(address)
            if landmark is not None:
                yield landmark.name
            if dispatch is not None and address in dispatch.range_checks:
                yield "range_check"
            if address in self._too_large or self._target(address) in self._path.missing_handlers:
                yield "bad_number"
        names = (*self._called(operations), self._name(operations[0].instruction.address))
        if any(word in name for name in names for word in _TRACING):
            yield "tracing"

    def _text(self, operation: Operation) -> str:
        """The instruction, the place that it leads to by name."""
        instruction = operation.instruction
        if instruction.target is None:
            return instruction.text
        symbol = self._path.symbol(instruction.target)
        if symbol is None:
            return instruction.text
        offset = instruction.target - symbol.address
        place = f"{symbol.name}+{offset:#x}" if offset else symbol.name
        return f"{instruction.mnemonic} {place}"

    def _called(self, operations: Sequence[Operation]) -> Iterator[str]:
        for operation in operations:
            target = operation.instruction.target
            if operation.flow is Flow.CALL and target is not None:
                yield self._name(target)

    def _name(self, address: int) -> str:
        symbol = self._path.symbol(address)
        return hex(address) if symbol is None else symbol.name

    def _target(self, address: int) -> int | None:
        """The function called, or jumped to at the end of another, by the code at `address`."""
        operation = self._path.listing.operation(address)
        if operation is None or operation.flow not in (Flow.CALL, Flow.JUMP):
            return None
        target = operation.instruction.target
        if operation.flow is Flow.JUMP and target is not None and not self._is_label(target):
            return None
        return target


_KINDS = {Flow.BRANCH: "branch", Flow.JUMP: "jump", Flow.CALL: "call", Flow.RETURN: "return"}


def _in_order(start: int, successors: Successors) -> Iterator[int]:
    """Addresses as they are reached from `start`, what falls through first."""
    pending, seen = [start], set()
    while pending:
        address = pending.pop()
        if address not in seen and address in successors:
            seen.add(address)
            yield address
            pending += sorted(successors[address], reverse=True)


def _following(operation: Operation) -> tuple[int, ...]:
    """Where control can be after an instruction of C code, calls passed over."""
    instruction, flow = operation.instruction, operation.flow
    if flow is Flow.BRANCH and instruction.target is not None:
        return (instruction.end, instruction.target)
    if flow is Flow.JUMP:
        return () if instruction.target is None else (instruction.target,)
    return () if flow in _ENDS else (instruction.end,)
