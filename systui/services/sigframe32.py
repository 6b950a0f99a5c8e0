"""Signal frames on a 32-bit program's stack: arch/x86/kernel/signal_32.c, asm/sigframe.h.

Floating point state is FSAVE's head (left empty) and the 512 bytes of FXSAVE behind it.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from systui.services.errors import EFAULT, Refused
from systui.services.ports import INITIAL_FPU, UserFault, UserFrame
from systui.services.sigframe import (
    FLAGS_CLEARED,
    FLAGS_RESTORED,
    alternate_flags,
    on_alternate,
    restore_alternate,
    without_reserved,
)
from systui.services.signals import (
    SA_ONSTACK,
    SA_RESTORER,
    SA_SIGINFO,
    SI_KERNEL,
    SI_QUEUE,
    SI_TIMER,
    SIGSEGV,
    UNBLOCKABLE,
    Action,
    SigInfo,
)

if TYPE_CHECKING:
    from systui.services.task import Task

_GENERAL = ("di", "si", "bp", "sp", "bx", "dx", "cx", "ax")
_CONTEXT = Struct("<4I8I2I2I2I2I2I")
"""struct sigcontext_32: selectors; registers; trapno, err; ip, cs; flags, sp at the signal;
ss, fpstate; oldmask, cr2."""
_IP, _CS, _FLAGS, _SS, _FPSTATE, _OLDMASK = 14, 15, 16, 18, 19, 20
_HEAD, _REALTIME_HEAD = Struct("<Ii"), Struct("<IiII")
_UCONTEXT_HEAD = Struct("<IIIiI")
_INFO = 128
_UNUSED = 624
"""Room where old kernels kept the floating point state."""
_FSAVE, _FXSAVE = 112, 512
_MAGIC = b"\0" * 110 + b"\0\0"
"""The last two bytes tell that FXSAVE's state follows (X86_FXSR_MAGIC)."""
_SIGRETURN, _RT_SIGRETURN = 0x20, 0x30
"""Where these are in the page of calls."""
_MASK32 = 0xFFFF_FFFF


def build(task: Task, frame: UserFrame, info: SigInfo, action: Action, mask: int) -> None:
    """Put the frame on the stack and let the task enter its handler.

    Refused or UserFault where it has no place; nothing of `frame` is changed then.
    """
    old_sp = frame.get("sp")
    signals = task.signals
    sp = old_sp
    nested = on_alternate(signals.alternate, old_sp)
    if action.flags & SA_ONSTACK and alternate_flags(signals.alternate, old_sp) & 3 == 0:
        sp = signals.alternate.start + signals.alternate.size
    fpu = (sp - _FSAVE - _FXSAVE) & -16
    realtime = bool(action.flags & SA_SIGINFO)
    size = (_REALTIME_HEAD.size + _INFO if realtime else _HEAD.size) + _CONTEXT.size
    size += _UCONTEXT_HEAD.size + 8 if realtime else _UNUSED + 4
    at = ((fpu - size - 4) & -16) - 4
    if at < 0 or (nested and not on_alternate(signals.alternate, at)):
        raise Refused(EFAULT)
    task.user.write(fpu, _MAGIC + task.thread.fpu())
    context = _context(task, frame, mask, fpu)
    data = (
        _realtime_frame(task, at, info, action, mask, context)
        if realtime
        else _plain_frame(task, info, action, mask, context)
    )
    task.user.write(at, data)
    task.thread.set_fpu(INITIAL_FPU)
    info_at = at + _REALTIME_HEAD.size if realtime else 0
    _enter(task, frame, at, info.signal, action.handler, info_at)


def _context(task: Task, frame: UserFrame, mask: int, fpu: int) -> bytes:
    trap = task.signals.trap
    sp = frame.get("sp") & _MASK32
    data = task.system.narrow.data
    return _CONTEXT.pack(
        *(0, 0, data, data),  # gs, fs, es, ds: on x86_64 pt_regs has none of them
        *[frame.get(field) & _MASK32 for field in _GENERAL],
        *(trap.number, trap.error & _MASK32, frame.get("ip") & _MASK32, frame.get("cs") & 0xFFFF),
        *(frame.get("flags") & _MASK32, sp, frame.get("ss") & 0xFFFF, fpu),
        *(mask & _MASK32, trap.address & _MASK32),
    )


def _plain_frame(task: Task, info: SigInfo, action: Action, mask: int, context: bytes) -> bytes:
    back = action.restorer if action.flags & SA_RESTORER else task.system.narrow.calls + _SIGRETURN
    high = (mask >> 32).to_bytes(4, "little")
    return _HEAD.pack(back, info.signal) + context + bytes(_UNUSED) + high


