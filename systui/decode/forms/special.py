"""Calls whose arguments depend on each other: fcntl, ioctl, futex, clone, prctl, arch_prctl."""

from systui.decode import flags as names
from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, pointer, s32
from systui.decode.forms.numbers import CLONE, FAMILIES, OPEN, signal_name
from systui.decode.forms.signals import frame_mask
from systui.decode.forms.structures import fixed_text, ints, timespec

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
_WINDOW, _TERMIOS, _GROUP, _COUNT = 0x5413, 0x5401, (0x540F, 0x5410), 0x541B
_SETTLS, _PARENT, _CHILD = 0x80000, 0x100000, 0x1200000


def texts(asked: Asked) -> list[str] | None:
    """All arguments of a call that has a spelling of its own; None for others."""
    special = _SPECIAL.get(asked.call)
    return None if special is None else special(asked)


def _fcntl(asked: Asked) -> list[str]:
    fd, command, value = asked.values[:3]
    shown = [str(s32(fd)), names.FCNTL.text(command & 0xFFFF_FFFF)]
    if command in {1, 3, 9, 1032}:
        return shown
    if command == 2:
        return [*shown, _FD_FLAGS.text(value & 0xFFFF_FFFF)]
    if command == 4:
        return [*shown, OPEN.text(value & 0xFFFF_FFFF)]
    return [*shown, str(s32(value)) if command in {0, 1030} else pointer(value)]


def fcntl_result(command: int, result: int) -> str:
    """F_GETFD's and F_GETFL's answers are bits."""
    if command == 1:
        return f"{result:#x} (flags {_FD_FLAGS.text(result)})" if result else "0"
    if command == 3:
        return f"{result:#x} (flags {OPEN.text(result)})" if result else "0 (flags O_RDONLY)"
    return str(result)


def _ioctl(asked: Asked) -> list[str]:
    fd, request, value = asked.values[:3]
    request &= 0xFFFF_FFFF
    shown = [str(s32(fd)), names.IOCTL.choice.get(request, f"{request:#x}")]
    done = asked.result is not None and not asked.failed
    if done and request == _WINDOW:
        raw = asked.read(value, 8) or bytes(8)
        fields = [int.from_bytes(raw[at : at + 2], "little") for at in (0, 2, 4, 6)]
        labels = ("ws_row", "ws_col", "ws_xpixel", "ws_ypixel")
        text = ", ".join(f"{name}={field}" for name, field in zip(labels, fields, strict=True))
        return [*shown, f"{{{text}}}"]
    if done and (request in _GROUP or request == _COUNT):
        return [*shown, ints(asked._replace(option="1"), value) or pointer(value)]
    return [*shown, pointer(value)]


def _futex(asked: Asked) -> list[str]:
    word, operation, value, timeout, word2, value3 = asked.values[:6]
    command = operation & 0x7F
    name = _FUTEX.text(command) + ("_PRIVATE" if operation & _PRIVATE else "")
    name += "|FUTEX_CLOCK_REALTIME" if operation & _REALTIME else ""
    shown = [pointer(word), name, str(value & _ANY)]
    if command in {0, 9}:
        shown.append((timespec(asked, timeout) or pointer(timeout)) if timeout else "NULL")
    if command in {9, 10}:
        value3 &= _ANY
        shown.append("FUTEX_BITSET_MATCH_ANY" if value3 == _ANY else f"{value3:#x}")
    if command in {3, 4}:
        shown += [str(timeout & _ANY), pointer(word2)]
        shown += [str(value3 & _ANY)] if command == 4 else []
    return shown


def _clone(asked: Asked) -> list[str]:
    flags, stack, parent, child, tls = asked.values[:5]
    sent = flags & 0xFF
    text = CLONE.text(flags & ~0xFF) if flags & ~0xFF else ""
    text = "|".join(part for part in (text, signal_name(sent) if sent else "") if part) or "0"
    shown = [f"child_stack={pointer(stack)}", f"flags={text}"]
    if flags & _PARENT:
        told = ints(asked._replace(option="1"), parent) if (asked.result or 0) > 0 else None
        shown.append(f"parent_tid={told or pointer(parent)}")
    if flags & _SETTLS:
        shown.append(f"tls={pointer(tls)}")
    if flags & _CHILD:
        shown.append(f"child_tidptr={pointer(child)}")
    return shown


def _mremap(asked: Asked) -> list[str]:
    old, size, wanted, flags, new = asked.values[:5]
    shown = [pointer(old), str(size), str(wanted), names.REMAP.text(flags)]
    return [*shown, pointer(new)] if flags & 6 else shown


def _prctl(asked: Asked) -> list[str]:
    option, *rest = asked.values[:5]
    shown = [FAMILIES["PRCTL"].text(s32(option))]
    if option in {15, 16}:
        return [*shown, fixed_text(asked, rest[0]) or pointer(rest[0])]
    if option == 1:
        return [*shown, signal_name(s32(rest[0]))]
    if option == 2:
        raw = asked.read(rest[0], 4) if asked.result == 0 else None
        told = None if raw is None else f"[{signal_name(int.from_bytes(raw, 'little'))}]"
        return [*shown, told or pointer(rest[0])]
    if option in {3, 30}:
        return shown
    if option in FAMILIES["PRCTL"].choice:
        return [*shown, *(f"{value:#x}" if value > 9 else str(value) for value in rest)]
    unknown = f"{option:#x} /* PR_??? */"
    return [unknown, *(f"{value:#x}" if value else "0" for value in rest)]


def _sigreturn(asked: Asked) -> list[str]:
    return [frame_mask(asked, asked.values[6]) or ""] if len(asked.values) > 6 else []


_SPECIAL = {
    "fcntl": _fcntl,
    "ioctl": _ioctl,
    "futex": _futex,
    "clone": _clone,
    "mremap": _mremap,
    "prctl": _prctl,
    "rt_sigreturn": _sigreturn,
}
