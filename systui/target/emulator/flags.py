"""The flags of a kernel image's first task that ask for work on the way out: where, and which.

arch/x86/include/asm/thread_info.h: flags begin the task (from 4.9 on), or lie in the thread_info at
the low end of its stack. Bits were renumbered when they became common to all architectures, so the
one for a pending signal is read off the function that sets it (kernel/signal.c).
"""

from systui.kernel.image import Image
from systui.model.operation import ImmediateOperand
from systui.target.emulator.platform import platform_for

_SETS_PENDING = ("signal_wake_up_state", "signal_wake_up")
_CODE = 64
"""Bytes of it that are looked at."""
_USUAL = 1 << 2
"""TIF_SIGPENDING as x86 had it to itself."""


def thread_flags(image: Image, task: int) -> int:
    """The address of the flags of the task at `task`, the image's first one.

    In a thread_info the task comes first, until 4.0 the exec_domain next, and then the flags.
    """
    stack = image.symbol("init_thread_union")
    word = image.bits // 8
    words = None if stack is None else image.read(stack.address, 2 * word)
    if stack is None or words is None or int.from_bytes(words[:word], "little") != task:
        return task
    domain = int.from_bytes(words[word:], "little") >= platform_for(image.machine).kernel_half
    return stack.address + (2 * word if domain else word)


def signal_pending(image: Image) -> int:
    """The mask of the flag that says a signal is pending: what is set in one locked step."""
    from systui.decode.disassembly import Disassembler

    function = next(filter(None, map(image.symbol, _SETS_PENDING)), None)
    code = None if function is None else image.read(function.address, _CODE)
    if function is None or code is None:
        return _USUAL
    for operation in Disassembler(image.bits).operations(function.address, code):
        mask = operation.source
        if operation.memory is None or not isinstance(mask, ImmediateOperand):
            continue
        if operation.name == "or":
            return mask.value & 0xFF or _USUAL
        if operation.name == "bts":
            return 1 << (mask.value & 31)
    return _USUAL
