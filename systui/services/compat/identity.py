"""Ids of sixteen bits, as the oldest calls pass them (kernel/uid16.c)."""

from systui.services.compat.dispatch import as_native, compat, scratch
from systui.services.dispatch import Result, s32
from systui.services.errors import EINVAL, Refused
from systui.services.task import Task

_ONE, _OLD = 4, 2
"""Bytes of an id, and of an old one."""
_MOST_GROUPS = 65536


def _id(value: int) -> int:
    """A 16-bit id as the 32-bit one: all bits set stays `leave it`."""
    value &= 0xFFFF
    return 0xFFFF_FFFF if value == 0xFFFF else value


@compat(24, "getuid")
def _getuid16(task: Task) -> Result:
    return task.uids[0] & 0xFFFF


@compat(47, "getgid")
def _getgid16(task: Task) -> Result:
    return task.gids[0] & 0xFFFF


@compat(49, "geteuid")
def _geteuid16(task: Task) -> Result:
    return task.uids[1] & 0xFFFF


@compat(50, "getegid")
def _getegid16(task: Task) -> Result:
    return task.gids[1] & 0xFFFF


@compat(23, "setuid")
def _setuid16(task: Task, uid: int) -> Result:
    return as_native(task, 105, _id(uid))


@compat(46, "setgid")
def _setgid16(task: Task, gid: int) -> Result:
    return as_native(task, 106, _id(gid))


@compat(182, "chown")
def _chown16(task: Task, path: int, uid: int, gid: int) -> Result:
    return as_native(task, 92, path, _id(uid), _id(gid))


@compat(95, "fchown")
def _fchown16(task: Task, fd: int, uid: int, gid: int) -> Result:
    return as_native(task, 93, fd, _id(uid), _id(gid))


@compat(16, "lchown")
def _lchown16(task: Task, path: int, uid: int, gid: int) -> Result:
    return as_native(task, 94, path, _id(uid), _id(gid))


@compat(70, "setreuid")
def _setreuid16(task: Task, real: int, effective: int) -> Result:
    return as_native(task, 113, _id(real), _id(effective))


@compat(71, "setregid")
def _setregid16(task: Task, real: int, effective: int) -> Result:
    return as_native(task, 114, _id(real), _id(effective))


@compat(164, "setresuid")
def _setresuid16(task: Task, real: int, effective: int, saved: int) -> Result:
    return as_native(task, 117, _id(real), _id(effective), _id(saved))


@compat(170, "setresgid")
def _setresgid16(task: Task, real: int, effective: int, saved: int) -> Result:
    return as_native(task, 119, _id(real), _id(effective), _id(saved))


@compat(165, "getresuid")
def _getresuid16(task: Task, real: int, effective: int, saved: int) -> Result:
    return _three_out(task, 118, real, effective, saved)


@compat(171, "getresgid")
def _getresgid16(task: Task, real: int, effective: int, saved: int) -> Result:
    return _three_out(task, 120, real, effective, saved)


def _three_out(task: Task, number: int, *places: int) -> Result:
    kept = [scratch(task).keep(bytes(_ONE)) for _place in places]
    result = as_native(task, number, *kept)
    for place, each in zip(places, kept, strict=True):
        task.user.write(place, (task.user.u32(each) & 0xFFFF).to_bytes(_OLD, "little"))
    return result


@compat(138, "setfsuid")
def _setfsuid16(task: Task, uid: int) -> Result:
    return as_native(task, 122, _id(uid))


@compat(139, "setfsgid")
def _setfsgid16(task: Task, gid: int) -> Result:
    return as_native(task, 123, _id(gid))


@compat(80, "getgroups")
def _getgroups16(task: Task, size: int, groups: int) -> Result:
    if not size:
        return as_native(task, 115, 0, 0)
    kept = scratch(task).keep(bytes(_ONE * min(size, _MOST_GROUPS)))
    count = as_native(task, 115, s32(size), kept)
    if isinstance(count, int) and count > 0:
        found = (task.user.u32(kept + _ONE * index) & 0xFFFF for index in range(count))
        task.user.write(groups, b"".join(each.to_bytes(_OLD, "little") for each in found))
    return count


@compat(81, "setgroups")
def _setgroups16(task: Task, size: int, groups: int) -> Result:
    if size > _MOST_GROUPS:
        raise Refused(EINVAL)
    raw = task.user.read(groups, _OLD * size) if size else b""
    ids = (_id(int.from_bytes(raw[at : at + _OLD], "little")) for at in range(0, len(raw), _OLD))
    kept = scratch(task).keep(b"".join(each.to_bytes(_ONE, "little") for each in ids))
    return as_native(task, 116, size, kept)
