"""Structures: files' attributes, times, limits, what polls and waits."""

from collections.abc import Sequence
from datetime import UTC, datetime
from struct import Struct

from systui.decode.forms.asked import Asked, both, pointer, s32, spelling
from systui.decode.forms.buffers import cut, quoted
from systui.decode.forms.numbers import CLONE, EPOLL, POLL, octal, signal_name, size

_KINDS = {
    0o140000: "S_IFSOCK",
    0o120000: "S_IFLNK",
    0o100000: "S_IFREG",
    0o060000: "S_IFBLK",
    0o040000: "S_IFDIR",
    0o020000: "S_IFCHR",
    0o010000: "S_IFIFO",
}
_SPECIAL = ((0o4000, "S_ISUID"), (0o2000, "S_ISGID"), (0o1000, "S_ISVTX"))
_PAIR = Struct("<QQ")
_TIMES = Struct("<qq")
_FOUR = Struct("<qqqq")
_STAT = Struct("<QQQIIIIQqqq")
_STATX = Struct("<IIQIIIHHQQ")
_STATX_DEVICES = Struct("<IIII")
_POLLFD = Struct("<iHH")
_MOST = 32
_DEVICES = {"S_IFCHR", "S_IFBLK"}


def mode(value: int) -> str:
    """`S_IFREG|0644`."""
    parts = [_KINDS.get(value & 0o170000, f"{value & 0o170000:#o}")]
    parts += [name for bit, name in _SPECIAL if value & bit]
    return "|".join([*parts, octal(value & 0o777)])


def _device(major: int, minor: int) -> str:
    return f"makedev({major:#x}, {minor:#x})".replace("0x0", "0")


@spelling("stat>", filled=True)
def stat(asked: Asked, value: int) -> str | None:
    """struct stat: its mode, and its size or device."""
    found = asked.unpack(_STAT, value)
    if found is None:
        return None
    bits, rdev, length = found[3], found[7], found[8]
    if _KINDS.get(bits & 0o170000) in _DEVICES:
        major = rdev >> 8 & 0xFFF | rdev >> 32 & ~0xFFF
        minor = rdev & 0xFF | rdev >> 12 & ~0xFF & 0xFFFF_FFFF
        return f"{{st_mode={mode(bits)}, st_rdev={_device(major, minor)}, ...}}"
    return f"{{st_mode={mode(bits)}, st_size={length}, ...}}"


@spelling("statx>", filled=True)
def statx(asked: Asked, value: int) -> str | None:
    """struct statx likewise."""
    found = asked.unpack(_STATX, value)
    if found is None:
        return None
    mask, _block, attributes, _links, _uid, _gid, bits, _spare, _ino, length = found
    names = ["STATX_BASIC_STATS"] if mask & 0x7FF == 0x7FF else [f"{mask & 0x7FF:#x}"]
    for bit, name in ((0x800, "STATX_BTIME"), (0x1000, "STATX_MNT_ID")):
        names += [name] if mask & bit else []
    head = f"stx_mask={'|'.join(names)}, stx_attributes={attributes:#x}".replace("=0x0", "=0")
    return f"{{{head}, stx_mode={mode(bits)}, stx_size={length}, ...}}"


def _moment(parts: Sequence[int], unit: str) -> str:
    seconds, part = parts
    return f"{{tv_sec={seconds}, tv_{unit}={part}}}"


@both("timespec")
def timespec(asked: Asked, value: int) -> str | None:
    """struct timespec."""
    found = asked.unpack(_TIMES, value)
    return None if found is None else _moment(found, "nsec")


@spelling("rest>", filled=True)
def rest(asked: Asked, value: int) -> str | None:
    """What is left of a sleep: told where a signal ended it."""
    interrupted = asked.result in {-4, -516}
    return timespec(asked, value) if interrupted else None


@both("timeval")
def timeval(asked: Asked, value: int) -> str | None:
    """struct timeval."""
    found = asked.unpack(_TIMES, value)
    return None if found is None else _moment(found, "usec")


@both("itimerval")
def itimerval(asked: Asked, value: int) -> str | None:
    """struct itimerval."""
    found = asked.unpack(_FOUR, value)
    if found is None:
        return None
    interval, first = _moment(found[:2], "usec"), _moment(found[2:], "usec")
    return f"{{it_interval={interval}, it_value={first}}}"


@spelling("utimes")
def utimes(asked: Asked, value: int) -> str | None:
    """Two moments; UTIME_NOW and UTIME_OMIT stand where nanoseconds do."""
    found = asked.unpack(_FOUR, value)
    if found is None:
        return None
    special = {0x3FFFFFFF: "UTIME_NOW", 0x3FFFFFFE: "UTIME_OMIT"}
    texts = [special.get(found[i + 1], _dated(found[i : i + 2])) for i in (0, 2)]
    return f"[{', '.join(texts)}]"


def _dated(parts: Sequence[int]) -> str:
    """A moment with its date, in UTC, where it is one."""
    text = _moment(parts, "nsec")
    seconds, part = parts
    if not 0 <= part < 10**9 or not 0 < seconds < 1 << 34:
        return text
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{part:09d}" if part else ""
    return f"{text} /* {day}{fraction}+0000 */"


@both("rlimit")
def rlimit(asked: Asked, value: int) -> str | None:
    """struct rlimit64."""
    found = asked.unpack(_PAIR, value)
    return None if found is None else f"{{rlim_cur={size(found[0])}, rlim_max={size(found[1])}}}"


@spelling("utsname>", filled=True)
def utsname(asked: Asked, value: int) -> str | None:
    """The system's name and the node's."""
    raw = asked.read(value, 130)
    if raw is None:
        return None
    system, node = (quoted(raw[at : at + 65].split(b"\0")[0]) for at in (0, 65))
    return f"{{sysname={system}, nodename={node}, ...}}"


