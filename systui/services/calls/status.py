"""What a file is and who may use it: fs/stat.c, fs/statfs.c, access of fs/open.c."""

from systui.services.calls.paths import (
    AT_EACCESS,
    AT_EMPTY_PATH,
    AT_FDCWD,
    AT_NO_AUTOMOUNT,
    AT_SYMLINK_NOFOLLOW,
    lookup,
    node_of,
    target,
)
from systui.services.dispatch import Int, Pointer, Result, UInt, call
from systui.services.errors import (
    EACCES,
    EINVAL,
    Refused,
)
from systui.services.nodes import (
    Node,
)
from systui.services.stat import pack_stat, pack_statfs, pack_statx
from systui.services.task import Task
from systui.services.vfs import (
    may,
)


@call(4, "stat")
def stat(task: Task, path: Pointer, buffer: Pointer) -> Result:
    """By name."""
    key = lookup(task, AT_FDCWD, task.user.path(path))
    task.user.write(buffer, pack_stat(target(task, key)))
    return 0


@call(6, "lstat")
def lstat(task: Task, path: Pointer, buffer: Pointer) -> Result:
    """By name, not through a link at its end."""
    key = lookup(task, AT_FDCWD, task.user.path(path), follow=False)
    task.user.write(buffer, pack_stat(task.system.files.get(key)))
    return 0


@call(5, "fstat")
def fstat(task: Task, fd: Int, buffer: Pointer) -> Result:
    """By descriptor."""
    task.user.write(buffer, pack_stat(node_of(task, fd)))
    return 0


def _node_at(task: Task, fd: int, path: str, flags: int) -> Node:
    if not path and flags & AT_EMPTY_PATH:
        return task.system.files.get(task.cwd) if fd == AT_FDCWD else node_of(task, fd)
    follow = not flags & AT_SYMLINK_NOFOLLOW
    key = lookup(task, fd, path, follow)
    return target(task, key) if follow else task.system.files.get(key)


@call(262, "newfstatat")
def newfstatat(task: Task, fd: Int, path: Pointer, buffer: Pointer, flags: Int) -> Result:
    """By name from a directory, or by descriptor with an empty name."""
    name = task.user.path(path) if path or not flags & AT_EMPTY_PATH else ""
    if flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH):
        return -EINVAL
    task.user.write(buffer, pack_stat(_node_at(task, fd, name, flags)))
    return 0


@call(332, "statx")
def statx(task: Task, fd: Int, path: Pointer, flags: UInt, mask: UInt, buffer: Pointer) -> Result:
    """The extended form."""
    if mask >> 31 or flags & 0x6000 == 0x6000:
        return -EINVAL
    name = task.user.path(path) if path or not flags & AT_EMPTY_PATH else ""
    if flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | 0x6000):
        return -EINVAL
    task.user.write(buffer, pack_statx(_node_at(task, fd, name, flags), mask))
    return 0


def _statfs(task: Task, node: Node, buffer: int) -> int:
    files = task.system.files
    task.user.write(buffer, pack_statfs(node, files.limit, files.used))
    return 0


@call(137, "statfs")
def statfs(task: Task, path: Pointer, buffer: Pointer) -> Result:
    """The file system of a name: the overlay's room."""
    key = lookup(task, AT_FDCWD, task.user.path(path))
    return _statfs(task, target(task, key), buffer)


@call(138, "fstatfs")
def fstatfs(task: Task, fd: Int, buffer: Pointer) -> Result:
    """The file system of an open file."""
    return _statfs(task, node_of(task, fd), buffer)


# access


@call(21, "access")
def access(task: Task, path: Pointer, mode: Int) -> Result:
    """May the real user do it?"""
    return _access(task, AT_FDCWD, path, mode, 0)


@call(269, "faccessat")
def faccessat(task: Task, fd: Int, path: Pointer, mode: Int) -> Result:
    """The same from a directory."""
    return _access(task, fd, path, mode, 0)


@call(439, "faccessat2")
def faccessat2(task: Task, fd: Int, path: Pointer, mode: Int, flags: Int) -> Result:
    """The same with flags."""
    if flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH):
        return -EINVAL
    return _access(task, fd, path, mode, flags)


def _access(task: Task, fd: int, path: int, mode: int, flags: int) -> int:
    if mode & ~7:
        raise Refused(EINVAL)
    node = _node_at(task, fd, task.user.path(path), flags)
    ids = task.uids
    if not flags & AT_EACCESS:
        task.uids = (ids[0],) * 3
    allowed = may(task, node, mode)
    task.uids = ids
    if mode and not allowed:
        raise Refused(EACCES)
    return 0
