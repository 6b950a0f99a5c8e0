"""x86_64: registers, flags, pt_regs and calling conventions as data.

pt_regs: arch/x86/include/asm/ptrace.h, unchanged from Linux 3.10 to 6.19. From 6.7 on `cs` and
`ss` are unions whose low 16 bits are the selector.
"""

from systui.arch.spec import (
    Architecture,
    FlagSpec,
    PtRegsLayout,
    RegisterSpec,
    SyscallConvention,
)

_GENERAL = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp")
_EXTENDED = tuple(f"r{number}" for number in range(8, 16))
_SEGMENTS = ("cs", "ss", "ds", "es", "fs", "gs")
_BASES = ("fs_base", "gs_base", "kernel_gs_base")

_PT_REGS = (
    *("r15", "r14", "r13", "r12", "bp", "bx"),
    *("r11", "r10", "r9", "r8", "ax", "cx", "dx", "si", "di"),
    *("orig_ax", "ip", "cs", "flags", "sp", "ss"),
)
_SAVED_IN = {
    **{field: field for field in _PT_REGS if field.startswith("r")},
    **{field: f"r{field}" for field in ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip")},
    "orig_ax": "rax",
    "flags": "rflags",
    "cs": "cs",
    "ss": "ss",
}

FLAGS = (
    FlagSpec("CF", 0),
    FlagSpec("PF", 2),
    FlagSpec("AF", 4),
    FlagSpec("ZF", 6),
    FlagSpec("SF", 7),
    FlagSpec("TF", 8),
    FlagSpec("IF", 9),
    FlagSpec("DF", 10),
    FlagSpec("OF", 11),
    FlagSpec("IOPL", 12, 2),
    FlagSpec("NT", 14),
    FlagSpec("RF", 16),
    FlagSpec("VM", 17),
    FlagSpec("AC", 18),
    FlagSpec("VIF", 19),
    FlagSpec("VIP", 20),
    FlagSpec("ID", 21),
)
"""EFLAGS, Intel SDM vol. 1, 3.4.3."""

X86_64 = Architecture(
    name="x86_64",
    bits=64,
    pc="rip",
    sp="rsp",
    flags_register="rflags",
    registers=(
        *(RegisterSpec(name, 64, "general") for name in (*_GENERAL, *_EXTENDED)),
        RegisterSpec("rip", 64, "pointer"),
        RegisterSpec("rflags", 64, "flags"),
        *(RegisterSpec(name, 16, "segment") for name in _SEGMENTS),
        *(RegisterSpec(name, 64, "base") for name in _BASES),
        RegisterSpec("cr2", 64, "control"),
        RegisterSpec("cr3", 64, "control"),
    ),
    flags=FLAGS,
    pt_regs=PtRegsLayout(
        fields=tuple((name, index * 8) for index, name in enumerate(_PT_REGS)),
        size=168,
        word=8,
        padding=(0, 16),
        registers=tuple((field, _SAVED_IN[field]) for field in _PT_REGS),
    ),
    syscall=SyscallConvention(
        abi="64",
        number="rax",
        arguments=("rdi", "rsi", "rdx", "r10", "r8", "r9"),
        result="rax",
        clobbered=("rcx", "r11"),
        bits=64,
    ),
    compat=SyscallConvention(
        abi="i386",
        number="rax",
        arguments=("rbx", "rcx", "rdx", "rsi", "rdi", "rbp"),
        result="rax",
        clobbered=(),
        bits=32,
    ),
    compat_cs=0x23,
    function_arguments=("rdi", "rsi", "rdx", "rcx", "r8", "r9"),
    caller_saved=("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"),
    kernel_start=0xFFFF_8000_0000_0000,
    thread_sizes=(0x4000, 0x2000),
    dwarf_registers=("rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", *_EXTENDED),
)
