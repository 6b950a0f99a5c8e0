"""Who the program is and what it may use: ids, limits, uname, usage, random."""

from struct import Struct

from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import EACCES, EINVAL, EPERM, ESRCH, Refused
from systui.services.openfile import MAX_OPEN
from systui.services.proc import RELEASE, VERSION
from systui.services.process import Process
from systui.services.task import LIMIT_NAMES, Task

_TICK = 10_000_000
"""Nanoseconds in a clock tick of times(2)."""
_TIMEVAL2 = Struct("<qqqq")
_RUSAGE_REST = bytes(8 * 14)
_NOFILE = LIMIT_NAMES.index("nofile")
MAX_RANDOM = 1 << 20
"""Bytes that one getrandom gives; Linux's own bound is 32 MiB."""


@call(39, "getpid")
def getpid(task: Task) -> Result:
    """The process's id."""
    return task.pid


@call(186, "gettid")
def gettid(task: Task) -> Result:
    """The thread's id."""
    return task.tid


@call(110, "getppid")
def getppid(task: Task) -> Result:
    """The parent's id: whoever started the program."""
    return task.parent


@call(102, "getuid")
def getuid(task: Task) -> Result:
    """Real user id."""
    return task.uids[0]


@call(104, "getgid")
def getgid(task: Task) -> Result:
    """Real group id."""
    return task.gids[0]


@call(107, "geteuid")
def geteuid(task: Task) -> Result:
    """Effective user id."""
    return task.uids[1]


@call(108, "getegid")
def getegid(task: Task) -> Result:
    """Effective group id."""
    return task.gids[1]


_NONE = 0xFFFF_FFFF


def _set_one(ids: tuple[int, ...], wanted: int, privileged: bool) -> tuple[int, ...]:
    """setuid's rule."""
    if wanted == _NONE:
        raise Refused(EINVAL)
    if privileged:
        return (wanted,) * 3
    if wanted not in {ids[0], ids[2]}:
        raise Refused(EPERM)
    return (ids[0], wanted, ids[2])


def _set_two(ids: tuple[int, ...], real: int, effective: int, privileged: bool) -> tuple[int, ...]:
    """setreuid's rule."""
    if not privileged and real not in {_NONE, ids[0], ids[1]}:
        raise Refused(EPERM)
    if not privileged and effective not in {_NONE, *ids}:
        raise Refused(EPERM)
    new_real = ids[0] if real == _NONE else real
    new_effective = ids[1] if effective == _NONE else effective
    follows = real != _NONE or (effective not in {_NONE, ids[0]})
    return (new_real, new_effective, new_effective if follows else ids[2])


def _set_three(ids: tuple[int, ...], wanted: tuple[int, ...], privileged: bool) -> tuple[int, ...]:
    """setresuid's rule."""
    if not privileged and any(one not in {_NONE, *ids} for one in wanted):
        raise Refused(EPERM)
    return tuple(old if new == _NONE else new for old, new in zip(ids, wanted, strict=True))


@call(105, "setuid")
def setuid(task: Task, uid: UInt) -> Result:
    """Set the user id."""
    task.uids = _set_one(task.uids, uid, task.fsuid == 0)
    return 0


@call(106, "setgid")
def setgid(task: Task, gid: UInt) -> Result:
    """Set the group id."""
    task.gids = _set_one(task.gids, gid, task.fsuid == 0)
    return 0


@call(113, "setreuid")
def setreuid(task: Task, real: UInt, effective: UInt) -> Result:
    """Set real and effective user id."""
    task.uids = _set_two(task.uids, real, effective, task.fsuid == 0)
    return 0


@call(114, "setregid")
def setregid(task: Task, real: UInt, effective: UInt) -> Result:
    """Set real and effective group id."""
    task.gids = _set_two(task.gids, real, effective, task.fsuid == 0)
    return 0


@call(117, "setresuid")
def setresuid(task: Task, real: UInt, effective: UInt, saved: UInt) -> Result:
    """Set all three user ids."""
    task.uids = _set_three(task.uids, (real, effective, saved), task.fsuid == 0)
    return 0


@call(119, "setresgid")
def setresgid(task: Task, real: UInt, effective: UInt, saved: UInt) -> Result:
    """Set all three group ids."""
    task.gids = _set_three(task.gids, (real, effective, saved), task.fsuid == 0)
    return 0


@call(118, "getresuid")
def getresuid(task: Task, real: Pointer, effective: Pointer, saved: Pointer) -> Result:
    """All three user ids."""
    for address, value in zip((real, effective, saved), task.uids, strict=True):
        task.user.put_u32(address, value)
    return 0


@call(120, "getresgid")
def getresgid(task: Task, real: Pointer, effective: Pointer, saved: Pointer) -> Result:
    """All three group ids."""
    for address, value in zip((real, effective, saved), task.gids, strict=True):
        task.user.put_u32(address, value)
    return 0


@call(122, "setfsuid")
def setfsuid(task: Task, uid: UInt) -> Result:
    """The old one; the file system's ids follow the effective ones here."""
    return task.fsuid


@call(123, "setfsgid")
def setfsgid(task: Task, gid: UInt) -> Result:
    """The old one."""
    return task.fsgid


