"""What a call gives where a signal ended it, or is to have it made again.

Delivering a signal puts the program's registers, the call's result among them, into a frame on the
user's stack, and readies pt_regs for the handler: its ax, then 0, is no result of the call. Facts:
struct rt_sigframe and sigframe_ia32 in arch/x86/include/asm/sigframe.h, struct sigcontext_64 and
sigcontext_32 in arch/x86/include/uapi/asm/sigcontext.h.
"""

from typing import NamedTuple

from systui.decode.errno import signed
from systui.model.stop import Read

_CALL_SIZE = 2
"""Of `syscall`, `sysenter` and `int $0x80`: a restarted call begins that far before its return."""


class _Saved(NamedTuple):
    """Where a frame holds registers, as distances from the stack pointer of the handler."""

    word: int
    ax: int
    ip: int


_FRAMES = (_Saved(8, 48 + 104, 48 + 128), _Saved(4, 8 + 44, 8 + 56), _Saved(4, 164 + 44, 164 + 56))
"""64-bit; 32-bit without and with siginfo."""


def result_of(ax: int | None, returns: int, ip: int, sp: int, bits: int, read: Read) -> int | None:
    """The result that the program gets of a call, which pt_regs holds as `ax`, in `bits` bits.

    `returns` is the address behind the call's instruction; `ip` and `sp` are where pt_regs leads
    the program now. None where the call is made again.
    """
    if ip == returns:
        return ax
    if ip == returns - _CALL_SIZE:
        return None
    for frame in _FRAMES:
        saved = _word(sp + frame.ip, frame.word, read)
        if saved == returns:
            value = _word(sp + frame.ax, frame.word, read)
            return None if value is None else signed(value, 8 * frame.word) % (1 << bits)
        if saved == returns - _CALL_SIZE:
            return None
    return ax


def _word(address: int, size: int, read: Read) -> int | None:
    data = read(address, size)
    return None if data is None else int.from_bytes(data, "little")
