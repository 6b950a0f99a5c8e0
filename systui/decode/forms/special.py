"""Calls whose arguments depend on each other: fcntl, ioctl, futex, clone, prctl, arch_prctl."""

from systui.decode import flags as names
from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, Told, pointer, s32, s64
from systui.decode.forms.files import lock
from systui.decode.forms.numbers import CLONE, FAMILIES, OPEN, named, signal_name, unknown
from systui.decode.forms.signals import frame_mask
from systui.decode.forms.structures import fixed_text, ints, position, thread_area, word
from systui.decode.forms.times import timespec

_FUTEX = Names(
    {
        0: "FUTEX_WAIT",
        1: "FUTEX_WAKE",
        3: "FUTEX_REQUEUE",
        4: "FUTEX_CMP_REQUEUE",
        5: "FUTEX_WAKE_OP",
        9: "FUTEX_WAIT_BITSET",
        10: "FUTEX_WAKE_BITSET",
    }
)
_PRIVATE, _REALTIME, _ANY = 128, 256, 0xFFFF_FFFF
_FD_FLAGS = Names({0: "0"}, 0, ((1, "FD_CLOEXEC"),))
_WINDOW, _GROUP, _COUNT, _BLOCKING = 0x5413, (0x540F, 0x5410), 0x541B, 0x5421
_ALONE = {0x5450: "FIONCLEX", 0x5451: "FIOCLEX"}
"""Requests that take nothing."""
_ON_PROCESSOR = 1
_BARRIER_FLAGS = Names({0: "0"}, 0, ((_ON_PROCESSOR, "MEMBARRIER_CMD_FLAG_CPU"),))
_LOCKS = {5: "", 6: "", 7: "", 12: "64", 13: "64", 14: "64", 36: "64", 37: "64", 38: "64"}
"""fcntl's commands about locks, and which structure they take."""
_ASKS = frozenset((5, 12, 36))
_SETTLS, _PARENT, _CHILD = 0x80000, 0x100000, 0x1200000
_CLONE_ORDER = {64: (0, 1, 2, 3, 4), 32: (0, 1, 2, 4, 3)}
"""Where flags, stack, parent's word, child's word and tls are passed."""


def texts(asked: Asked) -> list[Told] | None:
    """All arguments of a call that has a spelling of its own; None for others."""
    special = _SPECIAL.get(asked.call)
    return None if special is None else special(asked)


def _told(*shown: str | None) -> list[Told]:
    return [Told(index, text) for index, text in enumerate(shown)]


def _fcntl(asked: Asked) -> list[Told]:
    fd, command, value = asked.values[:3]
    command &= _ANY
    name = names.FCNTL.choice.get(command)
    shown = [str(s32(fd)), unknown(command, "F_") if name is None else name]
    if command in {1, 3, 9, 1032}:
        return _told(*shown)
    return _told(*shown, _fcntl_value(asked, command, value))


def _fcntl_value(asked: Asked, command: int, value: int) -> str | None:
    if command == 2:
        return _FD_FLAGS.text(value & _ANY)
    if command == 4:
        return OPEN.text(value & _ANY)
    if command in _LOCKS:
        if command in _ASKS and asked.result is None:
            return None
        asks = command in _ASKS and not asked.failed
        said = asked if asks else asked._replace(result=None)
        return lock(said._replace(option=_LOCKS[command]), value) or pointer(value)
    if command in {0, 1030, 8, 1031}:
        return str(s32(value))
    return f"{value:#x}" if value else "0"


def fcntl_result(command: int, result: int) -> str:
    """F_GETFD's and F_GETFL's answers are bits."""
    if command == 1:
        return f"{result:#x} (flags {_FD_FLAGS.text(result)})" if result else "0"
    if command == 3:
        return f"{result:#x} (flags {OPEN.text(result)})" if result else "0 (flags O_RDONLY)"
    return str(result)


def _ioctl(asked: Asked) -> list[Told]:
    fd, request, value = asked.values[:3]
    request &= _ANY
    if request in _ALONE:
        return _told(str(s32(fd)), _ALONE[request])
    shown = [str(s32(fd)), names.IOCTL.choice.get(request, f"{request:#x}")]
    done = asked.result is not None and not asked.failed
    if done and request == _WINDOW:
        raw = asked.read(value, 8) or bytes(8)
        fields = [int.from_bytes(raw[at : at + 2], "little") for at in (0, 2, 4, 6)]
        labels = ("ws_row", "ws_col", "ws_xpixel", "ws_ypixel")
        text = ", ".join(f"{name}={field}" for name, field in zip(labels, fields, strict=True))
        return _told(*shown, f"{{{text}}}")
    if request == _BLOCKING or (done and (request in _GROUP or request == _COUNT)):
        return _told(*shown, ints(asked._replace(option="1"), value) or pointer(value))
    return _told(*shown, pointer(value))


