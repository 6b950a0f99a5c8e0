"""Signals: sets of them, actions, what is known of one."""

from struct import Struct

from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, both, layout, pointer, s32, spelling
from systui.decode.forms.numbers import signal_name

_ACTION, _OLD_ACTION = layout("QQQQ", "IIIQ"), layout("QQQQ", "IIII")
_STACK = layout("QI4xQ", "III")
_THREE = Struct("<iii")
_CAUSE = {8: 16, 4: 12}
"""Where in siginfo_t, by a pointer's size, that begins which depends on the cause."""
_SET = 8
_FRAME = {64: 296, 32: 248}
"""From the stack pointer at rt_sigreturn to the mask, in the frame that a handler was given."""
_OLD_FRAME = (80, 712)
"""From the stack pointer at i386's sigreturn to both halves of the mask: in the sigcontext, and
behind the room for the floating point's state (arch/x86/include/asm/sigframe.h)."""
_RESTORER = 0x0400_0000
_ACTION_FLAGS = Names(
    {0: "0"},
    0,
    (
        *((0x0400_0000, "SA_RESTORER"), (0x0800_0000, "SA_ONSTACK"), (0x1000_0000, "SA_RESTART")),
        *((0x4000_0000, "SA_NODEFER"), (0x8000_0000, "SA_RESETHAND"), (4, "SA_SIGINFO")),
        *((1, "SA_NOCLDSTOP"), (2, "SA_NOCLDWAIT")),
    ),
)
_STACK_FLAGS = Names(
    {0: "0"}, 0, ((1, "SS_ONSTACK"), (2, "SS_DISABLE"), (1 << 31, "SS_AUTODISARM"))
)
_CODES = {
    0: "SI_USER",
    0x80: "SI_KERNEL",
    -1: "SI_QUEUE",
    -2: "SI_TIMER",
    -6: "SI_TKILL",
}
_OWN_CODES = {
    4: {1: "ILL_ILLOPC", 2: "ILL_ILLOPN"},
    5: {1: "TRAP_BRKPT", 2: "TRAP_TRACE"},
    7: {1: "BUS_ADRALN", 2: "BUS_ADRERR"},
    8: {1: "FPE_INTDIV", 3: "FPE_FLTDIV", 4: "FPE_FLTOVF", 5: "FPE_FLTUND", 7: "FPE_FLTINV"},
    11: {1: "SEGV_MAPERR", 2: "SEGV_ACCERR"},
    17: {
        1: "CLD_EXITED",
        2: "CLD_KILLED",
        3: "CLD_DUMPED",
        4: "CLD_TRAPPED",
        5: "CLD_STOPPED",
        6: "CLD_CONTINUED",
    },
}
_CHILD, _FAULTS = 17, frozenset((4, 5, 7, 8, 11))


def signal_set(mask: int, bits: int = 64) -> str:
    """`[INT CHLD]`; where most are in it, those that are not: `~[KILL]`."""
    inverted = mask.bit_count() >= bits * 2 // 3
    shown = mask ^ (1 << bits) - 1 if inverted else mask
    names = [
        signal_name(number).removeprefix("SIG")
        for number in range(1, bits + 1)
        if shown >> (number - 1) & 1
    ]
    return f"{'~' if inverted else ''}[{' '.join(names)}]"


@both("sigset")
def sigset(asked: Asked, value: int) -> str | None:
    """sigset_t, where the size that the option's argument gives is its; `old`: of 32 bits."""
    bits = 32 if asked.option == "old" else 64
    if asked.option.isdigit():
        if not asked.word <= asked.other() <= _SET:
            return None
        bits = 8 * (asked.other() + 3 & -4)
    raw = asked.read(value, bits // 8)
    return None if raw is None else signal_set(int.from_bytes(raw, "little"), bits)


@spelling("sigmask")
def old_mask(_asked: Asked, value: int) -> str:
    """A set of 32 signals in a register."""
    return signal_set(value & 0xFFFF_FFFF, 32)


@spelling("handler")
def handler(_asked: Asked, value: int) -> str:
    """What becomes of a signal."""
    return {0: "SIG_DFL", 1: "SIG_IGN", 0xFFFF_FFFF: "SIG_ERR"}.get(value, f"{value:#x}")


@both("sigaction")
def sigaction(asked: Asked, value: int) -> str | None:
    """struct sigaction; `old`: i386's struct old_sigaction, in another order."""
    old = asked.option == "old"
    if not old and asked.other() != _SET:
        return None
    found = asked.unpack(_OLD_ACTION if old else _ACTION, value)
    if found is None:
        return None
    action, flags, restorer, mask = (found[i] for i in ((0, 2, 3, 1) if old else range(4)))
    text = f"sa_handler={handler(asked, action)}, sa_mask={signal_set(mask, 32 if old else 64)}"
    text += f", sa_flags={_ACTION_FLAGS.text(flags)}"
    return f"{{{text}, sa_restorer={restorer:#x}}}" if flags & _RESTORER else f"{{{text}}}"


@both("sigstack")
def stack(asked: Asked, value: int) -> str | None:
    """stack_t."""
    found = asked.unpack(_STACK, value)
    if found is None:
        return None
    start, flags, length = found
    return f"{{ss_sp={pointer(start)}, ss_flags={_STACK_FLAGS.text(flags)}, ss_size={length}}}"


def frame_mask(asked: Asked, stack: int) -> str | None:
    """What a return from a handler will block again: the mask in the frame at `stack`."""
    if asked.call == "sigreturn":
        pieces = [asked.read(stack + at, 4) for at in _OLD_FRAME]
    else:
        pieces = [asked.read(stack + _FRAME[asked.bits], 8)]
    raw = b"".join(piece for piece in pieces if piece is not None)
    return f"{{mask={signal_set(int.from_bytes(raw, 'little'))}}}" if len(raw) == 8 else None


@both("siginfo")
def siginfo(asked: Asked, value: int) -> str | None:
    """siginfo_t in memory."""
    raw = asked.read(value, 128)
    return None if raw is None else info_text(raw, asked.word)


def info_text(raw: bytes, word: int = 8) -> str:
    """siginfo_t's bytes: signal, cause, and what goes with it; `word`: bytes of a pointer in it."""
    signal, _errno, code = _THREE.unpack_from(raw)
    union = _CAUSE[word]
    pid, uid, status = _THREE.unpack_from(raw, union)
    own = _OWN_CODES.get(signal, {}).get(code)
    cause = own or _CODES.get(code, str(code))
    head = f"si_signo={signal_name(signal)}, si_code={cause}"
    if signal == _CHILD and own is not None:
        shown = str(s32(status)) if code == 1 else signal_name(status)
        return f"{{{head}, si_pid={pid}, si_uid={uid}, si_status={shown}, si_utime=0, si_stime=0}}"
    if signal in _FAULTS and (code > 0):
        address = int.from_bytes(raw[union : union + word], "little")
        return f"{{{head}, si_addr={pointer(address)}}}"
    if code == 0x80:
        return f"{{{head}}}"
    if code == -1:
        value = int.from_bytes(raw[union + 8 : union + 8 + word], "little")
        shown = f"si_int={s32(value)}, si_ptr={pointer(value)}"
        return f"{{{head}, si_pid={pid}, si_uid={uid}, {shown}}}"
    return f"{{{head}, si_pid={pid}, si_uid={uid}}}"
