"""What a kernel image says of its own faults: warnings, expected faults; and what else happened.

Tables: include/asm-generic/bug.h (`__bug_table`), arch/x86/include/asm/extable.h (`__ex_table`).
"""

import struct
from functools import cached_property
from typing import NamedTuple

from systui.kernel.image import Image
from systui.target.emulator.cpu import CpuException
from systui.target.emulator.mmu import Mmu
from systui.words import _

_INVALID_OPCODE, _PAGE_FAULT = 6, 14
_UD2 = b"\x0f\x0b"
_WARNING = 1
"""BUGFLAG_WARNING."""
_ROW_SIZES = ((12, 10), (8, 4), (16, 10))
"""Bytes of a row, and where its flags lie: with file and line (two layouts), and without."""
_FIXUP_SIZES = (12, 8)
"""Bytes of a row of `__ex_table`: with a handler or a type (from 4.6 on), and without."""
DISPATCHERS = frozenset(
    (
        *("do_syscall_64", "do_syscall_x64", "x64_sys_call", "entry_SYSCALL_64"),
        *("entry_SYSCALL_64_fastpath", "system_call", "system_call_fastpath", "tracesys"),
        *("system_call_after_swapgs", "entry_SYSCALL_64_after_swapgs", "tracesys_phase2"),
    )
)
"""What calls handlers by a call's number; all other callers are handlers themselves."""
COMPAT_DISPATCHERS = frozenset(
    (
        *("ia32_sys_call", "do_int80_emulation", "int80_emulation", "do_int80_syscall_32"),
        *("do_syscall_32_irqs_on", "__do_fast_syscall_32", "do_fast_syscall_32"),
        *("entry_INT80_compat", "entry_SYSENTER_compat", "entry_SYSCALL_compat"),
        *("syscall_call", "sysenter_do_call", "sysenter_past_esp", "ia32_sysenter_target"),
        *("entry_INT80_32", "entry_SYSENTER_32"),
    )
)
"""The same for 32-bit calls."""
_MOST_FRAMES = 12
_LONGEST_SCAN = 0x1000


class Trouble:
    """Tells faults in one kernel image's text apart."""

    def __init__(self, image: Image, mmu: Mmu) -> None:
        self._image = image
        self._mmu = mmu

    def is_warning(self, exception: CpuException, pc: int) -> bool:
        """The instruction at `pc` is a WARN: the kernel reports it and goes on behind it."""
        return exception.vector == _INVALID_OPCODE and pc in self._warnings

    def is_expected(self, pc: int) -> bool:
        """The kernel itself handles a fault at `pc`: by its exception table, or on its way out."""
        return pc in self._entry_text or pc in self._fixups

    @cached_property
    def _entry_text(self) -> range:
        start, end = (self._image.symbol(f"__entry_text_{each}") for each in ("start", "end"))
        return range(0) if start is None or end is None else range(start.address, end.address)

    @cached_property
    def _warnings(self) -> frozenset[int]:
        table = self._between("__bug_table")
        for size, flags_at in _ROW_SIZES:
            found = self._bugs(table, size, flags_at)
            if found is not None:
                return found
        return frozenset()

    def _bugs(self, table: "_Table", size: int, flags_at: int) -> frozenset[int] | None:
        """Addresses of warnings where rows of `size` bytes make sense of the table."""
        found = set()
        for offset in range(0, len(table.data) - size + 1, size):
            (place,) = struct.unpack_from("<i", table.data, offset)
            (flags,) = struct.unpack_from("<H", table.data, offset + flags_at)
            # With 32 bits it is the address itself.
            wide = self._image.bits == 64
            address = table.address + offset + place if wide else place & 0xFFFF_FFFF
            if offset < 8 * size and self._image.read(address, 2) != _UD2:
                return None
            if flags & _WARNING:
                found.add(address)
        return frozenset(found)

    @cached_property
    def _fixups(self) -> frozenset[int]:
        table = self._between("__ex_table")
        for step in _FIXUP_SIZES:
            found = [
                table.address + offset + struct.unpack_from("<i", table.data, offset)[0]
                for offset in range(0, len(table.data) - step + 1, step)
            ]
            # The build sorts the table by address (scripts/sorttable.c).
            if found == sorted(found):
                return frozenset(found)
        return frozenset()

    def _between(self, name: str) -> "_Table":
        section = self._image.section(name)
        data = None if section is None else self._image.read(section.address, section.size)
        return _Table(0, b"") if section is None or data is None else _Table(section.address, data)

    # an oops

    def tell(self, exception: CpuException, pc: int, stack: int) -> str:
        """What happened, where, and what called it, for a person."""
        if exception.vector == _PAGE_FAULT:
            what = _("page fault at address {address:#x}").format(address=exception.address)
        else:
            what = _("exception {vector}").format(vector=exception.vector)
        text = _("{what} in {place}").format(what=what, place=self._name(pc))
        callers = self._callers(stack)
        return text + "".join(f" ← {caller}" for caller in callers)

    def _callers(self, stack: int) -> list[str]:
        """Return addresses found on the stack: words that point behind a call."""
        found: list[str] = []
        for at in range(stack, stack + _LONGEST_SCAN, self._image.bits // 8):
            word = self._mmu.read_pointer(at)
            if not self._mmu.lookup(at, 0) or len(found) == _MOST_FRAMES:
                break
            if self._follows_call(word):
                found.append(self._name(word))
                if found[-1].partition("+")[0] in DISPATCHERS | COMPAT_DISPATCHERS:
                    break
        return found

    def _follows_call(self, address: int) -> bool:
        before = self._image.read(address - 5, 5)
        if before is None or self._image.locate(address) is None:
            return False
        return before[0] == 0xE8 or (before[3] == 0xFF and before[4] & 0x38 == 0x10)

    def _name(self, address: int) -> str:
        found = self._image.locate(address)
        if found is None:
            return f"{address:#x}"
        symbol, offset = found
        return f"{symbol.name}+{offset:#x}" if offset else symbol.name


class _Table(NamedTuple):
    address: int
    data: bytes