def _futex(asked: Asked) -> list[Told]:
    address, operation, value, timeout, second, value3 = asked.values[:6]
    command, value3 = operation & 0x7F, value3 & _ANY
    name = _FUTEX.choice.get(command)
    if name is None:
        rest = [f"{each:#x}" if each else "0" for each in (timeout, second, value3)]
        shown = unknown(operation & _ANY, "FUTEX_")
        return _told(pointer(address), shown, str(value & _ANY), *rest)
    name += "_PRIVATE" if operation & _PRIVATE else ""
    name += "|FUTEX_CLOCK_REALTIME" if operation & _REALTIME else ""
    told = _told(pointer(address), name, str(value & _ANY))
    if command in {0, 9}:
        width = "64" if asked.call == "futex_time64" else ""
        left = timespec(asked._replace(option=width), timeout) if timeout else "NULL"
        told.append(Told(3, left or pointer(timeout)))
    if command in {9, 10}:
        bits = f"{value3:#x}" if value3 else "0"
        told.append(Told(5, "FUTEX_BITSET_MATCH_ANY" if value3 == _ANY else bits))
    if command in {3, 4}:
        told += [Told(3, str(timeout & _ANY)), Told(4, pointer(second))]
        told += [Told(5, str(value3))] if command == 4 else []
    return told


def _clone(asked: Asked) -> list[Told]:
    order = _CLONE_ORDER[asked.bits]
    flags, stack, parent, child, tls = (asked.values[index] for index in order)
    sent = flags & 0xFF
    text = CLONE.text(flags & ~0xFF) if flags & ~0xFF else ""
    text = "|".join(part for part in (text, signal_name(sent) if sent else "") if part) or "0"
    told = [Told(1, pointer(stack), label="child_stack"), Told(0, text, label="flags")]
    if flags & _PARENT:
        found = ints(asked._replace(option="1"), parent) if (asked.result or 0) > 0 else None
        told.append(Told(2, found or pointer(parent), label="parent_tid"))
    if flags & _SETTLS:
        told.append(Told(order[4], thread_area(asked, tls), label="tls"))
    if flags & _CHILD:
        told.append(Told(order[3], pointer(child), label="child_tidptr"))
    return told


def _mremap(asked: Asked) -> list[Told]:
    old, size, wanted, flags, new = asked.values[:5]
    shown = [pointer(old), str(size), str(wanted), names.REMAP.text(flags)]
    return _told(*shown, pointer(new)) if flags & 6 else _told(*shown)


def _prctl(asked: Asked) -> list[Told]:
    option, *rest = asked.values[:5]
    option = s32(option)
    name = FAMILIES["PRCTL"].choice.get(option)
    if name is None:
        numbers = [f"{value:#x}" if value else "0" for value in rest]
        return _told(unknown(option & _ANY, "PR_"), *numbers)
    if option in {15, 16}:
        return _told(name, fixed_text(asked, rest[0]) or pointer(rest[0]))
    if option == 1:
        return _told(name, signal_name(s32(rest[0])))
    if option == 2:
        raw = asked.read(rest[0], 4) if asked.result == 0 else None
        told = None if raw is None else f"[{signal_name(int.from_bytes(raw, 'little'))}]"
        return _told(name, told or pointer(rest[0]))
    if option in {3, 30}:
        return _told(name)
    return _told(name, *(f"{value:#x}" if value > 9 else str(value) for value in rest))


def _arch_prctl(asked: Asked) -> list[Told]:
    option, value = asked.values[:2]
    shown = named(names.ARCH_PRCTL, option & _ANY)
    if option in {0x1003, 0x1004}:
        found = None if asked.failed or asked.result is None else word(asked, value)
        return _told(shown, None if asked.result is None else found or pointer(value))
    return _told(shown, f"{value:#x}" if value else "0")


def _sigreturn(asked: Asked) -> list[Told]:
    mask = frame_mask(asked, asked.values[6]) if len(asked.values) > 6 else None
    return [] if mask is None else _told(mask)


def _llseek(asked: Asked) -> list[Told]:
    fd, high, low, result, whence = asked.values[:5]
    told = [Told(0, str(s32(fd))), Told(1, str(s64(high << 32 | low & _ANY)), 2)]
    found = None
    if asked.result is not None:
        found = (None if asked.failed else position(asked, result)) or pointer(result)
    return [*told, Told(3, found), Told(4, named(names.WHENCE, whence & _ANY))]


def _membarrier(asked: Asked) -> list[Told]:
    command, flags, processor = asked.values[:3]
    shown = [FAMILIES["MEMBARRIER"].text(command & _ANY), _BARRIER_FLAGS.text(flags & _ANY)]
    return _told(*shown, *([str(s32(processor))] if flags & _ON_PROCESSOR else []))


_SPECIAL = {
    "fcntl": _fcntl,
    "fcntl64": _fcntl,
    "ioctl": _ioctl,
    "futex": _futex,
    "futex_time64": _futex,
    "clone": _clone,
    "mremap": _mremap,
    "prctl": _prctl,
    "arch_prctl": _arch_prctl,
    "rt_sigreturn": _sigreturn,
    "sigreturn": _sigreturn,
    "_llseek": _llseek,
    "membarrier": _membarrier,
}
