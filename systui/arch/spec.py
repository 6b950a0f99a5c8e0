"""What an architecture is to systui: data that decoders read."""

from functools import cached_property
from typing import NamedTuple


class RegisterSpec(NamedTuple):
    """One register: its name, width in bits and the group it is shown in."""

    name: str
    bits: int
    group: str
    """`general`, `pointer`, `flags`, `segment`, `base` or `control`."""


class FlagSpec(NamedTuple):
    """One bit (or field) of the flags register, Intel SDM vol. 1, 3.4.3."""

    name: str
    bit: int
    width: int = 1


class PtRegsFields(NamedTuple):
    """The fields of PtRegsLayout."""

    fields: tuple[tuple[str, int], ...]
    size: int
    word: int
    padding: tuple[int, ...]
    registers: tuple[tuple[str, str], ...]
    """(field, register) pairs: the user register that each field keeps."""


class PtRegsLayout(PtRegsFields):
    """Where each field of pt_regs lies.

    `fields` maps name to byte offset, lowest first. `padding` lists the possible distances in
    bytes between the structure's end and the top of the thread stack.
    """

    @cached_property
    def offsets(self) -> dict[str, int]:
        """Byte offset of each field by name."""
        return dict(self.fields)

    @cached_property
    def names(self) -> dict[int, str]:
        """Field name by byte offset."""
        return {offset: name for name, offset in self.fields}


class SyscallConvention(NamedTuple):
    """How user space passes a system call: Linux's syscall(2), architecture calling conventions."""

    abi: str
    number: str
    arguments: tuple[str, ...]
    result: str
    clobbered: tuple[str, ...]
    """Registers that the CPU's own instruction overwrites on the way in."""
    bits: int
    """Of each argument: what lies above them the kernel does not look at."""


class ArchitectureFields(NamedTuple):
    """The fields of Architecture."""

    name: str
    bits: int
    pc: str
    sp: str
    flags_register: str
    registers: tuple[RegisterSpec, ...]
    flags: tuple[FlagSpec, ...]
    pt_regs: PtRegsLayout
    syscall: SyscallConvention
    compat: SyscallConvention | None
    """How 32-bit programs call a 64-bit kernel; None where there is no such way."""
    compat_cs: int | None
    """The code segment that they run in."""
    function_arguments: tuple[str, ...]
    """Registers of the C calling convention, in order."""
    caller_saved: tuple[str, ...]
    """Registers that a C function may change."""
    kernel_start: int
    """Lowest address of the kernel's half."""
    thread_sizes: tuple[int, ...]
    """Possible sizes of a thread's kernel stack in bytes."""
    dwarf_registers: tuple[str, ...]
    """Registers in the order of their DWARF numbers, as far as unwinding needs them."""


class Architecture(ArchitectureFields):
    """Everything decoders ask about an architecture."""

    @cached_property
    def register_names(self) -> tuple[str, ...]:
        """All register names, in showing order."""
        return tuple(register.name for register in self.registers)

    @property
    def conventions(self) -> tuple[SyscallConvention, ...]:
        """All ways to pass a call to this architecture's kernel."""
        return (self.syscall,) if self.compat is None else (self.syscall, self.compat)

    def convention(self, abi: str) -> SyscallConvention:
        """The one for `abi`; the architecture's own where it is no other's."""
        return next((each for each in self.conventions if each.abi == abi), self.syscall)

    @property
    def per_cpu(self) -> str:
        """The segment register through which the kernel reaches a CPU's own variables."""
        return "gs" if self.bits == 64 else "fs"

    @property
    def word(self) -> int:
        """Bytes of a register, an address and a word on the stack."""
        return self.bits // 8

    @cached_property
    def mask(self) -> int:
        """All bits of a register."""
        return (1 << self.bits) - 1

    @cached_property
    def holder(self) -> dict[str, str]:
        """The register that each pt_regs field keeps: `ax` is `rax` or `eax`."""
        return dict(self.pt_regs.registers)

    @cached_property
    def saved(self) -> tuple[str, ...]:
        """The general registers, and others that entry code itself saves in pt_regs."""
        kept = [self.holder[field] for field, _offset in self.pt_regs.fields]
        by_cpu = {self.pc, self.flags_register, "cs", "ss"}
        own = [name for name in kept if name not in by_cpu]
        return tuple(dict.fromkeys((*self.general, *own)))

    @cached_property
    def general(self) -> tuple[str, ...]:
        """The general registers' names."""
        return tuple(each.name for each in self.registers if each.group == "general")
