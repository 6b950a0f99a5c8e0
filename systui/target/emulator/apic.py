"""The local APIC of a kernel that was not booted: a page of registers in which nothing is pending.

The kernel asks it whether vector 0x80 came from a device before it takes an `int $0x80` for a call
(int80_is_external in arch/x86/entry/common.c): a bit of the in-service register, which is zero.
Where the fixed mapping has the registers is read off the function that reads one of them
(native_apic_mem_read in arch/x86/include/asm/apic.h); SDM vol. 3, 11.4.1 has their layout.
"""

from systui.kernel.image import Image
from systui.target.emulator.paging import PAGE

_READS = "native_apic_mem_read"
_CODE = 32
"""Bytes of it that are looked at."""
_MASK = (1 << 64) - 1
_FIXED = range((1 << 64) - (1 << 24), 1 << 64)
"""Fixed mappings lie at the very end of memory (Documentation/x86/x86_64/mm.rst)."""


def registers_page(image: Image) -> int | None:
    """Where the kernel expects the APIC's registers; None where it has no such place."""
    from systui.decode.disassembly import Disassembler

    function = image.symbol(_READS)
    code = None if function is None else image.read(function.address, _CODE)
    if function is None or code is None:
        return None
    for operation in Disassembler(64).operations(function.address, code):
        memory = operation.memory
        if memory is not None and memory.read:
            address = memory.displacement & _MASK
            return address if address in _FIXED and address % PAGE == 0 else None
    return None
