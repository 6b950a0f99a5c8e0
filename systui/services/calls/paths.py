"""Opening by name: fs/open.c."""

from struct import Struct

from systui.services.calls.sizes import resize
from systui.services.content import Content
from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    E2BIG,
    EACCES,
    EEXIST,
    EINVAL,
    EISDIR,
    ELOOP,
    ENOENT,
    ENOTDIR,
    ENXIO,
    EOPNOTSUPP,
    EOVERFLOW,
    EPERM,
    Refused,
)
from systui.services.nodes import (
    S_IFLNK,
    S_IFREG,
    S_IFSOCK,
    Key,
    Node,
)
from systui.services.openfile import (
    O_ACCMODE,
    O_CLOEXEC,
    O_CREAT,
    O_DIRECTORY,
    O_EXCL,
    O_LARGEFILE,
    O_NOATIME,
    O_NOFOLLOW,
    O_PATH,
    O_TMPFILE,
    O_TRUNC,
    OpenFile,
    kind_of,
    lowest_free,
    open_new,
    raw_number_of,
    start_of,
)
from systui.services.task import Task
from systui.services.vfs import (
    MAY_READ,
    MAY_WRITE,
    Found,
    check_create,
    may,
)

AT_FDCWD = -100
AT_SYMLINK_NOFOLLOW, AT_EACCESS, AT_SYMLINK_FOLLOW = 0x100, 0x200, 0x400
AT_NO_AUTOMOUNT, AT_EMPTY_PATH = 0x800, 0x1000
_KEPT = ~(O_CREAT | O_EXCL | 0o400 | O_TRUNC | O_CLOEXEC)
_LARGE = 1 << 31
"""Bytes from which on a file's size is none for a signed word of 32 bits."""
_VALID = 0o37777703 | 0o20000 | 0o10000000


def target(task: Task, key: Key) -> Node:
    """The node a path led to; behind a /proc/self/fd link to a pipe or socket, that."""
    node = task.system.files.get(key)
    if node.kind == S_IFLNK and node.opens:
        file = task.system.open[int(node.opens)]
        return kind_of(file).node(task, file)
    return node


def lookup(task: Task, fd: int, path: str, follow: bool = True) -> Key:
    """The node that a *at call's path names."""
    start = start_of(task, fd, path) if path else task.cwd
    return task.system.files.find(task, start, path, follow)


def node_of(task: Task, fd: int) -> Node:
    """What stat says of a descriptor's open file; Refused(EBADF)."""
    file = task.system.open[raw_number_of(task, fd)]
    return kind_of(file).node(task, file)


# open


@call(2, "open")
def open_call(task: Task, path: Pointer, flags: Int, mode: UInt) -> Result:
    """Open by name."""
    return open_as_asked(task, AT_FDCWD, path, flags | O_LARGEFILE, mode)


@call(257, "openat")
def openat(task: Task, fd: Int, path: Pointer, flags: Int, mode: UInt) -> Result:
    """Open by name, from a directory."""
    return open_as_asked(task, fd, path, flags | O_LARGEFILE, mode)


@call(85, "creat")
def creat(task: Task, path: Pointer, mode: UInt) -> Result:
    """Create, truncate, open for writing."""
    flags = 1 | O_CREAT | O_TRUNC | O_LARGEFILE
    return open_as_asked(task, AT_FDCWD, path, flags, mode)


_HOW = Struct("<QQQ")
_RESOLVE_ALL = 0x3F


@call(437, "openat2")
def openat2(task: Task, fd: Int, path: Pointer, how: Pointer, size: ULong) -> Result:
    """Open with struct open_how; of the resolve flags none is served."""
    if size < _HOW.size:
        return -EINVAL
    if size > 4096:
        return -E2BIG
    flags, mode, resolve = task.user.unpack(_HOW, how)
    if any(task.user.read(how + _HOW.size, size - _HOW.size)):
        return -E2BIG
    if flags & ~_VALID or resolve & ~_RESOLVE_ALL or (mode and not flags & (O_CREAT | 0o20000000)):
        return -EINVAL
    if resolve:
        return -EOPNOTSUPP
    return open_as_asked(task, fd, path, flags | O_LARGEFILE, mode)


