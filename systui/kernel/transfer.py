"""What one instruction does to what is certain of registers and memory."""

from systui.kernel.values import (
    Constant,
    Place,
    Pointer,
    Slot,
    State,
    Value,
    Where,
    Word,
    derived,
)
from systui.model.operation import (
    MemoryOperand,
    Operand,
    Operation,
    RegisterOperand,
)


def transfer(operation: Operation, state: State) -> State:
    """The state after an instruction that just goes on to the next."""
    name, address = operation.name, operation.instruction.address
    if name == "push":
        return pushed(state, state.value(operation.source), address)
    if name in ("pushf", "pushfd", "pushfq"):
        return pushed(state, None, address)
    if name == "pop":
        return _assigned(popped(state), operation.destination, _on_top(state), address)
    if name in ("popf", "popfd", "popfq"):
        return popped(state)
    if name in ("cmp", "test"):
        return _compared(operation, state)
    if name in _SILENT or _pads(operation, state):
        return state
    state = state._replace(zero=None, below=None)
    if name in _COPIES and isinstance(operation.source, MemoryOperand):
        return _clobbered(operation, _copied(operation, state))
    if name == "leave":
        sp, bp = state.arch.sp, state.arch.holder["bp"]
        freed = _with(state, sp, state.registers.get(bp))
        return popped(_with(freed, bp, _on_top(freed)))
    if name == "xchg" and len(operation.operands) == 2:
        return _exchanged(operation, state)
    if operation.destination is None:
        return _clobbered(operation, state)
    computed = _computed(operation, state)
    if name == "and" and computed is not None and computed == state.value(operation.destination):
        return _clobbered(operation, state)  # i386 clears what lies above cs in its word
    return _assigned(_clobbered(operation, state), operation.destination, computed, address)


def _compared(operation: Operation, state: State) -> State:
    other, one = (state.value(operand, 1) for operand in operation.operands)
    if not isinstance(one, Constant) or not isinstance(other, Constant):
        return state._replace(zero=None, below=None)
    mask = (1 << 8 * min(operand.size for operand in operation.operands)) - 1
    if operation.name == "cmp":
        left, right = one.number & mask, other.number & mask
        return state._replace(zero=left == right, below=left < right)
    return state._replace(zero=one.number & other.number & mask == 0, below=False)


def _copied(operation: Operation, state: State) -> State:
    """After `rep movs`: the words from one known place lie at another, whoever stored them first.

    So i386 moves the frame from the stack that the CPU chose to the thread's, and back.
    """
    arch = state.arch
    counter, source, target = (arch.holder[name] for name in ("cx", "si", "di"))
    count, here, there = (state.registers.get(name) for name in (counter, source, target))
    if counter not in operation.clobbers or not isinstance(count, Constant):
        return state
    if not isinstance(here, Pointer) or not isinstance(there, Pointer):
        return state
    end = here.offset + count.number * arch.word
    found: dict[Where, Word] = {
        Pointer(there.base, there.offset + where.offset - here.offset): word
        for where, word in state.memory.items()
        if isinstance(where, Pointer) and where.base == here.base
        if here.offset <= where.offset < end
    }
    return state._replace(
        memory={**state.memory, **found}, touched=state.touched | frozenset(found)
    )


_SILENT = frozenset(
    (
        *("nop", "endbr64", "pause", "swapgs", "wrmsr", "verw", "bt"),
        *("cli", "sti", "cld", "std", "clac", "stac", "lfence", "mfence", "sfence"),
    )
)
_COPIES = frozenset(("movsd", "movsq"))
_MOVES = frozenset(("mov", "movabs"))
_NARROW = frozenset(("movsx", "movsxd", "movzx"))
_SHAPING = frozenset(("shl", "sal", "sar", "shr", "and", "or", "not", "neg", "bts", "btr"))


def _computed(operation: Operation, state: State) -> Value:
    name, source, destination = operation.name, operation.source, operation.destination
    if name in _MOVES:
        narrow = isinstance(destination, RegisterOperand) and destination.size < state.arch.word
        if isinstance(destination, RegisterOperand) and _same_register(source, destination):
            return state.registers.get(destination.register)  # movl %eax, %eax: what counts stays
        value = state.value(source)
        if value is None and state.arch.bits == 32 and isinstance(source, MemoryOperand):
            # An address that other code has left there, maybe a stack's: i386 computes with it
            # before it becomes the stack pointer.
            return None if narrow else Pointer(operation.instruction.address, 0)
        return derived(value) if narrow and not isinstance(value, Constant) else value
    if name in _NARROW:
        return derived(state.value(source))
    if name == "lea" and isinstance(source, MemoryOperand):
        where = state.address(source)
        return where if isinstance(where, Pointer | Constant) else None
    if name in ("xor", "sub") and _same_register(source, destination):
        return Constant(0)
    if name in ("add", "sub"):
        sign = -1 if name == "sub" else 1
        return _moved(state, state.value(destination), state.value(source), sign)
    if name in _SHAPING:
        return _shaped(name, state.value(destination), state.value(source))
    return None


def _shaped(name: str, value: Value, by: Value) -> Value:
    if isinstance(value, Constant) and isinstance(by, Constant):
        if name == "and":
            return Constant(value.number & by.number)
        if name == "shr":
            return Constant(value.number >> by.number)
    return None if isinstance(value, Constant) else derived(value)


def _same_register(one: Operand | None, other: Operand | None) -> bool:
    return (
        isinstance(one, RegisterOperand)
        and isinstance(other, RegisterOperand)
        and one.name == other.name
    )


def _pads(operation: Operation, state: State) -> bool:
    """Whether it does nothing: i386 pads code by moves of a register to itself (asm/nops.h)."""
    source, destination = operation.source, operation.destination
    if not isinstance(destination, RegisterOperand) or destination.size < state.arch.word:
        return False
    if operation.name == "lea" and isinstance(source, MemoryOperand):
        return source.base == destination.name and not source.index and not source.displacement
    return operation.name == "mov" and _same_register(source, destination)


def _moved(state: State, value: Value, by: Value, sign: int) -> Value:
    if not isinstance(by, Constant):
        return None
    bits, mask = state.arch.bits, state.arch.mask
    distance = by.number - (1 << bits) if by.number >> bits - 1 else by.number
    if isinstance(value, Pointer):
        return Pointer(value.base, value.offset + sign * distance)
    if isinstance(value, Constant):
        return Constant((value.number + sign * distance) & mask)
    return derived(value)


def _on_top(state: State) -> Value:
    top = state.top
    if not isinstance(top, Pointer):
        return None
    word = state.memory.get(top)
    return None if word is None else word.value


def pushed(state: State, value: Value, by: int) -> State:
    """The state after a push of `value` by the instruction at `by`."""
    top = state.top
    if not isinstance(top, Pointer):
        return _with(state, state.arch.sp, _moved(state, top, Constant(state.arch.word), -1))
    below = Pointer(top.base, top.offset - state.arch.word)
    return _stored(_with(state, state.arch.sp, below), below, value, by)


def popped(state: State) -> State:
    """The state after the topmost word was taken off the stack."""
    return _with(state, state.arch.sp, _moved(state, state.top, Constant(state.arch.word), 1))


def _assigned(state: State, operand: Operand | None, value: Value, by: int) -> State:
    if isinstance(operand, RegisterOperand):
        if operand.register == state.arch.sp and value is None:
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
        if register != state.arch.sp and register in state.registers:
            state = _with(state, register, None)
    return state
