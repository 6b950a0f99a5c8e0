"""What a 32-bit program finds: under a 64-bit kernel, or under a 32-bit one.

arch/x86/include/asm/{segment.h, processor.h, elf.h}: selectors, TASK_SIZE, the entries of the GDT
that are a task's own.
"""

from typing import NamedTuple

TLS_SEGMENTS = 3
"""How many entries of the GDT are a task's own."""


class Narrow(NamedTuple):
    """A 32-bit program's surroundings."""

    end: int
    """First address past its memory."""
    calls: int
    """Its page of calls; mappings without a wished address go below."""
    code: int
    data: int
    """Selectors of its code and data."""
    segments: int
    """The first entry of the GDT that is the task's own."""
    machine: str
    """What uname() calls the machine."""


UNDER_64 = Narrow(0xFFFF_E000, 0xF7FF_D000, 0x23, 0x2B, 12, "x86_64")
"""The bundled kernel knows the page of calls too (asm/processor.h)."""
UNDER_32 = Narrow(0xC000_0000, 0xB7FF_D000, 0x73, 0x7B, 6, "i686")
