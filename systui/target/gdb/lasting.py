"""What a step leaves of memory as it was, so that it need not be read again.

While one CPU is stepped the others stand and no interrupt comes, so memory is changed by the
instruction alone. A device may write to a buffer, on the user's stack too: that is seen behind the
next instruction that stores.
"""

from collections.abc import Iterable

from systui.arch.spec import Architecture
from systui.decode.storeless import is_storeless
from systui.model.stop import MemoryRange, Registers
from systui.target.gdb.past import Kept

DECISIVE = 8
"""Bytes of an instruction that tell by its opcode what it does."""


def lasting(
    here: Kept, code: bytes | None, ranges: Iterable[MemoryRange]
) -> dict[MemoryRange, bytes]:
    """What was read of `ranges` at the stop `here` and the instruction there does not change.

    `code`: that instruction's first bytes, `DECISIVE` of them; None where they are not known.
    """
    if code is None or not is_storeless(code):
        return {}
    known = here.memory
    return {one: data for one in ranges if (data := known.get(one)) is not None}


def went_on(arch: Architecture, before: Registers, after: Registers) -> bool:
    """Whether a storeless instruction ran, in place of an exception that it raised.

    An exception pushes, on this stack or on another one. Nor may addresses mean something else.
    """
    old, new = before.values, after.values
    moved = new[arch.sp] - old[arch.sp]
    return moved in (0, arch.word) and new["cs"] == old["cs"] and new["cr3"] == old["cr3"]
