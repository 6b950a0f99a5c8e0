"""A kernel image made ready to run without booting it: what its own start-up would have set up.

Everything is found by symbols of the image. The CPU entry area lies where Linux has it on
x86_64 (arch/x86/include/asm/cpu_entry_area.h, documentation in x86_64/mm.rst), IDT first.
"""

import struct
from typing import NamedTuple

from systui.arch.x86_64 import X86_64
from systui.kernel.image import Image, Segment
from systui.services.narrow import UNDER_64
from systui.target.emulator import alternatives, apic, landing
from systui.target.emulator.cpu import Cpu
from systui.target.emulator.flags import thread_flags
from systui.target.emulator.loader import LANDING
from systui.target.emulator.mmu import Mmu
from systui.target.emulator.paging import (
    ACCESSED,
    FRAME_MASK,
    NO_EXECUTE,
    PAGE,
    PRESENT,
    WRITE,
    TableMemory,
)
from systui.target.emulator.placement import Placement
from systui.target.emulator.platform import LONG_MODE, Platform, platform_for

DIRECT_MAP = 0xFFFF_8880_0000_0000
IDT = 0xFFFF_FE00_0000_0000
ENTRY_AREA = 0xFFFF_FE00_0000_1000
_GDT, _ENTRY_STACK, TSS, _FAULT_STACK, _SCRATCH = (
    ENTRY_AREA + offset * PAGE for offset in (0, 1, 2, 3, 4)
)

TLS = _GDT + 12 * 8
"""The descriptors that belong to the running task (GDT_ENTRY_TLS_MIN)."""

KERNEL_CS, USER_CS, USER_SS = 0x10, 0x33, 0x2B
USER32_CS, _TASK_SELECTOR = 0x23, 0x40
_TSS_SIZE = 0x68
_TSS_RSP0, _TSS_RSP1, _TSS_IST1 = 4, 12, 36
DOUBLE_FAULT = 8
_MASK = (1 << 64) - 1

MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK = range(0xC000_0081, 0xC000_0085)
MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP = 0x174, 0x175, 0x176
FMASK = 0x47700
"""TF, IF, DF, IOPL, NT and AC, as Linux's syscall_init() sets it."""

_SEGMENTS = (
    *(0, 0x00CF_9B00_0000_FFFF, 0x00AF_9B00_0000_FFFF, 0x00CF_9300_0000_FFFF),
    *(0x00CF_FB00_0000_FFFF, 0x00CF_F300_0000_FFFF, 0x00AF_FB00_0000_FFFF, 0),
)
"""GDT: null, 32-bit kernel code, kernel code and data, 32-bit user code, user data and code."""

_NAMES = {
    0: "divide_error",
    1: "debug",
    3: "int3",
    4: "overflow",
    5: "bounds",
    6: "invalid_op",
    7: "device_not_available",
    8: "double_fault",
    9: "coproc_segment_overrun",
    10: "invalid_tss",
    11: "segment_not_present",
    12: "stack_segment",
    13: "general_protection",
    14: "page_fault",
    16: "coprocessor_error",
    17: "alignment_check",
    19: "simd_coprocessor_error",
}
_OLD_NAMES = {9: "coprocessor_segment_overrun", 10: "invalid_TSS"}
"""Until 5.7 entries had no prefix, and these two were spelt otherwise."""
EXCEPTIONS = {
    vector: (f"asm_exc_{name}", _OLD_NAMES.get(vector, name)) for vector, name in _NAMES.items()
}
"""What may handle an exception, by vector, newest name first (arch/x86/kernel/idt.c, traps.c)."""
_FROM_USER = (3, 4, 0x80)
ENTRIES = ("entry_SYSCALL_64", "system_call")
"""Where `syscall` arrives, the latter until 4.1 (arch/x86/entry/entry_64.S)."""
TASK_STATES = ("cpu_tss_rw", "cpu_tss", "init_tss")
"""The CPU's TSS: from 4.15 on, from 4.1 on, and before (arch/x86/kernel/process.c)."""
TIMER_VECTOR = 0xEC
"""LOCAL_TIMER_VECTOR (asm/irq_vectors.h)."""
TIMER_ENTRIES = ("asm_sysvec_apic_timer_interrupt", "apic_timer_interrupt")
"""Where the timer's interrupt arrives, the latter until 5.7 (arch/x86/entry/entry_64.S)."""
_COMPAT = ("asm_int80_emulation", "entry_INT80_compat")
_SYSENTER, _CSTAR = "entry_SYSENTER_compat", "entry_SYSCALL_compat"


