"""The CPU entry area of a 32-bit kernel, read off the entry code that works with it.

On the way in that code looks whether it stands on the area's own stack, and takes the task's stack
from the TSS at a fixed distance from that stack's end (SWITCH_TO_KERNEL_STACK,
arch/x86/entry/entry_32.S, from 4.19 on). Older kernels come in on the task's stack.
"""

from collections.abc import Sequence
from typing import NamedTuple

from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.model.operation import ImmediateOperand, MemoryOperand, Operation, RegisterOperand
from systui.words import _

_POINTER = "cpu_entry_area"
"""The per-CPU variable that holds its address."""
_CODE = 0x100
"""Bytes of an entry that are looked at."""
_PAGE = 0x1000
_LARGEST = 64 * _PAGE
_SP1 = 12
"""Offset of the task's stack in the TSS (asm/processor.h)."""
_MASK = (1 << 32) - 1


class EntryArea(NamedTuple):
    """Where its parts lie, from its beginning on."""

    pointer: int
    """Address of the variable that says where the area is."""
    stack: int
    stack_size: int
    task: int
    """Of the task state segment."""


def entry_area(image: Image, entry: int) -> EntryArea | None:
    """What the code at `entry` takes for granted; None where the kernel has no such area.

    BadInputError where it has one and its code is not understood.
    """
    symbol = image.symbol(_POINTER)
    if symbol is None:
        return None
    found = _read(_operations(image, entry), symbol.address)
    if found is None:
        raise BadInputError(
            _("{path}: how its entry code finds the task's stack is not understood").format(
                path=image.path
            )
        )
    return found


def sysenter_offset(image: Image, entry: int) -> int:
    """From where the code at `entry` finds the TSS's stack: its distance from esp on arrival."""
    for operation in _operations(image, entry):
        memory, register = operation.source, operation.operands[-1:]
        if (
            operation.name == "mov"
            and isinstance(memory, MemoryOperand)
            and memory.base == "esp"
            and all(isinstance(each, RegisterOperand) and each.name == "esp" for each in register)
        ):
            return memory.displacement
    return 0


def _operations(image: Image, entry: int) -> Sequence[Operation]:
    from systui.decode.disassembly import Disassembler

    code = image.read(entry, _CODE)
    return () if code is None else Disassembler(32).operations(entry, code)


def _read(operations: Sequence[Operation], pointer: int) -> EntryArea | None:
    """End of the stack, its size, and the TSS, in the order in which the code names them."""
    constants: list[int] = []
    seen = False
    for operation in operations:
        source = operation.source
        if isinstance(source, MemoryOperand) and source.segment == "fs":
            seen = seen or source.displacement & _MASK == pointer
        elif seen and operation.name in ("add", "cmp") and len(constants) < 2:
            if isinstance(source, ImmediateOperand):
                constants.append(source.value & _MASK)
        elif len(constants) == 2 and isinstance(source, MemoryOperand) and source.base:
            end, size = constants
            task = end + source.displacement - _SP1
            sound = 0 < size <= end <= _LARGEST and size <= _PAGE <= task < _LARGEST
            return EntryArea(pointer, end - size, size, task & -_PAGE) if sound else None
    return None