def open_as_asked(task: Task, fd: int, address: int, flags: int, mode: int) -> int:
    """do_sys_open(): a descriptor first, then the path at `address`.

    Without O_LARGEFILE, which 64-bit calls always add, a file of 2 GiB or more is refused.
    """
    path = task.user.path(address)
    flags = _checked_flags(flags)
    lowest_free(task)
    if not path:
        raise Refused(ENOENT)
    start = start_of(task, fd, path)
    if flags & O_TMPFILE == O_TMPFILE:
        raise Refused(EOPNOTSUPP)
    files = task.system.files
    creating = bool(flags & O_CREAT)
    exclusive = creating and bool(flags & O_EXCL)
    found = files.walk(task, start, path, not (flags & O_NOFOLLOW or exclusive))
    if creating and found.wants_directory:
        raise Refused(EISDIR)
    if found.key is None:
        if not creating:
            raise Refused(ENOENT)
        return _create(task, found, path, flags, mode)
    if exclusive:
        raise Refused(EEXIST)
    return _open_existing(task, found, found.key, flags)


def _checked_flags(flags: int) -> int:
    """build_open_flags(): what contradicts itself."""
    if flags & O_PATH:
        return flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if flags & O_CREAT and flags & O_DIRECTORY:
        raise Refused(EINVAL)
    if flags & 0o20000000 and flags & O_TMPFILE != O_TMPFILE:
        raise Refused(EINVAL)
    return flags


def _create(task: Task, found: Found, path: str, flags: int, mode: int) -> int:
    check_create(task.system.files, task, found)
    node = Node(S_IFREG | mode & 0o7777 & ~task.umask, 0, Content())
    key = task.system.files.make(task, found.parent, found.name, node)
    return _finish(task, "regular", key, flags, _path_name(task, found))


def _path_name(task: Task, found: Found) -> str:
    """The absolute path, for /proc/self/fd."""
    files = task.system.files
    if found.key is not None and files.get(found.key).is_directory:
        return files.path_of(found.key)
    return f"{files.path_of(found.parent).rstrip('/')}/{found.name}"


def _wanted(flags: int) -> int:
    mask = {0: MAY_READ, 1: MAY_WRITE, 2: MAY_READ | MAY_WRITE}.get(flags & O_ACCMODE, 6)
    return mask | (MAY_WRITE if flags & O_TRUNC else 0)


def _open_existing(task: Task, found: Found, key: Key, flags: int) -> int:
    node = task.system.files.get(key)
    if flags & O_DIRECTORY and not node.is_directory:
        raise Refused(ENOTDIR)
    if found.wants_directory and not node.is_directory:
        raise Refused(ENOTDIR)
    if flags & O_PATH:
        return _finish(task, "path", key, flags, _path_name(task, found))
    if node.kind == S_IFLNK:
        if not node.opens or flags & O_NOFOLLOW:
            raise Refused(ELOOP)
        return _reopen(task, int(node.opens), flags)
    wanted = _wanted(flags)
    if node.is_directory:
        if flags & O_CREAT or wanted & MAY_WRITE:
            raise Refused(EISDIR)
        if not may(task, node, wanted):
            raise Refused(EACCES)
        return _finish(task, "directory", key, flags, _path_name(task, found))
    if not may(task, node, wanted):
        raise Refused(EACCES)
    if flags & O_NOATIME and task.fsuid not in {0, node.uid}:
        raise Refused(EPERM)
    if not flags & O_LARGEFILE and node.kind == S_IFREG and node.size >= _LARGE:
        raise Refused(EOVERFLOW)
    return _finish(task, _kind(node), key, flags, _path_name(task, found))


def _kind(node: Node) -> str:
    """What opening a node gives; Refused where it is nothing that may be opened here."""
    if node.kind == S_IFREG:
        return "regular"
    if node.opens:
        return node.opens
    if node.kind == S_IFSOCK:
        raise Refused(ENXIO)
    raise Refused(EACCES)


def _finish(task: Task, kind: str, key: Key, flags: int, path: str) -> int:
    if kind == "regular" and flags & O_TRUNC:
        resize(task, key, 0)
    file = OpenFile(kind, flags & _KEPT, key, path)
    return open_new(task, file, bool(flags & O_CLOEXEC))


def _reopen(task: Task, number: int, flags: int) -> int:
    """Opening /proc/self/fd/N of what has no node: another open file of the same thing."""
    file = task.system.open[number]
    if file.kind == "socket":
        raise Refused(ENXIO)
    again = file._replace(flags=flags & _KEPT, position=0, references=0)
    if file.kind == "pipe":
        from systui.services.pipes import opened_again

        opened_again(task, again)
    return open_new(task, again, bool(flags & O_CLOEXEC))
