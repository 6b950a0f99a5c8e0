"""Moments and lengths of time."""

from collections.abc import Sequence
from datetime import UTC, datetime

from systui.decode.forms.asked import Asked, Layout, both, layout, spelling

_TIMES = layout("qq", "ii")
_FOUR = layout("qqqq", "iiii")
_TICKS = layout("4q", "4i")
_USAGE = layout("4q", "4i")
_TIMES_64, _FOUR_64 = layout("qq"), layout("qqqq")
"""What the *_time64 calls take: the same for both widths (uapi/linux/time_types.h)."""
_PADDED = 0xFFFF_FFFF
"""A 32-bit program leaves the upper half of such a tv_nsec as it is; the kernel passes it by."""
_SPECIAL = {0x3FFFFFFF: "UTIME_NOW", 0x3FFFFFFE: "UTIME_OMIT"}


def _moment(parts: Sequence[int], unit: str) -> str:
    seconds, part = parts
    return f"{{tv_sec={seconds}, tv_{unit}={part}}}"


def _numbers(asked: Asked, usual: Layout, long: Layout, address: int) -> tuple[int, ...] | None:
    """Seconds and parts of them; the option `64` says that they are of 64 bits in any case."""
    if asked.option != "64":
        return asked.unpack(usual, address)
    found = asked.unpack(long, address)
    if found is None or asked.word == 8:
        return found
    return tuple(each & _PADDED if index % 2 else each for index, each in enumerate(found))


@both("timespec")
def timespec(asked: Asked, value: int) -> str | None:
    """struct timespec."""
    found = _numbers(asked, _TIMES, _TIMES_64, value)
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
    return _interval(asked.unpack(_FOUR, value), "usec")


@both("itimerspec")
def itimerspec(asked: Asked, value: int) -> str | None:
    """struct itimerspec."""
    return _interval(_numbers(asked, _FOUR, _FOUR_64, value), "nsec")


def _interval(found: Sequence[int] | None, unit: str) -> str | None:
    if found is None:
        return None
    return f"{{it_interval={_moment(found[:2], unit)}, it_value={_moment(found[2:], unit)}}}"


@spelling("utimes")
def utimes(asked: Asked, value: int) -> str | None:
    """Two moments; UTIME_NOW and UTIME_OMIT stand where nanoseconds do."""
    found = _numbers(asked, _FOUR, _FOUR_64, value)
    if found is None:
        return None
    texts = [_SPECIAL.get(found[i + 1], _dated(found[i : i + 2], "nsec")) for i in (0, 2)]
    return f"[{', '.join(texts)}]"


@spelling("timevals")
def timevals(asked: Asked, value: int) -> str | None:
    """utimes' two moments."""
    found = asked.unpack(_FOUR, value)
    if found is None:
        return None
    return f"[{', '.join(_dated(found[i : i + 2], 'usec') for i in (0, 2))}]"


@spelling("utimbuf")
def utimbuf(asked: Asked, value: int) -> str | None:
    """struct utimbuf."""
    found = asked.unpack(_TIMES, value)
    if found is None:
        return None
    accessed, modified = (f"{each}{_date(each, '')}" for each in found)
    return f"{{actime={accessed}, modtime={modified}}}"


def _dated(parts: Sequence[int], unit: str) -> str:
    """A moment with its date, in UTC, where it is one."""
    seconds, part = parts
    digits = 9 if unit == "nsec" else 6
    if not 0 <= part < 10**digits:
        return _moment(parts, unit)
    return _moment(parts, unit) + _date(seconds, f".{part:0{digits}d}" if part else "")


def _date(seconds: int, fraction: str) -> str:
    if not 0 < seconds < 1 << 34:
        return ""
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f" /* {day}{fraction}+0000 */"


@spelling("tms>", filled=True)
def process_times(asked: Asked, value: int) -> str | None:
    """struct tms, in ticks."""
    found = asked.unpack(_TICKS, value)
    if found is None:
        return None
    names = ("utime", "stime", "cutime", "cstime")
    parts = (f"tms_{name}={ticks}" for name, ticks in zip(names, found, strict=True))
    return f"{{{', '.join(parts)}}}"


@spelling("rusage>", filled=True)
def usage(asked: Asked, value: int) -> str | None:
    """struct rusage: the times that it begins with."""
    found = asked.unpack(_USAGE, value)
    if found is None:
        return None
    user, system = _moment(found[:2], "usec"), _moment(found[2:], "usec")
    return f"{{ru_utime={user}, ru_stime={system}, ...}}"
