"""Running up to the edge of executable memory.

Unicorn translates straight-line code ahead of running it, so a page that cannot be fetched is
reported at the first instruction of the stretch that runs into it. Hardware reports it at the
instruction that needs it. So the rest of the stretch is run one by one with a stand-in behind the
edge, up to the instruction that reaches beyond it.
"""

from systui.target.emulator.cpu import Cpu, CpuException
from systui.target.emulator.mmu import Mmu
from systui.target.emulator.paging import ACCESSED, PAGE, PRESENT, USER

_STAND_IN = 0x1000
_NOP = 0x90
_PAGE_FAULT = 14
_FETCH = 16
_LONGEST_INSTRUCTION = 15


class Edge:
    """Tells which instruction a failed fetch belongs to."""

    def __init__(self, cpu: Cpu, mmu: Mmu) -> None:
        """Uses one page of low physical memory that nothing else uses."""
        self._cpu = cpu
        self._mmu = mmu
        cpu.memory[_STAND_IN : _STAND_IN + PAGE] = bytes((_NOP,)) * PAGE

    def is_ahead(self, exception: CpuException, pc: int) -> bool:
        """`exception` is a failed fetch that an instruction behind the one at `pc` may need."""
        if exception.vector != _PAGE_FAULT or not exception.error_code & _FETCH:
            return False
        page = exception.address & -PAGE
        return page == (pc & -PAGE) + PAGE and self._fits(pc, page)

    def step(self, exception: CpuException, pc: int) -> int:
        """Run the one instruction at `pc`, which ends before the edge; how many completed."""
        page = exception.address & -PAGE
        before = self._stand_in(page)
        executed = self._cpu.run(pc, 1)
        self._take_away(page, before)
        return executed

    def _fits(self, pc: int, page: int) -> bool:
        before = self._stand_in(page)
        size = self._cpu.instruction_size(pc)
        self._take_away(page, before)
        return size > _LONGEST_INSTRUCTION or pc + size <= page

    def _stand_in(self, page: int) -> int:
        before = self._mmu.user.get(page)
        self._mmu.user.set(page, _STAND_IN | PRESENT | USER | ACCESSED)
        self._cpu.flush_translations()
        return before

    def _take_away(self, page: int, before: int) -> None:
        self._mmu.user.set(page, before)
        self._cpu.flush_translations()
