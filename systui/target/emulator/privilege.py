"""Into ring 0: what the CPU does for `syscall`, interrupts and exceptions.

Unicorn does neither (it only reports them); the ways back (sysret, iret) it does itself.
Intel SDM vol. 2B SYSCALL; vol. 3, 6.12 and 6.14 (64-bit mode).
"""

import struct
from abc import ABC, abstractmethod
from typing import ClassVar

from systui.target.emulator.boot import (
    IDT,
    KERNEL_CS,
    MSR_CSTAR,
    MSR_FMASK,
    MSR_LSTAR,
    MSR_STAR,
    MSR_SYSENTER_EIP,
    MSR_SYSENTER_ESP,
    USER32_CS,
)
from systui.target.emulator.cpu import Cpu, CpuException
from systui.target.emulator.engine import CS_INDEX, RFLAGS, RIP, RSP
from systui.target.emulator.mmu import Mmu

TF, IF, NT, RF, VM = 1 << 8, 1 << 9, 1 << 14, 1 << 16, 1 << 17
SS_INDEX = CS_INDEX + 1
WITH_ERROR_CODE = frozenset((8, 10, 11, 12, 13, 14, 17))
FIRST_INTERRUPT = 32
INVALID_OPCODE, GENERAL_PROTECTION, PAGE_FAULT, DOUBLE_FAULT = 6, 13, 14, 8
_TASK_RSP0, _TASK_IST1 = 4, 36
_INTERRUPT_GATE = 0xE
"""Type of a gate that turns interrupts off (SDM vol. 3, 6.11); a trap gate leaves them."""


class TripleFaultError(Exception):
    """An exception could not be delivered, nor could the double fault that this raised."""


class FaultError(Exception):
    """Delivering met a fault of its own."""

    def __init__(self, vector: int, error_code: int) -> None:
        super().__init__(vector)
        self.vector = vector
        self.error_code = error_code


class Doors(ABC):
    """Ways into ring 0 of any machine."""

    segments: ClassVar[tuple[int, int]]
    """Selectors of the kernel's code and of its stack after SYSENTER."""
    long: ClassVar[bool]
    """Whether the kernel's code is 64-bit code."""

    def __init__(self, cpu: Cpu, mmu: Mmu) -> None:
        self._cpu = cpu
        self._mmu = mmu
        self._sysenter = cpu.read_msr(MSR_SYSENTER_ESP), cpu.read_msr(MSR_SYSENTER_EIP)

    @abstractmethod
    def syscall(self) -> int:
        """Finish a `syscall` whose RIP is already behind it; the entry's address."""

    def sysenter(self) -> int:
        """Finish a `sysenter` likewise.

        Where the kernel has set no entry: as a general protection fault (SDM vol. 2B).
        """
        cpu, (stack, entry) = self._cpu, self._sysenter
        if not entry:
            return self._undefined(GENERAL_PROTECTION)
        flags = cpu.read("rflags")
        cpu.set_privilege(0, *self.segments, code64=self.long)
        cpu.write("rflags", flags & ~(IF | VM))
        cpu.write("rsp", stack)
        cpu.write("rip", entry)
        return entry

    def _undefined(self, vector: int = INVALID_OPCODE) -> int:
        """The instruction, two bytes long, has not run: a fault."""
        cpu = self._cpu
        cpu.write("rip", cpu.pc() - 2)
        return self.deliver(CpuException(vector, 0, False, cpu.read("cr2"), False))

    def deliver(self, exception: CpuException) -> int:
        """Enter the handler of `exception`; its address. TripleFaultError."""
        try:
            return self._enter(exception.vector, exception.error_code, exception.software)
        except FaultError as nested:
            try:
                if exception.vector < 32 and not exception.software:
                    return self._enter(DOUBLE_FAULT, 0, False)
                # The instruction itself is at fault: `int n` is two bytes long.
                self._cpu.write("rip", self._cpu.read("rip") - 2)
                return self._enter(nested.vector, nested.error_code, False)
            except FaultError as last:
                raise TripleFaultError from last

    @abstractmethod
    def _enter(self, vector: int, error_code: int, software: bool) -> int:
        """Enter the handler of `vector`; its address."""

    def _pushed(self, vector: int, flags: int, software: bool) -> int:
        """RFLAGS as a frame keeps them: RF is set in those of faults (SDM vol. 3, 17.3.1.1)."""
        faulted = vector < FIRST_INTERRUPT and vector not in (1, 3, 4) and not software
        return flags | RF if faulted else flags

    def _arrive(self, handler: int, stack: int, flags: int, kind: int) -> int:
        """Go on at `handler`, behind a gate of type `kind`."""
        cleared = TF | NT | RF | VM | (IF if kind == _INTERRUPT_GATE else 0)
        self._cpu.write("rsp", stack)
        self._cpu.write("rflags", flags & ~cleared | 2)
        self._cpu.write("rip", handler)
        return handler