@call(115, "getgroups")
def getgroups(task: Task, size: Int, groups: Pointer) -> Result:
    """Supplementary groups."""
    if size < 0:
        return -EINVAL
    if size:
        if size < len(task.groups):
            return -EINVAL
        task.user.write(groups, b"".join(group.to_bytes(4, "little") for group in task.groups))
    return len(task.groups)


@call(116, "setgroups")
def setgroups(task: Task, size: Int, groups: Pointer) -> Result:
    """Set supplementary groups."""
    if task.fsuid:
        return -EPERM
    if not 0 <= size <= 65536:
        return -EINVAL
    data = task.user.read(groups, 4 * size)
    task.groups = tuple(sorted(memoryview(data).cast("I")))
    return 0


@call(111, "getpgrp")
def getpgrp(task: Task) -> Result:
    """The process group."""
    return task.group


def _process(task: Task, pid: int) -> Process:
    """The process `pid`, 0 being the caller's; Refused(ESRCH)."""
    found = task.process if pid == 0 else task.system.processes.get(pid)
    if found is None:
        raise Refused(ESRCH)
    return found


@call(121, "getpgid")
def getpgid(task: Task, pid: Int) -> Result:
    """The process group of `pid`."""
    return _process(task, pid).group


@call(124, "getsid")
def getsid(task: Task, pid: Int) -> Result:
    """The session of `pid`."""
    return _process(task, pid).session


@call(109, "setpgid")
def setpgid(task: Task, pid: Int, group: Int) -> Result:
    """Put itself or a child that has run no other file into a group of the session."""
    if group < 0:
        return -EINVAL
    found = _process(task, pid)
    if found is not task.process:
        if found.parent != task.pid:
            return -ESRCH
        if found.session != task.session:
            return -EPERM
        if found.executed:
            return -EACCES
    if found.session == found.pid:
        return -EPERM
    group = group or found.pid
    mates = task.system.processes.values()
    if group != found.pid and not any(
        each.group == group and each.session == task.session for each in mates
    ):
        return -EPERM
    found.group = group
    return 0


@call(112, "setsid")
def setsid(task: Task) -> Result:
    """A session of its own; a group leader may not."""
    if any(each.group == task.pid for each in task.system.processes.values()):
        return -EPERM
    task.process.session = task.process.group = task.pid
    return task.pid


# the machine


@call(63, "uname")
def uname(task: Task, buffer: Pointer) -> Result:
    """struct new_utsname: six fields of 65 bytes."""
    machine = task.system.narrow.machine
    fields = ("Linux", task.system.hostname, RELEASE, VERSION, machine, "(none)")
    data = b"".join(
        field.encode("utf-8", "surrogateescape")[:64].ljust(65, b"\0") for field in fields
    )
    task.user.write(buffer, data)
    return 0


@call(170, "sethostname")
def sethostname(task: Task, name: Pointer, length: Int) -> Result:
    """Set the node name."""
    if task.fsuid:
        return -EPERM
    if not 0 <= length <= 64:
        return -EINVAL
    task.system.hostname = task.user.read(name, length).decode("utf-8", "surrogateescape")
    return 0


@call(99, "sysinfo")
def sysinfo(task: Task, buffer: Pointer) -> Result:
    """struct sysinfo."""
    total = task.system.options.memory
    free = total - task.memory.committed
    data = Struct("<q3QQQQQQQH6xQQI4x").pack(
        task.monotonic() // 10**9, 0, 0, 0, total, free, 0, 0, 0, 0, 1, 0, 0, 1
    )
    task.user.write(buffer, data)
    return 0


@call(318, "getrandom")
def getrandom(task: Task, buffer: Pointer, size: ULong, flags: UInt) -> Result:
    """Random bytes from the seeded generator."""
    if flags & ~7 or flags & 6 == 6:
        return -EINVAL
    size = min(size, MAX_RANDOM)
    task.user.check_range(buffer, size)
    task.user.write(buffer, task.system.random_bytes(size))
    return size


# limits and usage


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


# capabilities

_CAP_VERSIONS = {0x19980330: 1, 0x20071026: 2, 0x20080522: 2}
_ALL_CAPS = (1 << 41) - 1


@call(125, "capget")
def capget(task: Task, header: Pointer, data: Pointer) -> Result:
    """All of them for root, none for others."""
    version, pid = task.user.unpack(Struct("<Ii"), header)
    if version not in _CAP_VERSIONS:
        task.user.put_u32(header, 0x20080522)
        return -EINVAL if data else 0
    if pid < 0:
        return -EINVAL
    if pid not in {0, task.pid}:
        return -ESRCH
    if not data:
        return 0
    held = _ALL_CAPS if task.fsuid == 0 else 0
    words = _CAP_VERSIONS[version]
    rows = [((held >> 32 * word) & 0xFFFF_FFFF,) * 2 + (0,) for word in range(words)]
    task.user.write(data, b"".join(Struct("<3I").pack(*row) for row in rows))
    return 0


@call(126, "capset")
def capset(task: Task, header: Pointer, data: Pointer) -> Result:
    """Accepted where it can change nothing: root keeps its ids' powers."""
    version, pid = task.user.unpack(Struct("<Ii"), header)
    if version not in _CAP_VERSIONS:
        return -EINVAL
    if pid not in {0, task.pid}:
        return -EPERM
    task.user.read(data, 12 * _CAP_VERSIONS[version])
    return 0 if task.fsuid == 0 else -EPERM
