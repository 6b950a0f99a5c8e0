"""x86 page tables, walked in physical memory: Intel SDM vol. 3, 4.3 to 4.5. Pure.

Under page-table isolation Linux keeps two top-level tables in two adjacent pages: the kernel's at
an 8 KiB boundary, the user's in the page after it (arch/x86/mm/pti.c). While the CPU runs on the
user's, bit 12 of CR3 tells it, and the kernel's is the same address without that bit.
"""

from collections.abc import Callable
from typing import NamedTuple

ReadWord = Callable[[int], int | None]
"""Reads eight bytes of physical memory; None where there is none."""

PAGE = 0x1000
_PRESENT = 1
_LARGE = 1 << 7
_USER_TABLE = 1 << 12
_PAE, _LA57 = 1 << 5, 1 << 12
"""Bits of CR4: entries of eight bytes on a 32-bit CPU; five levels on a 64-bit one."""


class Paging(NamedTuple):
    """One of the CPU's forms of page tables."""

    shifts: tuple[int, ...]
    """The lowest address bit that each level translates, from the top."""
    entry: int
    """Bytes of an entry."""
    top: int
    """Bits of CR3 that are the top-level table's address."""
    address: int
    """Bits of an entry that are an address."""
    large: int
    """The highest of `shifts` at which an entry may map memory itself."""

    def translate(self, table: int, address: int, read: ReadWord) -> int | None:
        """Physical address of virtual `address`; None where it is not mapped."""
        slots = PAGE // self.entry
        for shift in self.shifts:
            place = table + self.entry * (address >> shift & slots - 1)
            word = read(place & -8)
            entry = 0 if word is None else word >> 8 * (place & 7) & (1 << 8 * self.entry) - 1
            if not entry & _PRESENT:
                return None
            if shift == self.shifts[-1] or (shift <= self.large and entry & _LARGE):
                offset = (1 << shift) - 1
                return entry & self.address & ~offset | address & offset
            table = entry & self.address
        return None

    def current_table(self, cr3: int) -> int:
        """Physical address of the top-level table that CR3 names."""
        return cr3 & self.top

    def kernel_table(self, cr3: int) -> int:
        """Physical address of the kernel's top-level table that goes with CR3."""
        return cr3 & self.top & ~_USER_TABLE


_WIDE = 0x000F_FFFF_FFFF_F000
_FOUR_LEVELS = Paging((39, 30, 21, 12), 8, _WIDE, _WIDE, large=30)
_FIVE_LEVELS = _FOUR_LEVELS._replace(shifts=(48, *_FOUR_LEVELS.shifts))
_THREE_LEVELS = Paging((30, 21, 12), 8, 0xFFFF_FFE0, _WIDE, large=21)
_TWO_LEVELS = Paging((22, 12), 4, 0xFFFF_F000, 0xFFFF_F000, large=22)


def paging(bits: int, cr4: int) -> Paging:
    """The form that a kernel of so many `bits` uses, as CR4 tells."""
    if bits == 64:
        return _FIVE_LEVELS if cr4 & _LA57 else _FOUR_LEVELS
    return _THREE_LEVELS if cr4 & _PAE else _TWO_LEVELS


def on_user_table(cr3: int) -> bool:
    """Whether CR3 holds a user page table, given that page-table isolation is on."""
    return bool(cr3 & _USER_TABLE)