class Kernel(NamedTuple):
    """A placed kernel."""

    image: Image
    pti: bool
    end: int
    """First physical address behind it and what was set up for it."""
    entry: int
    """Where `syscall` goes."""
    per_cpu: int
    """CPU 0's area: the GS base in ring 0. Zero where per-CPU variables lie at their addresses."""
    writable: tuple[int, ...]
    """Frames whose content the kernel may change."""
    stack_top: int = 0
    """End of the first task's kernel stack."""
    scratch: int = 0
    """A page of zeros in the kernel's half that nothing else uses."""
    thread_flags: int = 0
    """Address of the first task's TIF_* flags."""
    tss: int = TSS
    """Address of the CPU's task state segment, as the CPU is told it."""
    idt: int = IDT
    """Address of the interrupt descriptor table."""
    own_segments: int = TLS
    """Address of the descriptors that belong to the running task."""
    platform: Platform = LONG_MODE

    @property
    def is_bundled(self) -> bool:
        """Whether it is written to be answered from outside."""
        return self.image.symbol("serve_syscall") is not None

    @property
    def timer_entry(self) -> int | None:
        """Where the timer's interrupt arrives."""
        return next(filter(None, map(self.address, TIMER_ENTRIES)), None)

    def address(self, name: str) -> int | None:
        """The run-time address of the symbol `name`; per-CPU ones are offsets in the image."""
        symbol = self.image.symbol(name)
        if symbol is None:
            return None
        if symbol.address >= self.platform.kernel_half:
            return symbol.address
        return (self.per_cpu + symbol.address) & _MASK


def patched_for_pti(image: Image) -> bool:
    """The image's entry code can be patched so that it switches page tables."""
    start, end = (image.symbol(f"__entry_text_{which}") for which in ("start", "end"))
    if start is None or end is None:
        return False
    patches = alternatives.patches(image, (alternatives.PTI,))
    return any(start.address <= patch.address < end.address for patch in patches)


def takes_compat(image: Image) -> bool:
    """The kernel has a way in for 32-bit calls."""
    return any(image.symbol(name) is not None for name in _COMPAT)


