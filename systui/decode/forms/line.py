"""A call as one line: its arguments and what came of it."""

from collections.abc import Sequence

from systui.decode.errno import NAMES
from systui.decode.forms import buffers, signals, sockets, structures
from systui.decode.forms.asked import FILLED, SPELLINGS, Asked, Read, pointer, s32
from systui.decode.forms.numbers import FAMILIES, POLL, octal, signal_name
from systui.decode.forms.signatures import SIGNATURES, Item
from systui.decode.forms.special import fcntl_result, texts

LOADED = (buffers, signals, sockets, structures)
"""The modules that register spellings."""
_ADDRESSES = frozenset(("mmap", "mremap", "brk", "shmat"))
_RESTARTS = {
    512: "To be restarted if SA_RESTART is set",
    513: "To be restarted",
    514: "To be restarted if no handler",
    516: "Interrupted by signal",
}
_MESSAGES: dict[int, str] = {}


class Call:
    """One call: what was asked is read when it is made, what was filled in when it has ended."""

    def __init__(self, name: str, values: Sequence[int], read: Read, count: int) -> None:
        """`count`: how many arguments it has, as far as its prototype is known."""
        self.name = name
        self._values = values
        self._count = count
        self._signature = SIGNATURES.get(name)
        self._rooms = self._lengths(read)
        self.given = self._texts(read, None)
        """Each argument's text; None for what the call fills in."""

    def _texts(self, read: Read, result: int | None) -> list[str | None]:
        asked = Asked(self.name, self._values, read, result)
        own = texts(asked)
        if own is not None:
            return list(own)
        if self._signature is None:
            return [f"{value:#x}" if value else "0" for value in self._values[: self._count]]
        found = []
        for item, value in zip(self._signature, self._values, strict=False):
            text = _text(asked._replace(option=item.option), item, value)
            if text != "":
                found.append(text)
        return found

    def _lengths(self, read: Read) -> dict[int, str]:
        """Of arguments that are read and overwritten: what stood there."""
        found = {}
        for index, item in enumerate(self._signature or ()):
            raw = read(self._values[index], 4) if item.kind == "length>" else None
            if raw is not None:
                found[index] = str(s32(int.from_bytes(raw, "little")))
        return found

    def ended(self, read: Read, result: int) -> list[str]:
        """All arguments, with what was filled in."""
        last = self._texts(read, result)
        if self._signature is None:
            return [text or "" for text in last]
        for index, room in self._rooms.items():
            text = last[index] or ""
            if text.startswith("[") and text != f"[{room}]":
                last[index] = f"[{room} => {text[1:]}"
        filled = [item.kind in FILLED for item in self._signature]
        rows = zip(self.given, last, filled, strict=False)
        return [(after if out else before) or "" for before, after, out in rows]


def _text(asked: Asked, item: Item, value: int) -> str | None:
    """None: it is filled in later."""
    out = item.kind in FILLED
    if not value and (out or item.kind in _POINTED):
        return "NULL"
    if out and asked.result is None:
        return None
    text = None if out and asked.failed and item.kind != "rest>" else _spelled(asked, item, value)
    return pointer(value) if text is None else text


def _spelled(asked: Asked, item: Item, value: int) -> str | None:
    spelling = SPELLINGS.get(item.kind)
    return None if spelling is None else spelling(asked, value)


_POINTED = frozenset(
    (
        *("path", "buf", "iovec", "strings", "variables", "timespec", "timeval", "itimerval"),
        *("utimes", "rlimit", "pollfds", "fdset", "event", "sigset", "sigaction"),
        *("sigstack", "siginfo", "sockaddr", "optval", "msghdr", "ints", "ids", "longs"),
    )
)


def result_text(call: Call, values: Sequence[int], read: Read, result: int) -> str:
    """`3`, `0x7f…`, `-1 ENOENT (No such file or directory)`, `? ERESTARTSYS (…)`."""
    if -result in _RESTARTS:
        return f"? {NAMES[-result]} ({_RESTARTS[-result]})"
    if -4095 <= result < 0:
        return f"-1 {NAMES.get(-result, f'ERRNO_{-result}')} ({_message(-result)})"
    if call.name in _ADDRESSES:
        return f"{result:#x}" if result else "0"
    if call.name == "umask":
        return octal(result)
    if call.name == "fcntl":
        return fcntl_result(values[1], result)
    return f"{result}{_found(call.name, values, read, result)}"


def _message(number: int) -> str:
    import os

    return os.strerror(number)


def _found(name: str, values: Sequence[int], read: Read, result: int) -> str:
    """What poll and select found, behind their count."""
    if name == "rt_sigtimedwait":
        return f" ({signal_name(result)})"
    if name == "sched_getscheduler":
        return f" ({FAMILIES['SCHED'].text(result)})"
    if name in {"poll", "ppoll"}:
        return f" ({_polled(values, read)})" if result else " (Timeout)"
    if name in {"select", "pselect6"}:
        return f" ({_selected(name, values, read)})" if result else " (Timeout)"
    return ""


def _polled(values: Sequence[int], read: Read) -> str:
    found = []
    for index in range(min(values[1] & 0xFFFF_FFFF, 32)):
        raw = read(values[0] + 8 * index, 8) or bytes(8)
        fd, events = int.from_bytes(raw[:4], "little"), int.from_bytes(raw[6:8], "little")
        if events:
            found.append(f"{{fd={s32(fd)}, revents={POLL.text(events)}}}")
    return f"[{', '.join(found)}]"


def _selected(name: str, values: Sequence[int], read: Read) -> str:
    found = []
    asked = Asked(name, values, read, 0)
    for label, address in zip(("in", "out", "except"), values[1:4], strict=True):
        numbers = structures.descriptors(asked, address) if address else None
        if numbers:
            found.append(f"{label} [{' '.join(map(str, numbers))}]")
    spelled = structures.timeval if name == "select" else structures.timespec
    left = spelled(asked, values[4]) if values[4] else None
    return ", ".join([*found, f"left {left}"] if left else found)
