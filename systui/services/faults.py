"""From a CPU exception in user mode to a signal: arch/x86/kernel/traps.c, arch/x86/mm/fault.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.services.memory import PROT_EXEC, PROT_READ, PROT_WRITE, TASK_SIZE
from systui.services.ports import UserFrame
from systui.services.signals import (
    SI_KERNEL,
    SIGBUS,
    SIGFPE,
    SIGILL,
    SIGSEGV,
    SIGTRAP,
    SigInfo,
    Trap,
)

if TYPE_CHECKING:
    from systui.services.task import Task

PAGE_FAULT = 14
_WRITE, _FETCH = 2, 16
SEGV_MAPERR, SEGV_ACCERR, BUS_ADRALN, BUS_ADRERR = 1, 2, 1, 2
ILL_ILLOPN, FPE_INTDIV, TRAP_TRACE = 2, 1, 2
_FPE_BY_BIT = ((0x01, 7), (0x04, 3), (0x08, 4), (0x12, 5), (0x20, 6))
"""Exception flag of x87 or SSE to si_code: INV, DIV, OVF, UND, RES (fpu__exception_code())."""


def raise_signal(task: Task, vector: int, error_code: int, address: int, frame: UserFrame) -> None:
    """Let the signal be pending that Linux sends for exception `vector`."""
    known = address if vector == PAGE_FAULT else task.signals.trap.address
    task.signals.trap = Trap(vector, error_code, known)
    task.signals.force(_signal(task, vector, error_code, address, frame.get("ip")))


def _signal(task: Task, vector: int, error_code: int, address: int, ip: int) -> SigInfo:
    if vector == PAGE_FAULT:
        return _page_fault(task, error_code, address)
    fixed = {
        0: SigInfo(SIGFPE, FPE_INTDIV, address=ip),
        1: SigInfo(SIGTRAP, TRAP_TRACE, address=ip),
        3: SigInfo(SIGTRAP, SI_KERNEL),
        6: SigInfo(SIGILL, ILL_ILLOPN, address=ip),
        11: SigInfo(SIGBUS, SI_KERNEL),
        12: SigInfo(SIGBUS, SI_KERNEL),
        16: SigInfo(SIGFPE, _fpe_code(task, simd=False), address=ip),
        17: SigInfo(SIGBUS, BUS_ADRALN, address=0),
        19: SigInfo(SIGFPE, _fpe_code(task, simd=True), address=ip),
    }
    return fixed.get(vector, SigInfo(SIGSEGV, SI_KERNEL))


def _page_fault(task: Task, error_code: int, address: int) -> SigInfo:
    if address >= TASK_SIZE:
        return SigInfo(SIGSEGV, SEGV_MAPERR, address=address)
    area = task.memory.find(address)
    if area is None:
        return SigInfo(SIGSEGV, SEGV_MAPERR, address=address)
    wanted = PROT_WRITE if error_code & _WRITE else PROT_READ
    if error_code & _FETCH:
        wanted = PROT_EXEC
    if not area.prot & wanted:
        return SigInfo(SIGSEGV, SEGV_ACCERR, address=address)
    return SigInfo(SIGBUS, BUS_ADRERR, address=address)


def _fpe_code(task: Task, simd: bool) -> int:
    image = task.thread.fpu()
    if simd:
        mxcsr = int.from_bytes(image[24:28], "little")
        raised = mxcsr & ~(mxcsr >> 7)
    else:
        control, status = image[0:2], image[2:4]
        raised = int.from_bytes(status, "little") & ~int.from_bytes(control, "little")
    return next((code for mask, code in _FPE_BY_BIT if raised & mask), 0)
