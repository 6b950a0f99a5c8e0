"""Where an instruction's operands are, given the registers before it runs."""

from collections.abc import Mapping

from systui.arch.spec import Architecture
from systui.arch.x86_64 import X86_64
from systui.model.effect import Store
from systui.model.operation import (
    Flow,
    ImmediateOperand,
    MemoryOperand,
    Operand,
    Operation,
    RegisterOperand,
)

_MASK = (1 << 64) - 1
_STRING_SIZES = {"b": 1, "w": 2, "d": 4, "l": 4, "q": 8}
_PUSHES = frozenset(("push", "pushf", "pushfd", "pushfq"))
_READ_ONLY = frozenset(("cmp", "test", "bt", "nop", "lea", "verw", "prefetcht0", "prefetchw"))


def effective_address(
    operand: MemoryOperand, registers: Mapping[str, int], arch: Architecture = X86_64
) -> int | None:
    """The linear address of `operand`; None where a register's value is unknown."""
    address = operand.displacement
    if operand.base is not None:
        base = registers.get(operand.base)
        if base is None:
            return None
        address += base
    if operand.index is not None:
        index = registers.get(operand.index)
        if index is None:
            return None
        address += index * operand.scale
    if operand.segment in ("fs", "gs"):
        base = registers.get(f"{operand.segment}_base")
        if base is None:
            return None
        address += base
    return address & arch.mask


def operand_value(operand: Operand | None, registers: Mapping[str, int]) -> int | None:
    """A register's or a constant's value in the operand's width; None for memory."""
    if isinstance(operand, ImmediateOperand):
        return operand.value & _MASK
    if isinstance(operand, RegisterOperand):
        value = registers.get(operand.register)
        if value is None:
            return None
        if operand.size == 1 and operand.name.endswith("h"):
            value >>= 8
        return value & (1 << 8 * operand.size) - 1
    return None


def stores(
    operation: Operation, before: Mapping[str, int], arch: Architecture = X86_64
) -> tuple[Store, ...]:
    """The writes to memory that `operation` makes, one iteration of a string instruction."""
    name = operation.name
    if name in _READ_ONLY:
        return ()
    if name == "push" or operation.flow is Flow.CALL:
        return _pushed(operation, before, arch)
    if name in _PUSHES:
        return _below(before, before.get(arch.flags_register), arch)
    if _is_string_store(operation, arch):
        return _string_stored(operation, before, arch)
    destination = _destination(operation)
    address = None if destination is None else effective_address(destination, before, arch)
    if address is None or destination is None:
        return ()
    value = operand_value(operation.source, before) if name in _PLAIN_STORES else None
    if value is not None:
        value &= (1 << 8 * destination.size) - 1
    return (Store(address, destination.size, value),)


_PLAIN_STORES = frozenset(("mov", "movabs"))


def _destination(operation: Operation) -> MemoryOperand | None:
    """The operand that `operation` writes to."""
    found = operation.destination
    if not isinstance(found, MemoryOperand) or operation.flow is not Flow.NEXT:
        return None
    return found if found.written or operation.name in _PLAIN_STORES else None


def stored_at(operation: Operation, arch: Architecture = X86_64) -> MemoryOperand | None:
    """Where `operation` stores, whatever the registers hold; None also for what it pushes."""
    if operation.name in _READ_ONLY or operation.name in _PUSHES or operation.flow is Flow.CALL:
        return None
    if _is_string_store(operation, arch):
        return MemoryOperand(None, arch.holder["di"], None, 1, 0, 1, read=False, written=True)
    return _destination(operation)


def _pushed(
    operation: Operation, before: Mapping[str, int], arch: Architecture
) -> tuple[Store, ...]:
    if operation.flow is Flow.CALL:
        return _below(before, operation.instruction.end, arch)
    return _below(before, operand_value(operation.source, before), arch)


def _below(before: Mapping[str, int], value: int | None, arch: Architecture) -> tuple[Store, ...]:
    kept = None if value is None else value & arch.mask
    return (Store((before[arch.sp] - arch.word) & arch.mask, arch.word, kept),)


def _is_string_store(operation: Operation, arch: Architecture) -> bool:
    return operation.name[:-1] in ("stos", "movs", "ins") and any(
        isinstance(operand, MemoryOperand) and operand.base == arch.holder["di"]
        for operand in operation.operands
    )


def _string_stored(
    operation: Operation, before: Mapping[str, int], arch: Architecture
) -> tuple[Store, ...]:
    counter, source, target = (before[arch.holder[name]] for name in ("cx", "ax", "di"))
    repeated = operation.instruction.mnemonic.startswith("rep")
    if repeated and not counter:
        return ()
    size = _STRING_SIZES.get(operation.name[-1], 1)
    value = source & (1 << 8 * size) - 1 if operation.name.startswith("stos") else None
    return (Store(target, size, value),)
