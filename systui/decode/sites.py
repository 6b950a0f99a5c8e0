"""Where a program's own code makes system calls, and which, as far as the code tells. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from systui.model.operation import Flow, ImmediateOperand, Operation, RegisterOperand

_SYSCALL = b"\x0f\x05"
_WINDOW = 48
"""Bytes before a `syscall` in which its number is looked for."""
_ACROSS = frozenset((Flow.NEXT, Flow.BRANCH))
_NUMBER = "rax"

Operations = Callable[[int, bytes], Sequence[Operation]]


class Site(NamedTuple):
    """One `syscall` instruction."""

    address: int
    number: int | None
    """The call's number where a constant is put in rax before it; None where it is computed."""


def syscall_sites(address: int, code: bytes, operations: Operations) -> Iterator[Site]:
    """All `syscall` instructions in `code`, which lies at `address`.

    Bytes of a longer instruction that happen to be `0f 05` are told apart by decoding from
    before them: x86 code read from a wrong start falls into step within a few instructions.
    """
    at = code.find(_SYSCALL)
    while at >= 0:
        start = max(at - _WINDOW, 0)
        before = _leading_to(address + start, code[start : at + 2], operations, address + at)
        if before is not None:
            yield Site(address + at, _number(before))
        at = code.find(_SYSCALL, at + 1)


def _leading_to(
    start: int, code: bytes, operations: Operations, site: int
) -> Sequence[Operation] | None:
    """The instructions before `site` of the longest decoding that meets it; None without any."""
    for skipped in range(len(code) - 1):
        found = operations(start + skipped, code[skipped:])
        if found and found[-1].instruction.address == site and found[-1].flow is Flow.SYSCALL:
            return found[:-1]
    return None


def _number(before: Sequence[Operation]) -> int | None:
    for operation in reversed(before):
        if operation.flow not in _ACROSS:
            return None
        for operand in operation.operands:
            if (
                isinstance(operand, RegisterOperand)
                and operand.register == _NUMBER
                and operand.written
            ):
                return _constant(operation)
    return None


def _constant(operation: Operation) -> int | None:
    """What an instruction that writes rax puts there, if that is a constant."""
    name, operands = operation.instruction.mnemonic, operation.operands
    if name.startswith("mov"):
        return next((each.value for each in operands if isinstance(each, ImmediateOperand)), None)
    if name.startswith("xor") and len(operands) == 2 and operands[0][:2] == operands[1][:2]:
        return 0
    return None
