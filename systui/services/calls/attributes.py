"""Permissions, owners, sizes and times of files: fs/open.c, fs/utimes.c, fs/xattr.c."""

from systui.services.calls.clock import SECOND, TIMESPEC, read_timeval
from systui.services.calls.paths import (
    AT_EMPTY_PATH,
    AT_FDCWD,
    AT_SYMLINK_NOFOLLOW,
    lookup,
)
from systui.services.calls.sizes import resize
from systui.services.dispatch import Int, Long, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EACCES,
    EINVAL,
    EISDIR,
    ENODATA,
    EOPNOTSUPP,
    EPERM,
    ERANGE,
    Refused,
)
from systui.services.nodes import (
    S_IFLNK,
    S_IFMT,
    S_IFREG,
    S_ISGID,
    S_ISUID,
    Key,
    Node,
)
from systui.services.openfile import file_of, raw_number_of
from systui.services.task import Task
from systui.services.vfs import (
    MAY_WRITE,
    may,
)


def _settable(task: Task, key: Key) -> Node:
    """The node, if the task owns it."""
    node = task.system.files.get(key)
    if isinstance(key, str) and key.startswith("/proc"):
        raise Refused(EPERM)
    if task.fsuid not in {0, node.uid}:
        raise Refused(EPERM)
    return node


def _open_key(task: Task, fd: int) -> Key:
    file = file_of(task, fd)
    if file.kind in {"pipe", "socket", "input", "output"}:
        raise Refused(EPERM)
    return file.path if file.kind == "tty" else file.key


def _chmod(task: Task, key: Key, mode: int) -> int:
    node = _settable(task, key)
    mode = node.mode & S_IFMT | mode & 0o7777
    if task.fsuid and node.gid != task.fsgid and node.gid not in task.groups:
        mode &= ~S_ISGID
    task.system.files.put(key, node._replace(mode=mode, ctime=task.now()))
    return 0


@call(90, "chmod")
def chmod(task: Task, path: Pointer, mode: UInt) -> Result:
    """Change permissions."""
    return _chmod(task, lookup(task, AT_FDCWD, task.user.path(path)), mode)


@call(91, "fchmod")
def fchmod(task: Task, fd: Int, mode: UInt) -> Result:
    """Of an open file."""
    return _chmod(task, _open_key(task, fd), mode)


@call(268, "fchmodat")
def fchmodat(task: Task, fd: Int, path: Pointer, mode: UInt) -> Result:
    """From a directory."""
    return _chmod(task, lookup(task, fd, task.user.path(path)), mode)


@call(452, "fchmodat2")
def fchmodat2(task: Task, fd: Int, path: Pointer, mode: UInt, flags: UInt) -> Result:
    """With flags; a link's own permissions cannot be changed."""
    if flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH):
        return -EINVAL
    name = task.user.path(path)
    if not name and flags & AT_EMPTY_PATH:
        return _chmod(task, task.system.open[raw_number_of(task, fd)].key, mode)
    key = lookup(task, fd, name, not flags & AT_SYMLINK_NOFOLLOW)
    if task.system.files.get(key).kind == S_IFLNK:
        return -EOPNOTSUPP
    return _chmod(task, key, mode)


_SAME = 0xFFFF_FFFF


def _chown(task: Task, key: Key, uid: int, gid: int) -> int:
    node = _settable(task, key)
    new_uid = node.uid if uid == _SAME else uid
    new_gid = node.gid if gid == _SAME else gid
    mine = {node.gid, task.fsgid, *task.groups}
    if task.fsuid and (new_uid != node.uid or new_gid not in mine):
        raise Refused(EPERM)
    mode = node.mode if node.is_directory else node.mode & ~(S_ISUID | S_ISGID)
    node = node._replace(uid=new_uid, gid=new_gid, mode=mode, ctime=task.now())
    task.system.files.put(key, node)
    return 0


@call(92, "chown")
def chown(task: Task, path: Pointer, uid: UInt, gid: UInt) -> Result:
    """Change the owner."""
    return _chown(task, lookup(task, AT_FDCWD, task.user.path(path)), uid, gid)


@call(94, "lchown")
def lchown(task: Task, path: Pointer, uid: UInt, gid: UInt) -> Result:
    """Of a link itself."""
    return _chown(task, lookup(task, AT_FDCWD, task.user.path(path), follow=False), uid, gid)


@call(93, "fchown")
def fchown(task: Task, fd: Int, uid: UInt, gid: UInt) -> Result:
    """Of an open file."""
    return _chown(task, _open_key(task, fd), uid, gid)


@call(260, "fchownat")
def fchownat(task: Task, fd: Int, path: Pointer, uid: UInt, gid: UInt, flags: Int) -> Result:
    """From a directory."""
    if flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH):
        return -EINVAL
    name = task.user.path(path)
    if not name and flags & AT_EMPTY_PATH:
        return _chown(task, task.system.open[raw_number_of(task, fd)].key, uid, gid)
    return _chown(task, lookup(task, fd, name, not flags & AT_SYMLINK_NOFOLLOW), uid, gid)


@call(95, "umask")
def umask(task: Task, mask: Int) -> Result:
    """Set the mask of permissions not given to new files."""
    old = task.umask
    task.umask = mask & 0o777
    return old