@spelling("entries>", filled=True)
def entries(asked: Asked, value: int) -> str | None:
    """getdents64's: how many."""
    raw = asked.read(value, max(0, asked.result or 0))
    if raw is None:
        return None
    at = count = 0
    while at + 18 <= len(raw):
        step = int.from_bytes(raw[at + 16 : at + 18], "little")
        if not step:
            break
        at, count = at + step, count + 1
    return f"{value:#x} /* {count} entries */"


@spelling("length>", filled=True)
def length(asked: Asked, value: int) -> str | None:
    """An address's length: what there was room for, and what came where that is another."""
    raw = asked.read(value, 4)
    return None if raw is None else f"[{s32(int.from_bytes(raw, 'little'))}]"


@both("ints")
def ints(asked: Asked, value: int) -> str | None:
    """As many ints as the option says."""
    count = int(asked.option)
    raw = asked.read(value, 4 * count)
    if raw is None:
        return None
    numbers = [s32(int.from_bytes(raw[at : at + 4], "little")) for at in range(0, 4 * count, 4)]
    return f"[{', '.join(map(str, numbers))}]"


@spelling("filemode")
def file_mode(_asked: Asked, value: int) -> str:
    """mknod's: kind and permissions."""
    return mode(value & 0xFFFF)


@spelling("longs")
def longs(asked: Asked, value: int) -> str | None:
    """A position in memory."""
    raw = asked.read(value, 8) if value else None
    return None if raw is None else f"[{int.from_bytes(raw, 'little')}]"


@both("ids")
def ids(asked: Asked, value: int) -> str | None:
    """A list of groups."""
    count = asked.other() if asked.option else max(0, asked.result or 0)
    raw = asked.read(value, 4 * count)
    if raw is None:
        return None
    numbers = [int.from_bytes(raw[at : at + 4], "little") for at in range(0, 4 * count, 4)]
    return f"[{', '.join(map(str, numbers))}]"


@spelling("pollfds")
def pollfds(asked: Asked, value: int) -> str | None:
    """What is waited for."""
    found = []
    for index in range(min(asked.other(), _MOST)):
        row = asked.unpack(_POLLFD, value + index * _POLLFD.size)
        if row is None:
            return None
        events = f", events={POLL.text(row[1])}" if row[0] >= 0 else ""
        found.append(f"{{fd={row[0]}{events}}}")
    return f"[{', '.join(found)}]"


@both("fdset")
def fdset(asked: Asked, value: int) -> str | None:
    """Descriptors in a bit map."""
    numbers = descriptors(asked, value)
    return None if numbers is None else f"[{' '.join(map(str, numbers))}]"


def descriptors(asked: Asked, address: int) -> list[int] | None:
    """The numbers that are set below select's first argument."""
    count = min(max(0, s32(asked.values[0])), 1024)
    raw = asked.read(address, (count + 63) // 64 * 8) if count else b""
    if raw is None:
        return None
    bits = int.from_bytes(raw, "little")
    return [number for number in range(count) if bits >> number & 1]


@spelling("event")
def epoll_event(asked: Asked, value: int) -> str | None:
    """What epoll shall tell of one descriptor."""
    raw = asked.read(value, 12)
    if raw is None:
        return None
    return _event(raw)


def _event(raw: bytes) -> str:
    events, low, whole = raw[:4], raw[4:8], raw[4:12]
    number, data = int.from_bytes(low, "little"), int.from_bytes(whole, "little")
    shown = f"{{u32={number}, u64={data if data < 1 << 32 else f'{data:#x}'}}}"
    if data >= 1 << 32:
        shown = f"{{u32={number}, u64={data}}}"
    return f"{{events={EPOLL.text(int.from_bytes(events, 'little'))}, data={shown}}}"


@spelling("events>", filled=True)
def epoll_events(asked: Asked, value: int) -> str | None:
    """What epoll tells."""
    count = max(0, asked.result or 0)
    raw = asked.read(value, 12 * count)
    if raw is None:
        return None
    return f"[{', '.join(_event(raw[at : at + 12]) for at in range(0, 12 * count, 12))}]"


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


_CLONE_ARGS = Struct("<8Q")
_NAMES = ("flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls")


@spelling("clone_args>", filled=True)
def clone_args(asked: Asked, value: int) -> str | None:
    """clone3's structure, and what it filled in."""
    found = asked.unpack(_CLONE_ARGS, value)
    if found is None:
        return None
    given = dict(zip(_NAMES, found, strict=True))
    parts = [f"flags={CLONE.text(given['flags'])}"]
    if given["flags"] & 0x0120_0000:
        parts.append(f"child_tid={pointer(given['child_tid'])}")
    if given["flags"] & 0x0010_0000:
        parts.append(f"parent_tid={pointer(given['parent_tid'])}")
    parts.append(f"exit_signal={signal_name(given['exit_signal'])}")
    parts.append(f"stack={pointer(given['stack'])}, stack_size={given['stack_size']:#x}")
    if given["flags"] & 0x0008_0000:
        parts.append(f"tls={pointer(given['tls'])}")
    text = f"{{{', '.join(parts).replace('stack_size=0x0', 'stack_size=0')}}}"
    if given["flags"] & 0x0010_0000 and (asked.result or 0) > 0:
        return f"{text} => {{parent_tid=[{asked.result}]}}"
    return text


@both("text")
def fixed_text(asked: Asked, value: int) -> str | None:
    """A string of at most sixteen bytes: a task's name."""
    raw = asked.read(value, 16)
    if raw is None:
        return None
    name = raw.split(b"\0")[0]
    return cut(name, len(name))
