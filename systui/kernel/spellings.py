"""What kernels of different ages call the places on a call's way: names to know them by.

Facts: arch/x86/entry/{entry_64.S, entry_64_compat.S, entry_32.S, common.c} and, for older ones,
arch/x86/{kernel, ia32}/; kernel/entry/common.c; kernel/sys_ni.c.
"""

C_ENTRIES = (
    *("do_syscall_64", "int80_emulation", "do_int80_emulation", "do_int80_syscall_32"),
    *("do_fast_syscall_32", "do_SYSENTER_32"),
)
EXCEPTIONS = ("asm_exc_", "asm_sysvec_", "asm_common_interrupt", "asm_spurious_interrupt")
OLD_EXCEPTIONS = frozenset(
    (
        *("divide_error", "debug", "int3", "overflow", "bounds", "invalid_op"),
        *("device_not_available", "double_fault", "coprocessor_segment_overrun", "invalid_TSS"),
        *("segment_not_present", "stack_segment", "general_protection", "page_fault"),
        *("coprocessor_error", "alignment_check", "simd_coprocessor_error"),
        *("apic_timer_interrupt", "common_interrupt"),
    )
)
"""What they were called until 5.7."""
WITH_ERROR_CODE = OLD_EXCEPTIONS & {
    *("double_fault", "invalid_TSS", "segment_not_present", "stack_segment"),
    *("general_protection", "page_fault", "alignment_check"),
} | frozenset(
    f"asm_exc_{name}"
    for name in (
        *("double_fault", "invalid_tss", "segment_not_present", "stack_segment"),
        *("general_protection", "page_fault", "alignment_check", "control_protection"),
        "vmm_communication",
    )
)
"""Vectors for which the CPU pushes an error code (Intel SDM vol. 3, table 6-1)."""

TABLES = {"64": "sys_call_table", "i386": "ia32_sys_call_table"}
"""A 64-bit kernel's tables by ABI; a 32-bit kernel's only one has the first name."""
SWITCHES = {"64": "x64_sys_call", "i386": "ia32_sys_call"}
"""Functions that pick the handler by a compiled switch, in the same way."""
INNER = (
    *("do_syscall_x64", "do_int80_syscall_32", "do_syscall_32_irqs_on"),
    *("__do_fast_syscall_32", "do_fast_syscall_32"),
)
MISSING = ("__x64_sys_ni_syscall", "__ia32_sys_ni_syscall", "sys_ni_syscall")
RETURN_THUNKS = ("__x86_return_thunk", "srso_return_thunk", "retbleed_return_thunk")
INDIRECT_THUNK = "__x86_indirect_thunk_"
TRACE_HOOKS = ("__fentry__", "mcount")
"""What every traceable function calls first."""
VDSO_OF_32_BIT_PROGRAMS = "vdso_image_32"
"""What the kernel maps into them: a structure that begins with the address of the image."""
GATES = ("serve_syscall", "serve_signal", "serve_fault", "serve_schedule")
"""Functions of the bundled kernel that the machine answers in its place; they may edit pt_regs."""
EDITORS = (
    *("arch_do_signal_or_restart", "do_signal", "__x64_sys_rt_sigreturn"),
    *("__ia32_compat_sys_sigreturn", "__ia32_compat_sys_rt_sigreturn"),
)
"""Functions of Linux that are answered in an unbooted kernel's place and that edit pt_regs."""
FRAME_MOVERS = ("sync_regs",)
"""C functions that copy the frame they are given to the thread stack and return its address."""
EXIT_WORK = ("syscall_exit_to_user_mode", "syscall_return_slowpath")
RARE_EXIT_WORK = ("exit_to_user_mode_loop", "syscall_exit_work")
"""What is left of it where the compiler has put those into the dispatching function."""
OLD_EXIT_WORK = ("do_notify_resume", "syscall_trace_leave")
"""What it was where entry code itself looks for work (3.x)."""
EXCEPTION_EXIT_WORK = (
    *("irqentry_exit", "irqentry_exit_to_user_mode", "prepare_exit_to_usermode"),
)
SYSRET_PATH = "syscall_return_via_sysret"
SYSRET_CHECK = "sysret_check"
"""3.x: the last look for work, behind which nothing keeps SYSRET from being used."""
IRET_PATH = (
    *("swapgs_restore_regs_and_return_to_usermode", "restore_regs_and_iret", "retint_swapgs"),
    *("restore_all_switch_stack", "restore_all"),
)
STUBS = ("stub_", "ptregs_")
"""How handlers are called that are entry code themselves: they complete the frame (until 4.8)."""
OUTLYING = ("retint_swapgs", "restore_args", "irq_return", "native_iret")
"""Labels of entry code that some kernels (3.x) have outside the section for it."""
