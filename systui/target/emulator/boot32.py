"""A 32-bit kernel image made ready to run without booting it.

Its tables are its own, found by symbols: `gdt_page` and the task state segment (`init_tss`) are
initialised in the image, `idt_table` is what start-up fills in (arch/x86/kernel/traps.c,
arch/x86/kernel/cpu/common.c of Linux 3.x). Descriptors: Intel SDM vol. 3, 3.4.5, 6.11 and 7.2.2.
"""

import struct

from systui.target.emulator.boot import (
    MSR_SYSENTER_CS,
    MSR_SYSENTER_EIP,
    MSR_SYSENTER_ESP,
    TIMER_VECTOR,
    Kernel,
)
from systui.target.emulator.flags import thread_flags
from systui.target.emulator.placement import Placement
from systui.target.emulator.platform import PROTECTED_MODE

KERNEL_CS, KERNEL_DS = 0x60, 0x68
"""Selectors (asm/segment.h)."""
_OWN_SEGMENTS, _TASK_SEGMENT, _SEGMENTS = 6, 16, 32
"""Entries of the GDT: the task's own, the TSS's, and how many there are."""
_TASK_SIZE = 0x68
_TASK_KIND = 0x89
"""A 32-bit TSS that is present and not busy."""
_SYSENTER = "ia32_sysenter_target"
_CALLS = "system_call"
_EXCEPTIONS = {
    0: "divide_error",
    1: "debug",
    3: "int3",
    4: "overflow",
    5: "bounds",
    6: "invalid_op",
    7: "device_not_available",
    9: "coprocessor_segment_overrun",
    10: "invalid_TSS",
    11: "segment_not_present",
    12: "stack_segment",
    13: "general_protection",
    14: "page_fault",
    16: "coprocessor_error",
    17: "alignment_check",
    19: "simd_coprocessor_error",
    TIMER_VECTOR: "apic_timer_interrupt",
}
_FROM_USER = (3, 4)
_INTERRUPT_GATE, _TRAP_GATE = 0x8E, 0x8F
_CALL_VECTOR = 0x80
_SP0 = 4


class Boot32(Placement):
    """Does what the kernel's own start-up does, once."""

    def run(self) -> Kernel:
        """Place and set up the kernel; BadInputError names the symbol that is missing."""
        self._lay_out()
        entry = self._required(_CALLS)
        gdt, idt, task = map(self._required, ("gdt_page", "idt_table", "init_tss"))
        self._fill_gates(idt)
        self._mmu.write(gdt + 8 * _TASK_SEGMENT, _task_descriptor(task))
        cpu = self._cpu
        cpu.enter_protected_mode(self._mmu.kernel_root)
        selector = 8 * _TASK_SEGMENT
        cpu.set_tables((gdt, 8 * _SEGMENTS - 1), (idt, 0x7FF), (selector, task, _TASK_SIZE - 1))
        self._set_sysenter(task)
        return Kernel(
            *(self._image, False, self._next, entry, 0, tuple(self._writable)),
            stack_top=self._mmu.read_pointer(task + _SP0),
            thread_flags=thread_flags(self._image, self._required("init_task")),
            tss=task,
            idt=idt,
            own_segments=gdt + 8 * _OWN_SEGMENTS,
            platform=PROTECTED_MODE,
        )

    def _set_sysenter(self, task: int) -> None:
        """The MSR for esp holds the task state segment's address, from where the entry loads esp
        (enable_sep_cpu(), arch/x86/kernel/cpu/common.c).
        """
        entry = self._image.symbol(_SYSENTER)
        if entry is not None:
            self._cpu.write_msr(MSR_SYSENTER_CS, KERNEL_CS)
            self._cpu.write_msr(MSR_SYSENTER_ESP, task)
            self._cpu.write_msr(MSR_SYSENTER_EIP, entry.address)

    def _fill_gates(self, table: int) -> None:
        for vector, name in _EXCEPTIONS.items():
            symbol = self._image.symbol(name)
            if symbol is not None:
                level = 3 if vector in _FROM_USER else 0
                self._set_gate(table, vector, symbol.address, _INTERRUPT_GATE, level)
        # set_system_trap_gate(): interrupts stay as they are.
        self._set_gate(table, _CALL_VECTOR, self._required(_CALLS), _TRAP_GATE, 3)

    def _set_gate(self, table: int, vector: int, handler: int, kind: int, level: int) -> None:
        low, high = handler & 0xFFFF, handler >> 16
        gate = struct.pack("<HHBBH", low, KERNEL_CS, 0, kind | level << 5, high)
        self._mmu.write(table + 8 * vector, gate)


def _task_descriptor(base: int) -> bytes:
    low = _TASK_SIZE - 1 | (base & 0xFFFF) << 16
    high = base >> 16 & 0xFF | _TASK_KIND << 8 | base & 0xFF00_0000
    return struct.pack("<II", low, high)
