"""Where Unicorn keeps what its interface does not give: found and proved before it is used.

Two things are needed that the C interface cannot do: setting the privilege level (with its hidden
segment state) and counting executed instructions without a hook of our own. Both live at offsets
in Unicorn's structures: the saved context (`uc_context`, whose data is the head of QEMU's
`CPUX86State`) and the engine (`uc_struct`, uc_priv.h). The offsets are searched for by values that
were planted on purpose; a Unicorn that does not show them is refused.
"""

import ctypes
import struct
from typing import NamedTuple

from systui.model.errors import BadInputError
from systui.words import _

SENTINELS = tuple(0x5EED_0000_0000_0100 + index * 0x1_0000_0011 for index in range(16))
"""Planted in the general registers, in CPUX86State's order."""
COUNT = 0x5EED_0001
"""Planted as the instruction limit of a run."""

# CPUX86State in bytes from its general registers (target/i386/cpu.h of QEMU 5.0.1).
HFLAGS = 176
CS = 208
SS = 232
CR2 = 440
_OLD_EXCEPTION_AFTER = 16 + 8 * 8 + 4 * 8


class Offsets(NamedTuple):
    """Byte offsets: `counter` in the engine, the others in a saved context."""

    counter: int
    registers: int
    error_code: int
    is_interrupt: int
    """Nonzero where the last exception came from an `int n` instruction."""
    old_exception: int

    @property
    def hflags(self) -> int:
        """QEMU's hidden flags: the privilege level and the code segment's kind."""
        return self.registers + HFLAGS

    @property
    def cs(self) -> int:
        """Cached descriptor of CS: selector u32, base u64, limit u32, flags u32."""
        return self.registers + CS

    @property
    def ss(self) -> int:
        """Cached descriptor of SS."""
        return self.registers + SS

    @property
    def data(self) -> tuple[int, int]:
        """Cached descriptors of ES and DS, which lie on both sides of CS's and SS's."""
        return self.cs - (SS - CS), self.ss + (SS - CS)


def find_registers(context: bytes) -> int:
    """Offset of the general registers in `context`, saved while they held `SENTINELS`."""
    return _only(context, struct.pack("<16Q", *SENTINELS), "registers")


def find_interrupt(context: bytes, next_pc: int) -> int:
    """Offset of the exception record in `context`, saved after an `int n` that ended at `next_pc`.

    The record is error_code i32, exception_is_int i32, exception_next_eip u64. Other copies of
    the address (RIP itself) are told apart by what stands before them.
    """
    pattern = struct.pack("<iQ", 1, next_pc)
    return _only(context, pattern, "exception") - 4


def find_counter(engine: int, executed: int) -> int:
    """Offset of the instruction counter in the engine after a run limited to `COUNT`."""
    head = ctypes.string_at(engine, 0x1000)
    return _only(head, struct.pack("<QQ", executed, COUNT), "counter")


def old_exception(record: int) -> int:
    """Offset of `old_exception`: behind the record, dr[8] and four pointers."""
    return record + _OLD_EXCEPTION_AFTER


def require(condition: bool, what: str) -> None:
    """Refuse this Unicorn where `condition` does not hold."""
    if not condition:
        raise BadInputError(
            _("This is no Unicorn that systui knows ({what}): install unicorn==2.1.4").format(
                what=what
            )
        )


def _only(data: bytes, pattern: bytes, what: str) -> int:
    at = data.find(pattern)
    require(at >= 0 and data.find(pattern, at + 1) < 0, what)
    return at
