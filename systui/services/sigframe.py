"""The signal frame on the user's stack: struct rt_sigframe, arch/x86/kernel/signal_64.c.

Floating point state is the 512 bytes of FXSAVE, as on a kernel that does not use XSAVE.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from systui.services.errors import EFAULT, Refused
from systui.services.ports import INITIAL_FPU, UserFault, UserFrame
from systui.services.signals import (
    SA_ONSTACK,
    SA_RESTORER,
    SI_KERNEL,
    SI_QUEUE,
    SI_TIMER,
    SIGSEGV,
    UNBLOCKABLE,
    Action,
    AltStack,
    SigInfo,
)

if TYPE_CHECKING:
    from systui.services.task import Task

_GENERAL = (
    *("r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"),
    *("di", "si", "bp", "bx", "dx", "ax", "cx", "sp", "ip", "flags"),
)
_CONTEXT = Struct("<18Q4H5Q64x")
"""struct sigcontext_64: registers; cs gs fs ss; err, trapno, oldmask, cr2; fpstate; reserved."""
_UCONTEXT_HEAD = Struct("<QQQi4xQ")
_HEAD = 8
_UCONTEXT = _UCONTEXT_HEAD.size + _CONTEXT.size + 8
_INFO = 128
FRAME = _HEAD + _UCONTEXT + _INFO
FPU = 512
REDZONE = 128
USER_CS, USER_DS = 0x33, 0x2B
_UC_FLAGS = 2 | 4
"""UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS; UC_FP_XSTATE is for kernels with XSAVE."""
_STRICT_SS = 4
_RING3 = 3
FLAGS_CLEARED = 0x400 | 0x10000 | 0x100
FLAGS_RESTORED = 0x50DD5
"""FIX_EFLAGS: AC OF DF TF SF ZF AF PF CF RF."""
MIN_ALTERNATE = 2048
SS_ONSTACK, SS_DISABLE, SS_AUTODISARM = 1, 2, 1 << 31


def on_alternate(alternate: AltStack, sp: int) -> bool:
    """`sp` lies on the alternate stack."""
    if alternate.flags & SS_AUTODISARM:
        return False
    return 0 < sp - alternate.start <= alternate.size


def alternate_flags(alternate: AltStack, sp: int) -> int:
    """ss_flags as sigaltstack reports them."""
    if not alternate.size:
        return SS_DISABLE
    state = SS_ONSTACK if on_alternate(alternate, sp) else 0
    return state | alternate.flags & SS_AUTODISARM


def siginfo(info: SigInfo) -> bytes:
    """siginfo_t's 128 bytes."""
    if info.raw:
        return info.raw
    head = Struct("<iii4x").pack(info.signal, 0, info.code)
    if info.address is not None:
        body = Struct("<Q").pack(info.address)
    elif info.code in {SI_TIMER, SI_QUEUE}:
        body = Struct("<iiQ").pack(info.pid, info.uid, info.value)
    else:
        body = Struct("<iii").pack(info.pid, info.uid, info.status)
    return (head + body).ljust(_INFO, b"\0")


def build(task: Task, frame: UserFrame, info: SigInfo, action: Action, mask: int) -> None:
    """Put the frame on the stack and let the task enter its handler.

    Refused or UserFault where it has no place; nothing of `frame` is changed then.
    """
    if not action.flags & SA_RESTORER:
        raise Refused(EFAULT)
    old_sp = frame.get("sp")
    signals = task.signals
    sp = old_sp - REDZONE
    nested = on_alternate(signals.alternate, old_sp)
    if action.flags & SA_ONSTACK and alternate_flags(signals.alternate, old_sp) & 3 == 0:
        sp = signals.alternate.start + signals.alternate.size
    fpu = (sp - FPU) & -64
    at = ((fpu - FRAME) & -16) - 8
    if at < 0 or (nested and not on_alternate(signals.alternate, at)):
        raise Refused(EFAULT)
    task.user.write(fpu, task.thread.fpu())
    task.user.write(at, _frame(task, frame, info, action, mask, fpu))
    if signals.alternate.flags & SS_AUTODISARM:
        signals.alternate = AltStack()
    task.thread.set_fpu(INITIAL_FPU)
    _enter(frame, at, info.signal, action.handler)


