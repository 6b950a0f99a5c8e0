"""Signals: sets of them, actions, what is known of one."""

from struct import Struct

from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, both, pointer, s32, spelling
from systui.decode.forms.numbers import signal_name

_ACTION = Struct("<QQQQ")
_STACK = Struct("<QI4xQ")
_INFO = Struct("<iii4xiii")
_ALL = (1 << 64) - 1
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


def signal_set(mask: int) -> str:
    """`[INT CHLD]`; where most are in it, those that are not: `~[KILL]`."""
    inverted = mask.bit_count() > 32
    shown = mask ^ _ALL if inverted else mask
    names = [
        signal_name(number).removeprefix("SIG")
        for number in range(1, 65)
        if shown >> (number - 1) & 1
    ]
    return f"{'~' if inverted else ''}[{' '.join(names)}]"


@both("sigset")
def sigset(asked: Asked, value: int) -> str | None:
    """sigset_t."""
    raw = asked.read(value, 8)
    return None if raw is None else signal_set(int.from_bytes(raw, "little"))


@both("sigaction")
def sigaction(asked: Asked, value: int) -> str | None:
    """struct sigaction."""
    found = asked.unpack(_ACTION, value)
    if found is None:
        return None
    handler, flags, restorer, mask = found
    name = {0: "SIG_DFL", 1: "SIG_IGN"}.get(handler, f"{handler:#x}")
    text = f"sa_handler={name}, sa_mask={signal_set(mask)}, sa_flags={_ACTION_FLAGS.text(flags)}"
    return f"{{{text}, sa_restorer={restorer:#x}}}" if flags & _RESTORER else f"{{{text}}}"


@both("sigstack")
def stack(asked: Asked, value: int) -> str | None:
    """stack_t."""
    found = asked.unpack(_STACK, value)
    if found is None:
        return None
    start, flags, length = found
    return f"{{ss_sp={pointer(start)}, ss_flags={_STACK_FLAGS.text(flags)}, ss_size={length}}}"


@spelling("sigframe")
def frame_mask(asked: Asked, value: int) -> str | None:
    """What rt_sigreturn will block again: the mask in the frame at `value`."""
    raw = asked.read(value + 296, 8)
    return None if raw is None else f"{{mask={signal_set(int.from_bytes(raw, 'little'))}}}"


@both("siginfo")
def siginfo(asked: Asked, value: int) -> str | None:
    """siginfo_t in memory."""
    raw = asked.read(value, 128)
    return None if raw is None else info_text(raw)


def info_text(raw: bytes) -> str:
    """siginfo_t's bytes: signal, cause, and what goes with it."""
    signal, _errno, code, pid, uid, status = _INFO.unpack_from(raw)
    own = _OWN_CODES.get(signal, {}).get(code)
    cause = own or _CODES.get(code, str(code))
    head = f"si_signo={signal_name(signal)}, si_code={cause}"
    if signal == _CHILD and own is not None:
        shown = str(s32(status)) if code == 1 else signal_name(status)
        return f"{{{head}, si_pid={pid}, si_uid={uid}, si_status={shown}, si_utime=0, si_stime=0}}"
    if signal in _FAULTS and (code > 0):
        address = int.from_bytes(raw[16:24], "little")
        return f"{{{head}, si_addr={pointer(address)}}}"
    if code == 0x80:
        return f"{{{head}}}"
    if code == -1:
        value = int.from_bytes(raw[24:32], "little")
        shown = f"si_int={s32(value)}, si_ptr={pointer(value)}"
        return f"{{{head}, si_pid={pid}, si_uid={uid}, {shown}}}"
    return f"{{{head}, si_pid={pid}, si_uid={uid}}}"