class Boot(Placement):
    """Does what the kernel's own start-up does, once."""

    def __init__(self, cpu: Cpu, image: Image, mmu: Mmu, *, all_alternatives: bool = False) -> None:
        super().__init__(cpu, image, mmu, all_alternatives=all_alternatives)
        self._frames: dict[int, int] = {}
        self._tss = TSS

    @property
    def _has_trampoline(self) -> bool:
        """Exceptions arrive on the entry stack, and the TSS lies in the CPU entry area.

        So it is where the TSS has its last name, whether or not page tables are switched.
        """
        return self._image.symbol(TASK_STATES[0]) is not None

    def run(self) -> Kernel:
        """Place, patch and set up the kernel; BadInputError names the symbol that is missing."""
        self._lay_out()
        self._patch()
        kernel = self._kernel()
        self._map_per_cpu(kernel)
        self._map_entry_text()
        self._map_interrupt_controller()
        self._make_tables(kernel)
        self._set_per_cpu(kernel)
        self._load_cpu(kernel)
        return Kernel(
            *(self._image, self._pti, self._next, kernel.entry, kernel.per_cpu),
            *(tuple(self._writable), self._stack_top(), _SCRATCH),
            thread_flags(self._image, self._required("init_task")),
            self._tss,
        )

    def _kernel(self) -> Kernel:
        template = self._per_cpu_segment()
        return Kernel(
            *(self._image, self._pti, self._next),
            entry=self._required(*ENTRIES),
            per_cpu=0 if template is None else DIRECT_MAP + template.paddr,
            writable=(),
        )

    # the image

    def _per_cpu_segment(self) -> Segment | None:
        """The per-CPU template, where it is linked at zero: SMP kernels until 6.14.

        Others have it among their data, and find it there while the GS base is zero.
        """
        for segment in self._image.segments:
            if segment.vaddr < self._mmu.kernel_half and segment.memory_size:
                return segment
        return None

    def _map_per_cpu(self, kernel: Kernel) -> None:
        segment = self._per_cpu_segment()
        flags = PRESENT | WRITE | ACCESSED | NO_EXECUTE
        if segment is not None:
            count = -(-segment.memory_size // PAGE)
            self._mmu.kernel.fill(kernel.per_cpu, segment.paddr, count, flags)
        self._required(*TASK_STATES)
        task = next(filter(None, map(kernel.address, TASK_STATES)), 0)
        frame = self._mmu.kernel.get(task) & FRAME_MASK
        self._mmu.entry.set(task & -PAGE, frame | flags)
        if self._has_trampoline:
            self._frames[TSS] = frame
            self._map_area(TSS, frame)
            self._tss = TSS
        else:
            self._tss = task

    def _map_interrupt_controller(self) -> None:
        address = apic.registers_page(self._image)
        if address is not None:
            flags = PRESENT | WRITE | ACCESSED | NO_EXECUTE
            self._mmu.kernel.set(address, self._new_frame() | flags)

    # the CPU's tables

    def _make_tables(self, kernel: Kernel) -> None:
        for address in (IDT, _GDT, _ENTRY_STACK, _FAULT_STACK, _SCRATCH):
            self._frames[address] = self._new_page(address)
        self._mmu.write(_GDT, struct.pack("<8Q", *_SEGMENTS) + _task_descriptor(self._tss))
        for vector, names in EXCEPTIONS.items():
            handler = next(filter(None, map(kernel.address, names)), None)
            if handler is not None:
                self._set_gate(vector, handler)
        for name in _COMPAT:
            handler = kernel.address(name)
            if handler is not None:
                self._set_gate(0x80, handler)
        if kernel.timer_entry is not None:
            self._set_gate(TIMER_VECTOR, kernel.timer_entry)

    def _set_gate(self, vector: int, handler: int) -> None:
        level = 3 if vector in _FROM_USER else 0
        stack = 1 if vector == DOUBLE_FAULT else 0
        low, middle, high = handler & 0xFFFF, handler >> 16 & 0xFFFF, handler >> 32
        kind = 0x8E | level << 5
        gate = struct.pack("<HHBBHII", low, KERNEL_CS, stack, kind, middle, high, 0)
        self._mmu.write(IDT + vector * 16, gate)

    def _set_per_cpu(self, kernel: Kernel) -> None:
        top = self._stack_top()
        words = {
            "cpu_current_top_of_stack": top,
            "current_task": kernel.address("init_task") or 0,
        }
        for name, value in words.items():
            address = kernel.address(name)
            if address is not None:
                self._mmu.write(address, value.to_bytes(8, "little"))
        for offset, value in (
            (_TSS_RSP0, _ENTRY_STACK + PAGE if self._has_trampoline else top),
            (_TSS_RSP1, top),
            (_TSS_IST1, _FAULT_STACK + PAGE),
        ):
            self._mmu.write(self._tss + offset, value.to_bytes(8, "little"))
        for place, value in landing.words(self._image, UNDER_64.calls + LANDING).items():
            self._mmu.write(place, value.to_bytes(8, "little"))

    def _stack_top(self) -> int:
        for name in ("init_stack", "init_thread_union"):
            stack = self._image.symbol(name)
            if stack is not None:
                sizes = X86_64.thread_sizes
                size = stack.size if stack.size in sizes else self._stack_size(stack.address)
                return (stack.address + size) & _MASK
        raise self._missing("init_stack")

    def _stack_size(self, start: int) -> int:
        """Of the stack at `start`: where names have no sizes, the TSS tells its end."""
        ends = [self._mmu.read_word(self._tss + offset) for offset in (_TSS_RSP0, _TSS_RSP1)]
        sizes = X86_64.thread_sizes
        return next((size for size in sizes if start + size in ends), sizes[0])

    def _load_cpu(self, kernel: Kernel) -> None:
        cpu = self._cpu
        cpu.enter_long_mode(self._mmu.kernel_root)
        cpu.set_tables((_GDT, 0x7F), (IDT, 0xFFF), (_TASK_SELECTOR, self._tss, _TSS_SIZE - 1))
        cpu.write_msr(MSR_STAR, USER32_CS << 48 | KERNEL_CS << 32)
        cpu.write_msr(MSR_LSTAR, kernel.entry)
        cpu.write_msr(MSR_FMASK, FMASK)
        cpu.write_msr(MSR_CSTAR, kernel.address(_CSTAR) or 0)
        sysenter = kernel.address(_SYSENTER)
        if sysenter is not None:
            cpu.write_msr(MSR_SYSENTER_CS, KERNEL_CS)
            cpu.write_msr(MSR_SYSENTER_ESP, _ENTRY_STACK + PAGE)
            cpu.write_msr(MSR_SYSENTER_EIP, sysenter)


def _task_descriptor(base: int) -> bytes:
    """An available 64-bit TSS's 16 bytes in the GDT (SDM vol. 3, 7.2.3)."""
    limit = _TSS_SIZE - 1
    low = limit | (base & 0xFF_FFFF) << 16 | 0x89 << 40 | (base >> 24 & 0xFF) << 56
    return struct.pack("<QQ", low, base >> 32)


def make_mmu(cpu: Cpu, image: Image, pti: bool, table_room: tuple[int, int]) -> Mmu:
    """Empty page tables for `image`: two top-level tables where `pti` is wanted and possible."""
    platform = platform_for(image.machine)
    return Mmu(cpu, TableMemory(cpu, *table_room), pti and patched_for_pti(image), platform)
