"""Where a program's own code makes system calls, and which, as far as the code tells. Pure."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from systui.kernel.arrival import INSTRUCTIONS, Arrival
from systui.kernel.listing import Decode
from systui.model.operation import Flow, ImmediateOperand, Operation, RegisterOperand
from systui.model.stop import Read

SIZE = 2
"""Bytes of every instruction that makes a system call."""
_GATE = INSTRUCTIONS[Arrival.GATE]
_FAST = frozenset(INSTRUCTIONS.values()) - {_GATE}
_WINDOW = 48
"""Bytes before a call's instruction in which its number is looked for."""
_ACROSS = frozenset((Flow.NEXT, Flow.BRANCH))
_CALLS = frozenset((Flow.SYSCALL, Flow.INTERRUPT))


class Site(NamedTuple):
    """One instruction that makes a system call."""

    address: int
    number: int | None
    """The call's number where a constant is put in its register before; None where computed."""


def call_sites(
    address: int,
    code: bytes,
    operations: Decode,
    instructions: Collection[bytes],
    register: str,
) -> Iterator[Site]:
    """All of `instructions` in `code`, which lies at `address`; `register` holds the number.

    Bytes of a longer instruction that happen to be the same are told apart by decoding from
    before them: x86 code read from a wrong start falls into step within a few instructions.
    """
    for at in _found(code, instructions):
        start = max(at - _WINDOW, 0)
        before = _leading_to(address + start, code[start : at + SIZE], operations, address + at)
        if before is not None:
            yield Site(address + at, _number(before, register))


def made_at(after: int, read: Read) -> int | None:
    """Where a call was made that comes back to `after`; None where no instruction leads there.

    A 32-bit program's SYSENTER and SYSCALL do not say where they stood: Linux has them come back
    behind the `int $0x80` that follows them in the vDSO (arch/x86/entry/vdso/vdso32/system_call.S).
    """
    code = read(after - 2 * SIZE, 2 * SIZE)
    if code is not None and code[SIZE:] == _GATE and code[:SIZE] in _FAST:
        return after - 2 * SIZE
    code = read(after - SIZE, SIZE)
    return after - SIZE if code == _GATE or code in _FAST else None


def _found(code: bytes, instructions: Collection[bytes]) -> Iterator[int]:
    for each in instructions:
        at = code.find(each)
        while at >= 0:
            yield at
            at = code.find(each, at + 1)


def _leading_to(
    start: int, code: bytes, operations: Decode, site: int
) -> Sequence[Operation] | None:
    """The instructions before `site` of the longest decoding that meets it; None without any."""
    for skipped in range(len(code) - 1):
        found = operations(start + skipped, code[skipped:])
        if found and found[-1].instruction.address == site and found[-1].flow in _CALLS:
            return found[:-1]
    return None


def _number(before: Sequence[Operation], register: str) -> int | None:
    for operation in reversed(before):
        if operation.flow not in _ACROSS:
            return None
        for operand in operation.operands:
            if (
                isinstance(operand, RegisterOperand)
                and operand.register == register
                and operand.written
            ):
                return _constant(operation)
    return None


def _constant(operation: Operation) -> int | None:
    """What an instruction that writes the number's register puts there, if that is a constant."""
    name, operands = operation.instruction.mnemonic, operation.operands
    if name.startswith("mov"):
        return next((each.value for each in operands if isinstance(each, ImmediateOperand)), None)
    if name.startswith("xor") and len(operands) == 2 and operands[0][:2] == operands[1][:2]:
        return 0
    return None
