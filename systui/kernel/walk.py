"""Following entry code without running it: what each register and stack word must hold.

A walk starts at an address with a known state, goes along every way the code can take, and keeps
for each instruction what is certain just before it runs, whichever way led there. Where two ways
meet, only what both agree on stays. That is enough to tell which instruction stores which slot of
pt_regs, where the frame lies in relation to rsp, and what a comparison compares.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from systui.kernel.listing import Listing
from systui.model.operation import (
    Flow,
    ImmediateOperand,
    MemoryOperand,
    Operand,
    Operation,
    RegisterOperand,
)

_MASK = (1 << 64) - 1
_LIMIT = 4096
"""Instructions a walk looks at, each visit counted: far more than any entry path has."""

CALLER_SAVED = ("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11")
"""Registers that a C function may change (System V ABI, 3.2.1)."""


class User(NamedTuple):
    """The value that user register `register` had on the way in."""

    register: str


class Constant(NamedTuple):
    """A number."""

    number: int


class Pointer(NamedTuple):
    """An address on a stack: `offset` from where rsp stood when stack `base` was switched to.

    `base` is the address of the switching instruction, or 0 for the stack the CPU chose.
    """

    base: int
    offset: int


class Slot(NamedTuple):
    """What the pt_regs field `name` holds after the C code returned.

    `loaded_by` is the instruction that brought it into its register; None in memory.
    """

    name: str
    loaded_by: int | None = None


class Element(NamedTuple):
    """A word of the table of `size`-byte entries at `table`, picked by a register."""

    table: int


class Derived(NamedTuple):
    """Something computed from `origin` alone: shifted, masked or extended."""

    origin: "Value"


class Place(NamedTuple):
    """A word of per-CPU memory at `offset` from the gs base."""

    offset: int


class Return(NamedTuple):
    """A return address, `end` of the call that pushed it."""

    end: int


Value = User | Constant | Pointer | Slot | Element | Derived | Return | None
"""What is certain of a register or word; None: nothing."""

Where = Pointer | Place


class Word(NamedTuple):
    """A memory word's value and the address of the instruction that stored it."""

    value: Value
    stored_by: int | None


class State(NamedTuple):
    """What is certain just before an instruction runs."""

    registers: Mapping[str, Value]
    memory: Mapping[Where, Word]
    """Words stored on every way here."""
    touched: frozenset[Where] = frozenset()
    """Words stored on any way here."""
    returns: tuple[int, ...] = ()
    """Where open calls within the walked code return to."""
    zero: bool | None = None
    """The zero flag, where a comparison of two constants has just decided it."""

    def value(self, operand: Operand | None, width: int = 8) -> Value:
        """What `operand` holds."""
        if isinstance(operand, RegisterOperand):
            if operand.register.startswith("cr"):
                return User(operand.register)
            value = self.registers.get(operand.register)
            return value if operand.size >= width else _derived(value)
        if isinstance(operand, ImmediateOperand):
            return Constant(operand.value & _MASK)
        if isinstance(operand, MemoryOperand):
            return self._loaded(operand)
        return None

    def address(self, operand: MemoryOperand) -> Where | Constant | None:
        """Where `operand` points to."""
        if operand.segment == "gs" and operand.base is None and operand.index is None:
            return Place(operand.displacement & _MASK)
        if operand.index is not None or operand.segment in ("fs", "gs"):
            return None
        if operand.base is None:
            return Constant(operand.displacement & _MASK)
        base = self.registers.get(operand.base)
        if isinstance(base, Pointer):
            return Pointer(base.base, base.offset + operand.displacement)
        if isinstance(base, Constant):
            return Constant((base.number + operand.displacement) & _MASK)
        return None

    def _loaded(self, operand: MemoryOperand) -> Value:
        if operand.index is not None and operand.scale == operand.size:
            base = self.registers.get(operand.base) if operand.base else Constant(0)
            if isinstance(base, Constant):
                return Element((base.number + operand.displacement) & _MASK)
        where = self.address(operand)
        if isinstance(where, Pointer | Place):
            word = self.memory.get(where)
            value = None if word is None else word.value
            return value if operand.size == 8 else _derived(value)
        return None


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
    registers = {name: value for name, value in state.registers.items() if name not in CALLER_SAVED}
    return state._replace(registers=registers, zero=None)


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
    return State(registers, memory, one.touched | other.touched, returns)


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
            yield state.returns[-1], _popped(state)._replace(returns=state.returns[:-1])
    elif flow is Flow.JUMP and target is not None:
        if rules.tail is None or not rules.tail(target):
            yield target, state
        elif state.returns and (after := rules.call(operation, state)) is not None:
            yield state.returns[-1], _popped(after)._replace(returns=state.returns[:-1])
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
            called = _pushed(state, Return(end), instruction.address)
            yield target, called._replace(touched=state.touched, returns=(*state.returns, end))


def _taken(operation: Operation, state: State) -> bool | None:
    """Whether a branch on the zero flag is taken, where that is certain."""
    if state.zero is None:
        return None
    if operation.name in ("je", "jz"):
        return state.zero
    return not state.zero if operation.name in ("jne", "jnz") else None


