"""Following entry code without running it: what each register and stack word must hold.

A walk starts at an address with a known state, goes along every way the code can take, and keeps
for each instruction what is certain just before it runs, whichever way led there. Where two ways
meet, only what both agree on stays. That is enough to tell which instruction stores which slot of
pt_regs, where the frame lies in relation to rsp, and what a comparison compares.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from systui.kernel.listing import Listing
from systui.kernel.transfer import popped, pushed, transfer
from systui.kernel.values import Pointer, Return, State, Word
from systui.model.operation import Flow, Operation

_LIMIT = 4096
"""Instructions a walk looks at, each visit counted: far more than any entry path has."""
_LEAST_FRAME = 5
"""Words that the CPU pushes at a gate."""


class Walk:
    """The outcome: the state before each instruction, and how instructions are reached."""

    def __init__(self) -> None:
        self.states: dict[int, State] = {}
        self.predecessors: dict[int, set[int]] = {}
        self.missing: list[int] = []
        """Addresses that could not be decoded."""

    def leading_to(self, ends: Iterable[int]) -> frozenset[int]:
        """Instructions from which one of `ends` can be reached, they included."""
        found: set[int] = set()
        pending = list(ends)
        while pending:
            address = pending.pop()
            if address not in found:
                found.add(address)
                pending.extend(self.predecessors.get(address, ()))
        return frozenset(found)

    def towards(self, ends: Iterable[int]) -> "Walk":
        """What of it leads to one of `ends`."""
        leading = self.leading_to(ends)
        part = Walk()
        part.states = {at: state for at, state in self.states.items() if at in leading}
        part.predecessors = {
            at: before & leading for at, before in self.predecessors.items() if at in leading
        }
        return part


_CONDITIONS = {
    **dict.fromkeys(("je", "jz"), ("zero", True)),
    **dict.fromkeys(("jne", "jnz"), ("zero", False)),
    **dict.fromkeys(("jb", "jc", "jnae"), ("below", True)),
    **dict.fromkeys(("jae", "jnb", "jnc"), ("below", False)),
}
"""Branches by the flag that they look at, and its value with which they are taken."""

Call = Callable[[Operation, State], State | None]
"""What a call comes back with; None where the walk shall go into the called code."""


class Rules(NamedTuple):
    """What a walk treats in its own way."""

    call: Call
    return_thunks: frozenset[int] = frozenset()
    """Addresses to which a jump is a return (`__x86_return_thunk`)."""
    tail: Callable[[int], bool] | None = None
    """Whether a jump to an address is a call in place of a return."""
    stops: Callable[[Operation, State], bool] | None = None
    """Whether an instruction is one beyond which it does not go."""


def returned(_operation: Operation, state: State) -> State:
    """After a C function: what it may change is unknown (a `Call`)."""
    changed = state.arch.caller_saved
    registers = {name: value for name, value in state.registers.items() if name not in changed}
    return state._replace(registers=registers, zero=None, below=None)


def walk(listing: Listing, starts: Iterable[tuple[int, State]], rules: Rules) -> Walk:
    """Follow the code from `starts`."""
    result = Walk()
    pending = list(starts)
    for _ in range(_LIMIT):
        if not pending:
            break
        address, state = pending.pop()
        known = result.states.get(address)
        if known is not None:
            state = _meet(known, state)
            if state == known:
                continue
        result.states[address] = state
        operation = listing.operation(address)
        if operation is None:
            result.missing.append(address)
            continue
        if rules.stops is not None and rules.stops(operation, state):
            continue
        for following, after in _successors(operation, state, rules):
            result.predecessors.setdefault(following, set()).add(address)
            pending.append((following, after))
    return result


def _meet(one: State, other: State) -> State:
    for still, moved in ((one, other), (other, one)):
        if _carried(still, moved):
            return moved._replace(touched=one.touched | other.touched)
    registers = {
        name: value
        for name, value in one.registers.items()
        if value is not None and other.registers.get(name) == value
    }
    memory = {
        where: word if other.memory[where] == word else _common(word, other.memory[where])
        for where, word in one.memory.items()
        if where in other.memory
    }
    returns = one.returns if one.returns == other.returns else ()
    zero = one.zero if one.zero is other.zero else None
    below = one.below if one.below is other.below else None
    touched = one.touched | other.touched
    return State(registers, memory, touched, returns, zero, below, arch=one.arch)


def _carried(still: State, moved: State) -> bool:
    """Whether two ways meet of which one has moved the frame off the stack that the CPU chose.

    The other is for a CPU that chose the thread's stack itself (entry code reached from the
    kernel); a call of the program's comes by the first.
    """
    old, new = still.top, moved.top
    if not isinstance(old, Pointer) or not isinstance(new, Pointer) or old.base or not new.base:
        return False
    frame = [
        (where.offset - new.offset, word)
        for where, word in moved.memory.items()
        if isinstance(where, Pointer) and where.base == new.base and where.offset >= new.offset
    ]
    return len(frame) >= _LEAST_FRAME and all(
        still.memory.get(Pointer(old.base, old.offset + distance)) == word
        for distance, word in frame
    )


def _common(one: Word, other: Word) -> Word:
    return Word(
        one.value if one.value == other.value else None,
        one.stored_by if one.stored_by == other.stored_by else None,
    )


def _successors(operation: Operation, state: State, rules: Rules) -> Iterable[tuple[int, State]]:
    instruction, flow = operation.instruction, operation.flow
    target, end = instruction.target, instruction.end
    if flow is Flow.NEXT:
        yield end, transfer(operation, state)
    elif flow is Flow.RETURN or (flow is Flow.JUMP and target in rules.return_thunks):
        if state.returns:
            yield state.returns[-1], popped(state)._replace(returns=state.returns[:-1])
    elif flow is Flow.JUMP and target is not None:
        if rules.tail is None or not rules.tail(target):
            yield target, state
        elif state.returns and (after := rules.call(operation, state)) is not None:
            yield state.returns[-1], popped(after)._replace(returns=state.returns[:-1])
    elif flow is Flow.BRANCH and target is not None:
        taken = _taken(operation, state)
        if taken is not False:
            yield target, state
        if taken is not True:
            yield end, state
    elif flow in (Flow.SYSCALL, Flow.INTERRUPT):
        yield end, returned(operation, state)
    elif flow is Flow.CALL:
        after = rules.call(operation, state)
        if after is not None:
            yield end, after
        elif target is not None:
            called = pushed(state, Return(end), instruction.address)
            yield target, called._replace(touched=state.touched, returns=(*state.returns, end))


def _taken(operation: Operation, state: State) -> bool | None:
    """Whether a branch on the zero or the carry flag is taken, where that is certain."""
    flag, wanted = _CONDITIONS.get(operation.name, ("zero", None))
    value = state.zero if flag == "zero" else state.below
    return None if value is None or wanted is None else value is wanted
