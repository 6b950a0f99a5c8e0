"""A 32-bit kernel image made ready to run without booting it.

Its tables are its own, found by symbols: `gdt_page` is initialised in the image, and so is of the
task state segment what does not change from task to task; `idt_table` is what start-up fills in
(arch/x86/kernel/{traps.c, idt.c, cpu/common.c}). Descriptors: Intel SDM vol. 3, 3.4.5, 6.11, 7.2.2.
"""

import struct
from itertools import chain

from systui.model.errors import BadInputError
from systui.services.narrow import UNDER_32
from systui.target.emulator import landing
from systui.target.emulator.boot import (
    DOUBLE_FAULT,
    EXCEPTIONS,
    MSR_SYSENTER_CS,
    MSR_SYSENTER_EIP,
    MSR_SYSENTER_ESP,
    TASK_STATES,
    TIMER_ENTRIES,
    TIMER_VECTOR,
    Kernel,
)
from systui.target.emulator.entry_area import EntryArea, entry_area, sysenter_offset
from systui.target.emulator.flags import thread_flags
from systui.target.emulator.loader import LANDING
from systui.target.emulator.paging import FRAME_MASK, PAGE
from systui.target.emulator.placement import Placement
from systui.target.emulator.platform import PROTECTED_MODE
from systui.words import _

KERNEL_CS, KERNEL_DS = 0x60, 0x68
"""Selectors (asm/segment.h)."""
_OWN_SEGMENTS, _TASK_SEGMENT, _CANARY_SEGMENT, _SEGMENTS = 6, 16, 28, 32
"""Entries of the GDT: the task's own, the TSS's, the stack canary's, and how many there are."""
_TASK_SIZE = 0x68
_TASK_KIND = 0x89
"""A 32-bit TSS that is present and not busy."""
ENTRIES = ("entry_INT80_32", "system_call")
"""Where `int $0x80` arrives, the latter until 4.1 (arch/x86/entry/entry_32.S)."""
_SYSENTER = ("entry_SYSENTER_32", "ia32_sysenter_target")
"""Where SYSENTER arrives, likewise."""
_TURNS_INTERRUPTS_ON = "do_int80_syscall_32"
"""C code behind the entry that expects them off, from 4.4 on (arch/x86/entry/common.c)."""
_FROM_USER = (3, 4)
_INTERRUPT_GATE, _TRAP_GATE = 0x8E, 0x8F
_CALL_VECTOR = 0x80
_SP0, _SP1 = 4, 12
_AREA = 0xFF40_0000
"""The CPU entry area of kernels that have one: the IDT's page first, then the CPU's own part. Linux
works its address out from what else lies there (asm/pgtable_32_areas.h)."""
_SMALLEST_STACK = 0x1000