@call(76, "truncate")
def truncate(task: Task, path: Pointer, length: Long) -> Result:
    """Set a file's size."""
    if length < 0:
        return -EINVAL
    key = lookup(task, AT_FDCWD, task.user.path(path))
    node = task.system.files.get(key)
    if node.is_directory:
        return -EISDIR
    if node.kind != S_IFREG:
        return -EINVAL
    if not may(task, node, MAY_WRITE):
        return -EACCES
    return resize(task, key, length)


# times

_UTIME_NOW, _UTIME_OMIT = (1 << 30) - 1, (1 << 30) - 2


def _set_times(task: Task, key: Key, times: tuple[int | None, int | None] | None) -> int:
    """Access and modification time; None for both is now, None for one leaves it."""
    node = task.system.files.get(key)
    now = task.now()
    if task.fsuid not in {0, node.uid}:
        if times is not None:
            raise Refused(EPERM)
        if not may(task, node, MAY_WRITE):
            raise Refused(EACCES)
    if isinstance(key, str) and key.startswith("/proc"):
        raise Refused(EPERM)
    atime, mtime = (now, now) if times is None else times
    node = node._replace(
        atime=node.atime if atime is None else atime,
        mtime=node.mtime if mtime is None else mtime,
        ctime=now,
    )
    task.system.files.put(key, node)
    return 0


def _timespecs(task: Task, address: int) -> tuple[int | None, int | None] | None:
    values: list[int | None] = []
    both_now = True
    for at in (address, address + TIMESPEC.size):
        seconds, nano = task.user.unpack(TIMESPEC, at)
        both_now = both_now and nano == _UTIME_NOW
        if nano == _UTIME_NOW:
            values.append(task.now())
        elif nano == _UTIME_OMIT:
            values.append(None)
        elif 0 <= nano < SECOND:
            values.append(seconds * SECOND + nano)
        else:
            raise Refused(EINVAL)
    return None if both_now else (values[0], values[1])


@call(280, "utimensat")
def utimensat(task: Task, fd: Int, path: Pointer, times: Pointer, flags: Int) -> Result:
    """Set times to the nanosecond."""
    wanted = _timespecs(task, times) if times else None
    if wanted == (None, None):
        return 0
    if not path and fd != AT_FDCWD:
        return -EINVAL if flags else _set_times(task, _open_key(task, fd), wanted)
    if flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH):
        return -EINVAL
    name = task.user.path(path)
    if not name and flags & AT_EMPTY_PATH and fd != AT_FDCWD:
        return _set_times(task, _open_key(task, fd), wanted)
    key = lookup(task, fd, name, not flags & AT_SYMLINK_NOFOLLOW)
    return _set_times(task, key, wanted)


def _timevals(task: Task, address: int) -> tuple[int | None, int | None] | None:
    if not address:
        return None
    return read_timeval(task, address), read_timeval(task, address + 16)


@call(235, "utimes")
def utimes(task: Task, path: Pointer, times: Pointer) -> Result:
    """Set times to the microsecond."""
    wanted = _timevals(task, times)
    return _set_times(task, lookup(task, AT_FDCWD, task.user.path(path)), wanted)


@call(261, "futimesat")
def futimesat(task: Task, fd: Int, path: Pointer, times: Pointer) -> Result:
    """From a directory."""
    wanted = _timevals(task, times)
    if not path:
        return _set_times(task, _open_key(task, fd), wanted)
    return _set_times(task, lookup(task, fd, task.user.path(path)), wanted)


@call(132, "utime")
def utime(task: Task, path: Pointer, times: Pointer) -> Result:
    """Set times to the second."""
    wanted: tuple[int | None, int | None] | None = None
    if times:
        access, modified = task.user.unpack(TIMESPEC, times)
        wanted = (access * SECOND, modified * SECOND)
    return _set_times(task, lookup(task, AT_FDCWD, task.user.path(path)), wanted)


# extended attributes: no file has any


def _attribute_name(task: Task, name: int) -> None:
    text = task.user.string(name, 256)
    if not text:
        raise Refused(ERANGE)


@call(191, "getxattr")
def getxattr(task: Task, path: Pointer, name: Pointer, value: Pointer, size: ULong) -> Result:
    """None is there."""
    lookup(task, AT_FDCWD, task.user.path(path))
    _attribute_name(task, name)
    return -ENODATA


@call(192, "lgetxattr")
def lgetxattr(task: Task, path: Pointer, name: Pointer, value: Pointer, size: ULong) -> Result:
    """None is there."""
    lookup(task, AT_FDCWD, task.user.path(path), follow=False)
    _attribute_name(task, name)
    return -ENODATA


@call(193, "fgetxattr")
def fgetxattr(task: Task, fd: Int, name: Pointer, value: Pointer, size: ULong) -> Result:
    """None is there."""
    file_of(task, fd)
    _attribute_name(task, name)
    return -ENODATA


@call(194, "listxattr")
def listxattr(task: Task, path: Pointer, names: Pointer, size: ULong) -> Result:
    """None is there."""
    lookup(task, AT_FDCWD, task.user.path(path))
    return 0


@call(195, "llistxattr")
def llistxattr(task: Task, path: Pointer, names: Pointer, size: ULong) -> Result:
    """None is there."""
    lookup(task, AT_FDCWD, task.user.path(path), follow=False)
    return 0


@call(196, "flistxattr")
def flistxattr(task: Task, fd: Int, names: Pointer, size: ULong) -> Result:
    """None is there."""
    file_of(task, fd)
    return 0
