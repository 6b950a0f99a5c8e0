"""What is waited for: descriptors, events, children."""

from systui.decode.forms.asked import Asked, both, layout, s32, spelling
from systui.decode.forms.numbers import EPOLL, POLL, signal_name
from systui.decode.forms.signals import signal_set

_POLLFD = layout("iHH")
_SIGSET_ARGUMENT = layout("QQ", "II")
_MOST = 32
_EVENT = 12
"""struct epoll_event is packed on x86, for both widths."""


@spelling("pollfds")
def pollfds(asked: Asked, value: int) -> str | None:
    """What is waited for."""
    count = asked.other() & 0xFFFF_FFFF
    found = []
    for index in range(min(count, _MOST)):
        row = asked.unpack(_POLLFD, value + index * _POLLFD.wide.size)
        if row is None:
            return None
        events = f", events={POLL.text(row[1])}" if row[0] >= 0 else ""
        found.append(f"{{fd={row[0]}{events}}}")
    return f"[{', '.join([*found, '...'] if count > _MOST else found)}]"


@both("fdset")
def fdset(asked: Asked, value: int) -> str | None:
    """Descriptors in a bit map."""
    numbers = descriptors(asked, value)
    return None if numbers is None else f"[{' '.join(map(str, numbers))}]"


def descriptors(asked: Asked, address: int) -> list[int] | None:
    """The numbers that are set below select's first argument."""
    count = min(max(0, s32(asked.values[0])), 1024)
    word = asked.bits
    raw = asked.read(address, (count + word - 1) // word * asked.word) if count else b""
    if raw is None:
        return None
    bits = int.from_bytes(raw, "little")
    return [number for number in range(count) if bits >> number & 1]


@spelling("sigset_argument")
def sigset_argument(asked: Asked, value: int) -> str | None:
    """pselect6's last: a set and its size in a structure."""
    found = asked.unpack(_SIGSET_ARGUMENT, value)
    if found is None:
        return None
    where, size = found
    raw = asked.read(where, 8) if where and size == 8 else None
    shown = "NULL" if not where else f"{where:#x}"
    if raw is not None:
        shown = signal_set(int.from_bytes(raw, "little"))
    return f"{{sigmask={shown}, sigsetsize={size}}}"


@spelling("event")
def epoll_event(asked: Asked, value: int) -> str | None:
    """What epoll shall tell of one descriptor."""
    raw = asked.read(value, _EVENT)
    return None if raw is None else _event(raw)


def _event(raw: bytes) -> str:
    events, low, whole = raw[:4], raw[4:8], raw[4:12]
    number, data = int.from_bytes(low, "little"), int.from_bytes(whole, "little")
    shown = f"{{u32={number}, u64={data}}}"
    return f"{{events={EPOLL.text(int.from_bytes(events, 'little'))}, data={shown}}}"


@spelling("events>", filled=True)
def epoll_events(asked: Asked, value: int) -> str | None:
    """What epoll tells."""
    count = max(0, asked.result or 0)
    size = _EVENT * min(count, _MOST)
    raw = asked.read(value, size)
    if raw is None:
        return None
    found = [_event(raw[at : at + _EVENT]) for at in range(0, size, _EVENT)]
    return f"[{', '.join([*found, '...'] if count > _MOST else found)}]"


@spelling("status>", filled=True)
def wait_status(asked: Asked, value: int) -> str | None:
    """wait4's status word, in the macros that tell it apart."""
    raw = asked.read(value, 4)
    if raw is None or not asked.result:
        return None
    status = int.from_bytes(raw, "little")
    low, high = status & 0x7F, status >> 8 & 0xFF
    if status == 0xFFFF:
        text = "WIFCONTINUED(s)"
    elif low == 0x7F:
        text = f"WIFSTOPPED(s) && WSTOPSIG(s) == {signal_name(high)}"
    elif low:
        core = " && WCOREDUMP(s)" if status & 0x80 else ""
        text = f"WIFSIGNALED(s) && WTERMSIG(s) == {signal_name(low)}{core}"
    else:
        text = f"WIFEXITED(s) && WEXITSTATUS(s) == {high}"
    return f"[{{{text}}}]"
