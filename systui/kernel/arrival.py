"""Ways into the kernel: by which names an entry is known, and what the CPU leaves behind there."""

from enum import Enum
from typing import NamedTuple

from systui.arch.spec import Architecture, SyscallConvention
from systui.kernel.door import CPU
from systui.kernel.values import Constant, Pointer, State, User, Value, Where, Word
from systui.kernel.walk import returned
from systui.model.operation import Operation

_USER_CS, _KERNEL_CS = 0x33, 0x10


class Arrival(Enum):
    """What the CPU leaves behind on its way in."""

    SYSCALL = "syscall"
    """Return address and flags in registers, the stack the user's (SDM vol. 2B, SYSCALL)."""
    SYSENTER = "sysenter"
    """The kernel's stack, and nothing of where the call came from (SDM vol. 2B, SYSENTER)."""
    GATE = "gate"
    """A frame of five words on the kernel's stack (SDM vol. 3, 6.12)."""


class Entry(NamedTuple):
    """One way in."""

    address: int
    arrival: Arrival
    convention: SyscallConvention


INSTRUCTIONS = {
    Arrival.SYSCALL: b"\x0f\x05",
    Arrival.SYSENTER: b"\x0f\x34",
    Arrival.GATE: b"\xcd\x80",
}
SPELT = {
    Arrival.SYSCALL: "syscall",
    Arrival.SYSENTER: "sysenter",
    Arrival.GATE: "int $0x80",
}
"""The same in an assembler's words."""
ENTRIES: dict[tuple[str, str], dict[Arrival, tuple[str, ...]]] = {
    ("x86_64", "64"): {Arrival.SYSCALL: ("entry_SYSCALL_64", "system_call")},
    ("x86_64", "i386"): {
        Arrival.GATE: ("asm_int80_emulation", "entry_INT80_compat", "ia32_syscall"),
        Arrival.SYSENTER: ("entry_SYSENTER_compat", "ia32_sysenter_target"),
        Arrival.SYSCALL: ("entry_SYSCALL_compat", "ia32_cstar_target"),
    },
    ("i386", "i386"): {
        Arrival.GATE: ("entry_INT80_32", "system_call"),
        Arrival.SYSENTER: ("entry_SYSENTER_32", "ia32_sysenter_target"),
    },
}
"""By architecture and ABI: where the CPU arrives, and how; of several names the first counts."""


def by_instruction(arch: Architecture, arrival: Arrival) -> State:
    """What SYSCALL or SYSENTER leaves behind: nothing in memory."""
    registers: dict[str, Value] = {name: User(name) for name in arch.saved}
    if arrival is Arrival.SYSCALL:
        registers |= {"rcx": User("rip"), "r11": User("rflags")}
    else:
        registers[arch.sp] = Pointer(CPU, 0)
    return State(registers, {}, arch=arch)


def by_gate(arch: Architecture, *, from_user: bool, coded: bool) -> State:
    """What a gate leaves behind: a frame on the stack that the CPU chose (SDM vol. 3, 6.12).

    `coded`: with an error code on top.
    """
    pushed: list[Value] = [User(arch.holder[name]) for name in ("ip", "cs", "flags", "sp", "ss")]
    # Code that exceptions share asks which ring they came from.
    pushed[1] = Constant(_USER_CS if from_user else _KERNEL_CS)
    if not from_user:
        pushed[0] = Constant(0)
    if coded:
        pushed.insert(0, None)
    memory: dict[Where, Word] = {
        Pointer(CPU, arch.word * index): Word(value, CPU) for index, value in enumerate(pushed)
    }
    registers: dict[str, Value] = {name: User(name) for name in arch.saved}
    registers[arch.sp] = Pointer(CPU, 0)
    return State(registers, memory, frozenset(memory), arch=arch)


def frame_moved(arch: Architecture, operation: Operation, state: State) -> State:
    """After a call that moves the frame at its first argument: the result points to a copy."""
    old = state.registers.get(arch.function_arguments[0])
    after = returned(operation, state)
    if not isinstance(old, Pointer):
        return after
    new = operation.instruction.address
    copied: dict[Where, Word] = {
        Pointer(new, offset): word
        for _name, offset in arch.pt_regs.fields
        if (word := state.memory.get(Pointer(old.base, old.offset + offset))) is not None
    }
    return State(
        {**after.registers, arch.syscall.result: Pointer(new, 0)},
        {**after.memory, **copied},
        after.touched | frozenset(copied),
        after.returns,
        arch=arch,
    )
