"""i386: registers, flags, pt_regs and calling conventions as data.

pt_regs: arch/x86/include/asm/ptrace.h and the pushes of SAVE_ALL in entry_32.S, unchanged from
Linux 3.10 to 6.19: 17 words. Segment selectors are pushed as words of which 16 bits count.
"""

from systui.arch.spec import Architecture, PtRegsLayout, RegisterSpec, SyscallConvention
from systui.arch.x86_64 import FLAGS

_GENERAL = ("eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp")
_SEGMENTS = ("cs", "ss", "ds", "es", "fs", "gs")
_PT_REGS = (
    *("bx", "cx", "dx", "si", "di", "bp", "ax", "ds", "es", "fs", "gs"),
    *("orig_ax", "ip", "cs", "flags", "sp", "ss"),
)
_SAVED_IN = {
    **{field: field for field in _SEGMENTS},
    **{field: f"e{field}" for field in ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip")},
    "orig_ax": "eax",
    "flags": "eflags",
}

I386 = Architecture(
    name="i386",
    bits=32,
    pc="eip",
    sp="esp",
    flags_register="eflags",
    registers=(
        *(RegisterSpec(name, 32, "general") for name in _GENERAL),
        RegisterSpec("eip", 32, "pointer"),
        RegisterSpec("eflags", 32, "flags"),
        *(RegisterSpec(name, 16, "segment") for name in _SEGMENTS),
        RegisterSpec("fs_base", 32, "base"),
        RegisterSpec("gs_base", 32, "base"),
        RegisterSpec("cr2", 32, "control"),
        RegisterSpec("cr3", 32, "control"),
    ),
    flags=FLAGS,
    pt_regs=PtRegsLayout(
        fields=tuple((name, index * 4) for index, name in enumerate(_PT_REGS)),
        size=68,
        word=4,
        padding=(8, 16, 0),
        registers=tuple((field, _SAVED_IN[field]) for field in _PT_REGS),
    ),
    syscall=SyscallConvention(
        abi="i386",
        number="eax",
        arguments=("ebx", "ecx", "edx", "esi", "edi", "ebp"),
        result="eax",
        clobbered=(),
        bits=32,
    ),
    compat=None,
    compat_cs=None,
    function_arguments=("eax", "edx", "ecx"),
    caller_saved=("eax", "ecx", "edx"),
    kernel_start=0xC000_0000,
    thread_sizes=(0x2000, 0x4000),
    dwarf_registers=("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"),
)
