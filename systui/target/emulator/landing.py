"""Where SYSENTER and 32-bit SYSCALL come back to: a place in the page of calls that a program has.

The kernel finds it through the running task's memory: `current->mm->context.vdso` plus what the
vDSO's image says of itself (do_fast_syscall_32 in arch/x86/entry/common.c). In an image that was
not booted the first task has no memory: it is given `init_mm`. The offsets are read off that
function, which loads the three one after another. A 32-bit kernel does the same.
"""

from collections.abc import Mapping
from typing import NamedTuple

from systui.kernel.image import Image
from systui.model.operation import MemoryOperand, Operation, RegisterOperand

_FUNCTION = "do_fast_syscall_32"
_CODE = 96
"""Bytes of it that are looked at."""
_CURRENT = {64: "gs", 32: "fs"}
"""The segment that per-CPU variables, and so the running task, lie in."""


class Offsets(NamedTuple):
    """What the function adds up."""

    mm: int
    """Of `mm` in a task."""
    vdso: int
    """Of `context.vdso` in its memory."""
    landing: int
    """Address of what the vDSO's image has for the place's own offset."""


def words(image: Image, landing: int) -> Mapping[int, int]:
    """What to write into `image`'s memory so that such calls come back to `landing`.

    Empty where it has no such calls, or does them in another way.
    """
    task, memory = image.symbol("init_task"), image.symbol("init_mm")
    found = _offsets(image)
    if task is None or memory is None or found is None:
        return {}
    inside = int.from_bytes(image.read(found.landing, image.bits // 8) or b"", "little")
    return {
        task.address + found.mm: memory.address,
        memory.address + found.vdso: landing - inside & (1 << image.bits) - 1,
    }


def _offsets(image: Image) -> Offsets | None:
    from systui.decode.disassembly import Disassembler

    function = image.symbol(_FUNCTION)
    code = None if function is None else image.read(function.address, _CODE)
    if function is None or code is None:
        return None
    registers: dict[str, str] = {}
    values: dict[str, int] = {}
    for operation in Disassembler(image.bits).operations(function.address, code):
        memory = operation.memory
        if memory is not None and memory.read:
            _follow(operation, memory, registers, values, image.bits)
    return Offsets(**values) if values.keys() == set(Offsets._fields) else None


def _follow(
    operation: Operation,
    memory: MemoryOperand,
    registers: dict[str, str],
    values: dict[str, int],
    bits: int,
) -> None:
    """Note what a load goes through, and what its register holds from then on."""
    holds = registers.get(memory.base or "")
    if memory.segment == _CURRENT[bits]:
        kept = "task"
    elif holds == "task":
        values.setdefault("mm", memory.displacement)
        kept = "mm"
    elif holds == "mm":
        values.setdefault("vdso", memory.displacement)
        kept = "vdso"
    elif memory.base is None:
        values.setdefault("landing", memory.displacement & (1 << bits) - 1)
        kept = "landing"
    else:
        return
    target = operation.destination
    if isinstance(target, RegisterOperand):
        registers[target.register] = kept