class Boot32(Placement):
    """Does what the kernel's own start-up does, once."""

    def run(self) -> Kernel:
        """Place and set up the kernel; BadInputError names the symbol that is missing."""
        self._lay_out()
        entry = self._required(*ENTRIES)
        self._check_half(entry)
        self._patch()
        gdt, idt = map(self._required, ("gdt_page", "idt_table"))
        task = self._required(*TASK_STATES)
        self._fill_gates(idt, entry)
        self._set_canary(gdt)
        top = self._stack_top(task)
        self._set_per_cpu(top)
        area = entry_area(self._image, entry)
        if area is None:
            self._mmu.write(task + _SP0, struct.pack("<I", top))
            shown, entry_stack = task, None
        else:
            self._mmu.write(task + _SP1, struct.pack("<I", top))
            gdt, idt, shown, entry_stack = self._map_area32(area, gdt, idt, task)
        self._load_cpu(gdt, idt, shown, entry_stack)
        return Kernel(
            *(self._image, self._pti, self._next, entry, 0, tuple(self._writable)),
            stack_top=top,
            thread_flags=thread_flags(self._image, self._required("init_task")),
            tss=shown,
            idt=idt,
            own_segments=gdt + 8 * _OWN_SEGMENTS,
            platform=PROTECTED_MODE,
        )

    def _check_half(self, entry: int) -> None:
        """The machine's user half is 3 GiB, as nearly all kernels have it (CONFIG_VMSPLIT_3G)."""
        half = self._mmu.kernel_half
        if entry < half:
            raise BadInputError(
                _(
                    "{path}: is linked to run at {address:#x}; a 32-bit kernel has to lie above "
                    "{half:#x} here"
                ).format(path=self._image.path, address=entry, half=half)
            )

    # what it keeps in memory

    def _stack_top(self, task: int) -> int:
        """Where the first task's kernel stack begins, a padding below its end.

        The image has it in the TSS, or with what else its first task is resumed from.
        """
        bottom = self._required("init_stack", "init_thread_union")
        inside = range(bottom + _SMALLEST_STACK, bottom + PROTECTED_MODE.arch.thread_sizes[-1] + 1)
        first = self._required("init_task")
        places = chain((task + _SP0, task + _SP1), range(first, first + 4 * PAGE, 4))
        tops = (self._mmu.read_pointer(place) for place in places)
        found = next((top for top in tops if top in inside), None)
        if found is None:
            raise BadInputError(
                _("{path}: where the first task's kernel stack ends is not found in it").format(
                    path=self._image.path
                )
            )
        return found

    def _set_per_cpu(self, top: int) -> None:
        """What start-up sets; most images have the values in their template."""
        words = {"cpu_current_top_of_stack": top, "current_task": self._required("init_task")}
        for name, value in words.items():
            symbol = self._image.symbol(name)
            if symbol is not None and not self._mmu.read_pointer(symbol.address):
                self._mmu.write(symbol.address, struct.pack("<I", value))
        for place, value in landing.words(self._image, UNDER_32.calls + LANDING).items():
            self._mmu.write(place, struct.pack("<I", value))

    def _set_canary(self, gdt: int) -> None:
        """Until 5.12 GCC's stack protector reads its canary through a segment of its own."""
        symbol = self._image.symbol("stack_canary")
        at = gdt + 8 * _CANARY_SEGMENT
        before = self._mmu.read(at, 8)
        if symbol is None or before is None:
            return
        base = symbol.address
        middle = struct.pack("<HB", base & 0xFFFF, base >> 16 & 0xFF)
        self._mmu.write(at, before[:2] + middle + before[5:7] + bytes((base >> 24,)))

    def _map_area32(
        self, area: EntryArea, gdt: int, idt: int, task: int
    ) -> tuple[int, int, int, int]:
        """Make the CPU entry area; where GDT, IDT and TSS are seen there, and its stack ends."""
        base = _AREA + PAGE
        pages = {_AREA: idt, base: gdt, base + area.task: task}
        for address, where in pages.items():
            self._map_area(address, self._mmu.kernel.get(where) & FRAME_MASK)
        self._new_page(base + area.stack & -PAGE)
        self._map_entry_text()
        end = base + area.stack + area.stack_size
        self._mmu.write(task + _SP0, struct.pack("<I", end))
        self._mmu.write(area.pointer, struct.pack("<I", base))
        return base + gdt % PAGE, _AREA + idt % PAGE, base + area.task + task % PAGE, end

    # the CPU's tables

    def _load_cpu(self, gdt: int, idt: int, task: int, entry_stack: int | None) -> None:
        selector = 8 * _TASK_SEGMENT
        self._mmu.write(gdt + selector, _task_descriptor(task))
        cpu = self._cpu
        cpu.enter_protected_mode(self._mmu.kernel_root)
        cpu.set_tables((gdt, 8 * _SEGMENTS - 1), (idt, 0x7FF), (selector, task, _TASK_SIZE - 1))
        entry = self._find(*_SYSENTER)
        if entry is not None:
            stack = entry_stack or task + _SP0 - sysenter_offset(self._image, entry)
            cpu.write_msr(MSR_SYSENTER_CS, KERNEL_CS)
            cpu.write_msr(MSR_SYSENTER_ESP, stack)
            cpu.write_msr(MSR_SYSENTER_EIP, entry)

    def _fill_gates(self, table: int, entry: int) -> None:
        for vector, names in (*EXCEPTIONS.items(), (TIMER_VECTOR, TIMER_ENTRIES)):
            handler = self._find(*names)
            # A double fault is another task's business there.
            if handler is not None and vector != DOUBLE_FAULT:
                level = 3 if vector in _FROM_USER else 0
                self._set_gate(table, vector, handler, _INTERRUPT_GATE, level)
        off = self._image.symbol(_TURNS_INTERRUPTS_ON) is not None
        self._set_gate(table, _CALL_VECTOR, entry, _INTERRUPT_GATE if off else _TRAP_GATE, 3)

    def _set_gate(self, table: int, vector: int, handler: int, kind: int, level: int) -> None:
        low, high = handler & 0xFFFF, handler >> 16
        gate = struct.pack("<HHBBH", low, KERNEL_CS, 0, kind | level << 5, high)
        self._mmu.write(table + 8 * vector, gate)


def _task_descriptor(base: int) -> bytes:
    low = _TASK_SIZE - 1 | (base & 0xFFFF) << 16
    high = base >> 16 & 0xFF | _TASK_KIND << 8 | base & 0xFF00_0000
    return struct.pack("<II", low, high)
