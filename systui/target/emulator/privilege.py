"""Into ring 0: what the CPU does for `syscall`, interrupts and exceptions.

Unicorn does neither (it only reports them); the ways back (sysret, iret) it does itself.
Intel SDM vol. 2B SYSCALL; vol. 3, 6.12 and 6.14 (64-bit mode).
"""

import struct
from abc import ABC, abstractmethod

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
_SS_INDEX = CS_INDEX + 1
WITH_ERROR_CODE = frozenset((8, 10, 11, 12, 13, 14, 17))
FIRST_INTERRUPT = 32
INVALID_OPCODE, GENERAL_PROTECTION, PAGE_FAULT, DOUBLE_FAULT = 6, 13, 14, 8
_TASK_RSP0, _TASK_IST1 = 4, 36


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

    def __init__(self, cpu: Cpu) -> None:
        self._cpu = cpu

    @abstractmethod
    def syscall(self) -> int:
        """Finish a `syscall` whose RIP is already behind it; the entry's address."""

    @abstractmethod
    def sysenter(self) -> int:
        """Finish a `sysenter` likewise."""

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


class Privilege(Doors):
    """The doors into ring 0 of a CPU in long mode."""

    def __init__(self, cpu: Cpu, mmu: Mmu, task: int) -> None:
        """`task`: the address of the task state segment."""
        super().__init__(cpu)
        self._mmu = mmu
        self._task = task
        self._entry = cpu.read_msr(MSR_LSTAR)
        self._mask = cpu.read_msr(MSR_FMASK)
        self._code = cpu.read_msr(MSR_STAR) >> 32 & 0xFFFC
        self._compat_entry = cpu.read_msr(MSR_CSTAR)
        self._sysenter = cpu.read_msr(MSR_SYSENTER_ESP), cpu.read_msr(MSR_SYSENTER_EIP)

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

    def sysenter(self) -> int:
        """Finish a `sysenter` whose RIP is already behind it; the entry's address.

        Where the kernel has set no entry: as a general protection fault (SDM vol. 2B).
        """
        cpu, (stack, entry) = self._cpu, self._sysenter
        if not entry:
            return self._undefined(GENERAL_PROTECTION)
        flags = cpu.read("rflags")
        cpu.set_privilege(0, KERNEL_CS, KERNEL_CS + 8)
        cpu.write("rflags", flags & ~(IF | VM))
        cpu.write("rsp", stack)
        cpu.write("rip", entry)
        return entry

    def _enter(self, vector: int, error_code: int, software: bool) -> int:
        cpu = self._cpu
        values = cpu.refresh()
        level, cr3 = values[CS_INDEX] & 3, cpu.read("cr3")
        handler, kind, stack = self._gate(vector, level if software else 0, cr3)
        top = self._stack(values[RSP], level, stack, cr3)
        flags = values[RFLAGS]
        faulted = vector < FIRST_INTERRUPT and vector not in (1, 3, 4) and not software
        pushed = flags | RF if faulted else flags
        words = [values[RIP], values[CS_INDEX], pushed, values[RSP], values[_SS_INDEX]]
        if vector in WITH_ERROR_CODE and not software:
            words.insert(0, error_code)
        frame = struct.pack(f"<{len(words)}Q", *words)
        top = (top & ~15) - len(frame)
        if not self._mmu.write(top, frame, cr3):
            raise FaultError(PAGE_FAULT, 2)
        cpu.set_privilege(0, KERNEL_CS, values[_SS_INDEX] if level == 0 else 0)
        cleared = TF | NT | RF | VM | (IF if kind == 0xE else 0)
        cpu.write("rsp", top)
        cpu.write("rflags", flags & ~cleared | 2)
        cpu.write("rip", handler)
        return handler

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
