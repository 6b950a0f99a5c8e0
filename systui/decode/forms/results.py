"""What a call came to, where that is more than a number."""

from collections.abc import Callable, Sequence

from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, Told, s32
from systui.decode.forms.numbers import FAMILIES, POLL, octal, signal_name
from systui.decode.forms.special import fcntl_result
from systui.decode.forms.times import timespec, timeval
from systui.decode.forms.waiting import descriptors

_ADDRESSES = frozenset(("mmap", "mmap2", "mremap", "brk", "shmat"))
_MOST, _SETS = 32, 3
_DUMPABLE = ("SUID_DUMP_DISABLE", "SUID_DUMP_USER", "SUID_DUMP_ROOT")
_GET_DUMPABLE = 3


def named_result(asked: Asked, given: Sequence[Told]) -> str:
    """The text of the result of a call that succeeded; `given` are its arguments before it ran."""
    result = asked.result or 0
    if asked.call in _ADDRESSES:
        result &= (1 << asked.bits) - 1
        return f"{result:#x}" if result else "0"
    if asked.call == "umask":
        return octal(result)
    if asked.call in {"fcntl", "fcntl64"}:
        return fcntl_result(asked.values[1], result)
    if asked.call == "membarrier" and not asked.values[0]:
        names: Names = FAMILIES["MEMBARRIER"]
        return f"{result:#x} ({Names({0: '0'}, 0, tuple(names.choice.items())).text(result)})"
    more = _MORE.get(asked.call)
    if asked.call == "set_thread_area" and any("number=-1" in (each.text or "") for each in given):
        return f"{result} (entry_number={s32(asked.word_at(asked.values[0]) or 0)})"
    return f"{result}{'' if more is None else more(asked, result)}"


def _waited(asked: Asked, result: int) -> str:
    return f" ({_polled(asked)})" if result else " (Timeout)"


def _polled(asked: Asked) -> str:
    found = []
    for index in range(min(asked.values[1] & 0xFFFF_FFFF, _MOST)):
        raw = asked.read(asked.values[0] + 8 * index, 8) or bytes(8)
        fd, events = int.from_bytes(raw[:4], "little"), int.from_bytes(raw[6:8], "little")
        if events:
            found.append(f"{{fd={s32(fd)}, revents={POLL.text(events)}}}")
    return f"[{', '.join(found)}]"


def _chosen(asked: Asked, result: int) -> str:
    return f" ({_selected(asked)})" if result else " (Timeout)"


def _selected(asked: Asked) -> str:
    found: list[str] = []
    if len(asked.values) < _SETS + 2:
        return ""
    for label, address in zip(("in", "out", "except"), asked.values[1:], strict=False):
        numbers = descriptors(asked, address) if address else None
        if numbers:
            found.append(f"{label} [{' '.join(map(str, numbers))}]")
    spelled = timespec if asked.call.startswith("pselect6") else timeval
    wide = asked._replace(option="64" if asked.call.endswith("time64") else "")
    left = spelled(wide, asked.values[4]) if asked.values[4] else None
    return ", ".join([*found, f"left {left}"] if left else found)


def _signal(_asked: Asked, result: int) -> str:
    return f" ({signal_name(result)})"


def _policy(_asked: Asked, result: int) -> str:
    return f" ({FAMILIES['SCHED'].text(result)})"


def _asked_of_itself(asked: Asked, result: int) -> str:
    known = asked.values[0] == _GET_DUMPABLE and 0 <= result < len(_DUMPABLE)
    return f" ({_DUMPABLE[result]})" if known else ""


_MORE: dict[str, Callable[[Asked, int], str]] = {
    **dict.fromkeys(("poll", "ppoll", "ppoll_time64"), _waited),
    **dict.fromkeys(("select", "_newselect", "pselect6", "pselect6_time64"), _chosen),
    **dict.fromkeys(("rt_sigtimedwait", "rt_sigtimedwait_time64"), _signal),
    "sched_getscheduler": _policy,
    "prctl": _asked_of_itself,
}