class Privilege(Doors):
    """The doors into ring 0 of a CPU in long mode."""

    segments, long = (KERNEL_CS, KERNEL_CS + 8), True

    def __init__(self, cpu: Cpu, mmu: Mmu, task: int) -> None:
        """`task`: the address of the task state segment."""
        super().__init__(cpu, mmu)
        self._task = task
        self._entry = cpu.read_msr(MSR_LSTAR)
        self._mask = cpu.read_msr(MSR_FMASK)
        self._code = cpu.read_msr(MSR_STAR) >> 32 & 0xFFFC
        self._compat_entry = cpu.read_msr(MSR_CSTAR)

    def syscall(self) -> int:
        """Finish a `syscall` whose RIP is already behind it; the entry's address.

        From 32-bit code as AMD's CPUs do it: by way of another MSR.
        """
        cpu = self._cpu
        pc, flags = cpu.pc(), cpu.read("rflags")
        entry = self._compat_entry if cpu.read("cs") == USER32_CS else self._entry
        if not entry:
            return self._undefined()
        cpu.set_privilege(0, self._code, self._code + 8)
        cpu.write("rcx", pc)
        cpu.write("r11", flags & ~RF)
        cpu.write("rflags", flags & ~(self._mask | RF) | 2)
        cpu.write("rip", entry)
        return entry

    def _enter(self, vector: int, error_code: int, software: bool) -> int:
        cpu = self._cpu
        values = cpu.refresh()
        level, cr3 = values[CS_INDEX] & 3, cpu.read("cr3")
        handler, kind, stack = self._gate(vector, level if software else 0, cr3)
        top = self._stack(values[RSP], level, stack, cr3)
        flags = values[RFLAGS]
        pushed = self._pushed(vector, flags, software)
        words = [values[RIP], values[CS_INDEX], pushed, values[RSP], values[SS_INDEX]]
        if vector in WITH_ERROR_CODE and not software:
            words.insert(0, error_code)
        frame = struct.pack(f"<{len(words)}Q", *words)
        top = (top & ~15) - len(frame)
        if not self._mmu.write(top, frame, cr3):
            raise FaultError(PAGE_FAULT, 2)
        cpu.set_privilege(0, KERNEL_CS, values[SS_INDEX] if level == 0 else 0)
        return self._arrive(handler, top, flags, kind)

    def _gate(self, vector: int, level: int, cr3: int) -> tuple[int, int, int]:
        """Handler, type and interrupt-stack index from the IDT; a fault where it forbids."""
        data = self._mmu.read(IDT + vector * 16, 16, cr3)
        if data is None:
            raise FaultError(PAGE_FAULT, 0)
        low, _selector, stack, kind, middle, high, _zero = struct.unpack("<HHBBHII", data)
        if not kind & 0x80 or kind >> 5 & 3 < level:
            raise FaultError(GENERAL_PROTECTION, vector * 8 + 2)
        return high << 32 | middle << 16 | low, kind & 0xF, stack & 7

    def _stack(self, rsp: int, level: int, stack: int, cr3: int) -> int:
        if stack:
            return self._task_word(_TASK_IST1 + 8 * (stack - 1), cr3)
        return self._task_word(_TASK_RSP0, cr3) if level else rsp

    def _task_word(self, offset: int, cr3: int) -> int:
        value = self._mmu.read_word(self._task + offset, cr3)
        if value is None:
            raise FaultError(PAGE_FAULT, 0)
        return value
