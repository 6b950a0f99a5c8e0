"""Who the program is: its ids, and what they let it do."""

from struct import Struct

from systui.services.dispatch import Int, Pointer, Result, UInt, call
from systui.services.errors import EINVAL, EPERM, ESRCH, Refused
from systui.services.task import Task


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
