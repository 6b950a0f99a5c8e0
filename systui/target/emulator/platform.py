"""What differs between the machines that the emulator can be: one of 64 bits, one of 32.

Both are the same engine, whose registers keep their 64-bit names throughout.
"""

from typing import NamedTuple

from systui.arch.i386 import I386
from systui.arch.spec import Architecture
from systui.arch.x86_64 import X86_64
from systui.target.emulator.engine import NAMES


class Platform(NamedTuple):
    """A kind of machine."""

    arch: Architecture
    kernel_half: int
    """The lowest address that is the kernel's."""
    registers: tuple[tuple[str, str], ...]
    """What is shown, by the architecture's name and the engine's."""
    parameters: tuple[str, ...]
    """The engine's registers that a C function of the kernel's is given its arguments in; further
    ones are on the stack, behind the return address."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of pt_regs that hold a call's arguments."""
        kept = {register: field for field, register in self.arch.pt_regs.registers}
        return tuple(kept[register] for register in self.arch.syscall.arguments)


_WIDE = {f"e{name}": f"r{name}" for name in ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip")}
_WIDE["eflags"] = "rflags"

LONG_MODE = Platform(
    arch=X86_64,
    kernel_half=1 << 63,
    registers=tuple((name, name) for name in NAMES),
    parameters=("rdi", "rsi", "rdx", "rcx"),
)
PROTECTED_MODE = Platform(
    arch=I386,
    kernel_half=I386.kernel_start,
    registers=tuple((name, _WIDE.get(name, name)) for name in I386.register_names),
    parameters=("rax", "rdx", "rcx"),
)
"""32 bits, with PAE's page tables. Linux's own C functions are given three arguments in registers
there (-mregparm=3)."""


def platform_for(machine: str) -> Platform:
    """The machine that a kernel for `machine` (an architecture's name) runs on."""
    return PROTECTED_MODE if machine == I386.name else LONG_MODE
