"""Into ring 0 on a 32-bit machine: what the CPU does for `int n`, exceptions and SYSENTER.

Intel SDM vol. 3, 6.12 (protected mode); vol. 2B SYSENTER. The ways back (iret, sysexit) Unicorn
does itself.
"""

import struct

from systui.target.emulator.boot import Kernel
from systui.target.emulator.boot32 import KERNEL_CS, KERNEL_DS
from systui.target.emulator.cpu import Cpu
from systui.target.emulator.engine import CS_INDEX, RFLAGS, RIP, RSP
from systui.target.emulator.mmu import Mmu
from systui.target.emulator.privilege import (
    GENERAL_PROTECTION,
    PAGE_FAULT,
    SS_INDEX,
    WITH_ERROR_CODE,
    Doors,
    FaultError,
)

_SP0, _SS0 = 4, 8


class Privilege32(Doors):
    """The CPU's doors into ring 0."""

    segments, long = (KERNEL_CS, KERNEL_DS), False

    def __init__(self, cpu: Cpu, mmu: Mmu, kernel: Kernel) -> None:
        super().__init__(cpu, mmu)
        self._task, self._table = kernel.tss, kernel.idt

    def syscall(self) -> int:
        """`syscall` is no instruction here."""
        return self._undefined()

    def _enter(self, vector: int, error_code: int, software: bool) -> int:
        cpu = self._cpu
        values = cpu.refresh()
        level = values[CS_INDEX] & 3
        handler, selector, kind = self._gate(vector, level if software else 0)
        flags, stack, ss = values[RFLAGS], values[RSP], values[SS_INDEX]
        pushed = self._pushed(vector, flags, software)
        words = [values[RIP], values[CS_INDEX], pushed]
        if level:
            words += [stack, ss]
            stack = self._mmu.read_pointer(self._task + _SP0)
            ss = self._mmu.read_pointer(self._task + _SS0) & 0xFFFF
        if vector in WITH_ERROR_CODE and not software:
            words.insert(0, error_code)
        frame = struct.pack(f"<{len(words)}I", *words)
        if not self._mmu.write(stack - len(frame), frame):
            raise FaultError(PAGE_FAULT, 2)
        cpu.set_privilege(0, selector, ss, code64=False)
        return self._arrive(handler, stack - len(frame), flags, kind)

    def _gate(self, vector: int, level: int) -> tuple[int, int, int]:
        """Handler, code segment and type from the IDT; a fault where it forbids."""
        data = self._mmu.read(self._table + vector * 8, 8)
        if data is None:
            raise FaultError(PAGE_FAULT, 0)
        low, selector, _zero, kind, high = struct.unpack("<HHBBH", data)
        if not kind & 0x80 or kind >> 5 & 3 < level:
            raise FaultError(GENERAL_PROTECTION, vector * 8 + 2)
        return high << 16 | low, selector, kind & 0xF