def _frame(
    task: Task, frame: UserFrame, info: SigInfo, action: Action, mask: int, fpu: int
) -> bytes:
    alternate, trap = task.signals.alternate, task.signals.trap
    flags = alternate_flags(alternate, frame.get("sp"))
    head = _UCONTEXT_HEAD.pack(_UC_FLAGS, 0, alternate.start, _signed(flags), alternate.size)
    context = _CONTEXT.pack(
        *[frame.get(field) for field in _GENERAL],
        *(frame.get("cs") & 0xFFFF, 0, 0, frame.get("ss") & 0xFFFF),
        *(trap.error, trap.number, mask, trap.address, fpu),
    )
    pretcode = Struct("<Q").pack(action.restorer)
    return pretcode + head + context + Struct("<Q").pack(mask) + siginfo(info)


def _signed(flags: int) -> int:
    return flags - (1 << 32) if flags >> 31 else flags


def _enter(frame: UserFrame, at: int, signal: int, handler: int) -> None:
    values = {
        "di": signal,
        "ax": 0,
        "si": at + _HEAD + _UCONTEXT,
        "dx": at + _HEAD,
        "ip": handler,
        "sp": at,
        "cs": USER_CS,
        "ss": USER_DS,
        "flags": frame.get("flags") & ~FLAGS_CLEARED,
    }
    for field, value in values.items():
        frame.set(field, value)


def leave(task: Task, frame: UserFrame) -> int:
    """rt_sigreturn: put back what the frame says; the value for rax.

    A frame that cannot be read is a SIGSEGV. Selectors and ip are put back as they are, but for
    ring 3: what the CPU cannot load makes the kernel's IRET fault, as in restore_sigcontext().
    """
    try:
        return _leave(task, frame)
    except (Refused, UserFault):
        task.signals.force(SigInfo(SIGSEGV, SI_KERNEL, address=0))
        return 0


def _leave(task: Task, frame: UserFrame) -> int:
    at = frame.get("sp") - 8
    data = task.user.read(at + _HEAD, _UCONTEXT)
    uc_flags, _, start, flags, size = _UCONTEXT_HEAD.unpack_from(data)
    context = _CONTEXT.unpack_from(data, _UCONTEXT_HEAD.size)
    registers = dict(zip(_GENERAL, context, strict=False))
    selectors, fpstate = context[18:22], context[26]
    image = task.user.read(fpstate, FPU) if fpstate else INITIAL_FPU
    task.thread.set_fpu(image[:24] + without_reserved(image) + image[28:])
    kept = frame.get("flags") & ~FLAGS_RESTORED
    registers["flags"] = registers["flags"] & FLAGS_RESTORED | kept
    for field, value in registers.items():
        frame.set(field, value)
    frame.set("cs", selectors[0] | _RING3)
    frame.set("ss", selectors[3] | _RING3 if uc_flags & _STRICT_SS else USER_DS)
    frame.set("orig_ax", -1)
    task.signals.blocked = int.from_bytes(data[-8:], "little") & ~UNBLOCKABLE
    restore_alternate(task, start, flags, size)
    return int(registers["ax"])


def without_reserved(image: bytes) -> bytes:
    """An FXSAVE image's MXCSR without its reserved bits, which would fault on loading."""
    return (int.from_bytes(image[24:28], "little") & 0xFFFF).to_bytes(4, "little")


def restore_alternate(task: Task, start: int, flags: int, size: int) -> None:
    """What rt_sigreturn does with uc_stack; errors are ignored, as restore_altstack() does."""
    if not on_alternate(task.signals.alternate, task.frame.get("sp")):
        if flags & SS_DISABLE:
            task.signals.alternate = AltStack()
        elif size >= MIN_ALTERNATE:
            task.signals.alternate = AltStack(start, size, flags & SS_AUTODISARM)