def transfer(operation: Operation, state: State) -> State:
    """The state after an instruction that just goes on to the next."""
    name, address = operation.name, operation.instruction.address
    if name == "push":
        return _pushed(state, state.value(operation.source), address)
    if name in ("pushf", "pushfq"):
        return _pushed(state, None, address)
    if name == "pop":
        return _assigned(_popped(state), operation.destination, _on_top(state), address)
    if name in ("popf", "popfq"):
        return _popped(state)
    if name in ("cmp", "test"):
        return state._replace(zero=_zero(operation, state))
    if name in _SILENT:
        return state
    state = state._replace(zero=None)
    if name == "leave":
        freed = _with(state, "rsp", state.registers.get("rbp"))
        return _popped(_with(freed, "rbp", _on_top(freed)))
    if name == "xchg" and len(operation.operands) == 2:
        return _exchanged(operation, state)
    if operation.destination is None:
        return _clobbered(operation, state)
    computed = _computed(operation, state)
    return _assigned(_clobbered(operation, state), operation.destination, computed, address)


def _zero(operation: Operation, state: State) -> bool | None:
    one, other = (state.value(operand, 1) for operand in operation.operands)
    if not isinstance(one, Constant) or not isinstance(other, Constant):
        return None
    mask = (1 << 8 * min(operand.size for operand in operation.operands)) - 1
    if operation.name == "cmp":
        return (one.number ^ other.number) & mask == 0
    return one.number & other.number & mask == 0


_SILENT = frozenset(
    (
        *("nop", "endbr64", "pause", "swapgs", "wrmsr", "verw", "bt"),
        *("cli", "sti", "cld", "std", "clac", "stac", "lfence", "mfence", "sfence"),
    )
)
_MOVES = frozenset(("mov", "movabs"))
_NARROW = frozenset(("movsx", "movsxd", "movzx"))
_SHAPING = frozenset(("shl", "sal", "sar", "shr", "and", "or", "not", "neg", "bts", "btr"))


def _computed(operation: Operation, state: State) -> Value:
    name, source, destination = operation.name, operation.source, operation.destination
    if name in _MOVES:
        narrow = isinstance(destination, RegisterOperand) and destination.size < 8
        value = state.value(source)
        return _derived(value) if narrow and not isinstance(value, Constant) else value
    if name in _NARROW:
        return _derived(state.value(source))
    if name == "lea" and isinstance(source, MemoryOperand):
        where = state.address(source)
        return where if isinstance(where, Pointer | Constant) else None
    if name in ("xor", "sub") and _same_register(source, destination):
        return Constant(0)
    if name in ("add", "sub"):
        return _moved(state.value(destination), state.value(source), -1 if name == "sub" else 1)
    if name in _SHAPING:
        return _derived(state.value(destination))
    return None


def _same_register(one: Operand | None, other: Operand | None) -> bool:
    return (
        isinstance(one, RegisterOperand)
        and isinstance(other, RegisterOperand)
        and one.name == other.name
    )


def _moved(value: Value, by: Value, sign: int) -> Value:
    if not isinstance(by, Constant):
        return None
    distance = by.number - (1 << 64) if by.number >> 63 else by.number
    if isinstance(value, Pointer):
        return Pointer(value.base, value.offset + sign * distance)
    if isinstance(value, Constant):
        return Constant((value.number + sign * distance) & _MASK)
    return _derived(value)


def _derived(value: Value) -> Value:
    if value is None or isinstance(value, Derived | Constant):
        return value
    return Derived(value)


def _on_top(state: State) -> Value:
    top = state.registers.get("rsp")
    if not isinstance(top, Pointer):
        return None
    word = state.memory.get(top)
    return None if word is None else word.value


def _pushed(state: State, value: Value, by: int) -> State:
    top = state.registers.get("rsp")
    if not isinstance(top, Pointer):
        return _with(state, "rsp", _moved(top, Constant(8), -1))
    below = Pointer(top.base, top.offset - 8)
    return _stored(_with(state, "rsp", below), below, value, by)


def _popped(state: State) -> State:
    return _with(state, "rsp", _moved(state.registers.get("rsp"), Constant(8), 1))


def _assigned(state: State, operand: Operand | None, value: Value, by: int) -> State:
    if isinstance(operand, RegisterOperand):
        if operand.register == "rsp" and value is None:
            value = Pointer(by, 0)
        if isinstance(value, Slot):
            value = Slot(value.name, by)
        return _with(state, operand.register, value)
    if isinstance(operand, MemoryOperand):
        where = state.address(operand)
        if isinstance(where, Pointer | Place):
            return _stored(state, where, value, by)
    return state


def _stored(state: State, where: Where, value: Value, by: int) -> State:
    if isinstance(value, Slot):
        value = Slot(value.name)
    memory = {**state.memory, where: Word(value, by)}
    return state._replace(memory=memory, touched=state.touched | {where})


def _with(state: State, register: str, value: Value) -> State:
    return state._replace(registers={**state.registers, register: value})


def _exchanged(operation: Operation, state: State) -> State:
    one, other = operation.operands
    values = state.value(one), state.value(other)
    by = operation.instruction.address
    return _assigned(_assigned(state, one, values[1], by), other, values[0], by)


def _clobbered(operation: Operation, state: State) -> State:
    for register in operation.clobbers:
        if register != "rsp" and register in state.registers:
            state = _with(state, register, None)
    return state
