"""What the program may use and has used: resource limits, CPU time."""

from struct import Struct

from systui.services.dispatch import Int, Pointer, Result, UInt, call
from systui.services.errors import EINVAL, EPERM, ESRCH, Refused
from systui.services.openfile import MAX_OPEN
from systui.services.task import LIMIT_NAMES, Task

_TICK = 10_000_000
"""Nanoseconds in a clock tick of times(2)."""
_TIMEVAL2 = Struct("<qqqq")
_RUSAGE_REST = bytes(8 * 14)
_NOFILE = LIMIT_NAMES.index("nofile")


def _limit(task: Task, resource: int) -> tuple[int, int]:
    if resource >= len(LIMIT_NAMES):
        raise Refused(EINVAL)
    return task.limits[resource]


_PAIR = Struct("<QQ")


@call(97, "getrlimit")
def getrlimit(task: Task, resource: UInt, pair: Pointer) -> Result:
    """A resource's soft and hard limit."""
    task.user.write(pair, _PAIR.pack(*_limit(task, resource)))
    return 0


@call(160, "setrlimit")
def setrlimit(task: Task, resource: UInt, pair: Pointer) -> Result:
    """Set a resource's limits."""
    _set_limit(task, resource, task.user.unpack(_PAIR, pair))
    return 0


@call(302, "prlimit64")
def prlimit64(task: Task, pid: Int, resource: UInt, new: Pointer, old: Pointer) -> Result:
    """Both at once."""
    wanted = task.user.unpack(_PAIR, new) if new else None
    if pid not in {0, task.pid}:
        return -ESRCH
    before = _limit(task, resource)
    if wanted is not None:
        _set_limit(task, resource, wanted)
    if old:
        task.user.write(old, _PAIR.pack(*before))
    return 0


def _set_limit(task: Task, resource: int, pair: tuple[int, ...]) -> None:
    soft, hard = pair
    before = _limit(task, resource)
    if soft > hard:
        raise Refused(EINVAL)
    if (resource == _NOFILE and hard > MAX_OPEN) or (hard > before[1] and task.fsuid):
        raise Refused(EPERM)
    limits = list(task.limits)
    limits[resource] = (soft, hard)
    task.limits = tuple(limits)


@call(98, "getrusage")
def getrusage(task: Task, who: Int, usage: Pointer) -> Result:
    """CPU time by the clock; no counts."""
    if who not in {0, -1, 1}:
        return -EINVAL
    busy = task.system.clock() if who != -1 else 0
    times = _TIMEVAL2.pack(busy // 10**9, busy % 10**9 // 1000, 0, 0)
    task.user.write(usage, times + _RUSAGE_REST)
    return 0


@call(100, "times")
def times(task: Task, buffer: Pointer) -> Result:
    """Clock ticks since the start; user time by the clock."""
    if buffer:
        busy = task.system.clock() // _TICK
        task.user.write(buffer, Struct("<4q").pack(busy, 0, 0, 0))
    return task.monotonic() // _TICK