def _realtime_frame(
    task: Task, at: int, info: SigInfo, action: Action, mask: int, context: bytes
) -> bytes:
    back = (
        action.restorer if action.flags & SA_RESTORER else task.system.narrow.calls + _RT_SIGRETURN
    )
    info_at = at + _REALTIME_HEAD.size
    alternate = task.signals.alternate
    flags = alternate_flags(alternate, task.frame.get("sp"))
    return (
        _REALTIME_HEAD.pack(back, info.signal, info_at, info_at + _INFO)
        + siginfo(info)
        + _UCONTEXT_HEAD.pack(0, 0, alternate.start, _signed(flags), alternate.size)
        + context
        + mask.to_bytes(8, "little")
    )


def _signed(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value


def siginfo(info: SigInfo) -> bytes:
    """siginfo_t's 128 bytes, as a 32-bit program has it."""
    if info.raw:
        return narrowed(info.raw)
    head = Struct("<iii").pack(info.signal, 0, info.code)
    if info.address is not None:
        body = Struct("<I").pack(info.address & _MASK32)
    elif info.code in {SI_TIMER, SI_QUEUE}:
        body = Struct("<iiI").pack(info.pid, info.uid, info.value & _MASK32)
    else:
        body = Struct("<ii").pack(info.pid, info.uid)
    return (head + body).ljust(_INFO, b"\0")


def narrowed(raw: bytes) -> bytes:
    """The program's own siginfo_t, kept in its 64-bit form."""
    signal, errno, code, pid, uid, value = Struct("<iii4xiiQ96x").unpack(raw)
    packed = Struct("<iiiiiI").pack(signal, errno, code, pid, uid, value & _MASK32)
    return packed.ljust(_INFO, b"\0")


def _enter(task: Task, frame: UserFrame, at: int, signal: int, handler: int, info: int) -> None:
    values = {
        "ax": signal,
        "dx": info,
        "cx": info + _INFO if info else 0,
        "ip": handler,
        "sp": at,
        "cs": task.system.narrow.code,
        "ss": task.system.narrow.data,
        "flags": frame.get("flags") & ~FLAGS_CLEARED,
    }
    for field, value in values.items():
        frame.set(field, value)


def leave(task: Task, frame: UserFrame) -> int:
    """sigreturn: put back what the frame says; the value for eax. A bad frame is a SIGSEGV."""
    try:
        at = frame.get("sp") - 8
        head = _HEAD.size
        high = task.user.u32(at + head + _CONTEXT.size + _UNUSED)
        context = _CONTEXT.unpack(task.user.read(at + head, _CONTEXT.size))
        return _leave(task, frame, context, context[_OLDMASK] | high << 32)
    except (Refused, UserFault):
        return _bad(task)


def leave_realtime(task: Task, frame: UserFrame) -> int:
    """rt_sigreturn, likewise."""
    try:
        at = frame.get("sp") - 4 + _REALTIME_HEAD.size + _INFO
        _flags, _link, *stack = task.user.unpack(_UCONTEXT_HEAD, at)
        at += _UCONTEXT_HEAD.size
        context = _CONTEXT.unpack(task.user.read(at, _CONTEXT.size))
        value = _leave(task, frame, context, task.user.u64(at + _CONTEXT.size))
        restore_alternate(task, *stack)
        return value
    except (Refused, UserFault):
        return _bad(task)


def _bad(task: Task) -> int:
    task.signals.force(SigInfo(SIGSEGV, SI_KERNEL, address=0))
    return 0


def _leave(task: Task, frame: UserFrame, context: tuple[int, ...], mask: int) -> int:
    fpstate = context[_FPSTATE]
    image = task.user.read(fpstate + _FSAVE, _FXSAVE) if fpstate else INITIAL_FPU
    task.thread.set_fpu(image[:24] + without_reserved(image) + image[28:])
    registers = dict(zip(_GENERAL, context[4:12], strict=True))
    kept = frame.get("flags") & ~FLAGS_RESTORED
    registers |= {"ip": context[_IP], "flags": context[_FLAGS] & FLAGS_RESTORED | kept}
    registers |= {"cs": context[_CS] & 0xFFFF | 3, "ss": context[_SS] & 0xFFFF | 3}
    for field, value in registers.items():
        frame.set(field, value)
    frame.set("orig_ax", -1)
    task.signals.blocked = mask & ~UNBLOCKABLE
    return _signed(registers["ax"])
