"""x86_64 page tables, walked in physical memory: Intel SDM vol. 3, 4.5. Pure.

Under page-table isolation Linux keeps two top-level tables in two adjacent pages: the kernel's at
an 8 KiB boundary, the user's in the page after it (arch/x86/mm/pti.c). While the CPU runs on the
user's, bit 12 of CR3 tells it, and the kernel's is the same address without that bit.
"""

from collections.abc import Callable

ReadWord = Callable[[int], int | None]
"""Reads eight bytes of physical memory; None where there is none."""

PAGE = 0x1000
_PRESENT = 1
_LARGE = 1 << 7
_ADDRESS = 0x000F_FFFF_FFFF_F000
_USER_TABLE = 1 << 12
_LA57 = 1 << 12
"""Bit of CR4 for five levels."""
_LEVEL_BITS = 9


def on_user_table(cr3: int) -> bool:
    """Whether CR3 holds a user page table, given that page-table isolation is on."""
    return bool(cr3 & _USER_TABLE)


def kernel_table(cr3: int) -> int:
    """Physical address of the kernel's top-level table that goes with CR3."""
    return cr3 & _ADDRESS & ~_USER_TABLE


def current_table(cr3: int) -> int:
    """Physical address of the top-level table that CR3 names."""
    return cr3 & _ADDRESS


def translate(table: int, address: int, cr4: int, read: ReadWord) -> int | None:
    """Physical address of virtual `address`; None where it is not mapped."""
    top = 48 if cr4 & _LA57 else 39
    for shift in range(top, 3, -_LEVEL_BITS):
        index = address >> shift & (1 << _LEVEL_BITS) - 1
        entry = read(table + 8 * index)
        if entry is None or not entry & _PRESENT:
            return None
        if shift == 12 or (shift <= 30 and entry & _LARGE):
            offset = (1 << shift) - 1
            return entry & _ADDRESS & ~offset | address & offset
        table = entry & _ADDRESS
    return None
