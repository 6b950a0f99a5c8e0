"""Changing names and attributes: fs/namei.c, fs/open.c, fs/utimes.c, fs/xattr.c."""

from systui.services.calls.clock import SECOND, TIMESPEC, read_timeval
from systui.services.calls.io import resize
from systui.services.calls.paths import (
    AT_EMPTY_PATH,
    AT_FDCWD,
    AT_SYMLINK_FOLLOW,
    AT_SYMLINK_NOFOLLOW,
    lookup,
)
from systui.services.content import Content
from systui.services.dispatch import Int, Long, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EACCES,
    EBUSY,
    EEXIST,
    EINVAL,
    EISDIR,
    ENODATA,
    ENOENT,
    ENOTDIR,
    ENOTEMPTY,
    EOPNOTSUPP,
    EPERM,
    ERANGE,
    Refused,
)
from systui.services.kinds import reap
from systui.services.nodes import (
    S_IFDIR,
    S_IFIFO,
    S_IFLNK,
    S_IFMT,
    S_IFREG,
    S_IFSOCK,
    S_ISGID,
    S_ISUID,
    Key,
    Node,
)
from systui.services.openfile import file_of, raw_number_of, start_of
from systui.services.task import Task
from systui.services.vfs import (
    MAY_WRITE,
    Found,
    check_create,
    check_delete,
    may,
)

_AT_REMOVEDIR = 0x200
_NOREPLACE, _EXCHANGE, _WHITEOUT = 1, 2, 4


def _walk(task: Task, fd: int, path: int, follow: bool = False) -> Found:
    name = task.user.path(path)
    if not name:
        raise Refused(ENOENT)
    return task.system.files.walk(task, start_of(task, fd, name), name, follow)


def _new_place(task: Task, fd: int, path: int, directory: bool) -> Found:
    """A name that does not exist yet, in a directory that may be written: filename_create()."""
    found = _walk(task, fd, path)
    if found.key is None and found.wants_directory and not directory:
        raise Refused(ENOENT)
    check_create(task.system.files, task, found)
    return found


# making


@call(83, "mkdir")
def mkdir(task: Task, path: Pointer, mode: UInt) -> Result:
    """Make a directory."""
    return mkdirat(task, AT_FDCWD, path, mode)


@call(258, "mkdirat")
def mkdirat(task: Task, fd: Int, path: Pointer, mode: UInt) -> Result:
    """Make a directory."""
    found = _new_place(task, fd, path, directory=True)
    node = Node(S_IFDIR | mode & 0o1777 & ~task.umask, 0)
    task.system.files.make(task, found.parent, found.name, node)
    return 0


@call(88, "symlink")
def symlink(task: Task, target: Pointer, path: Pointer) -> Result:
    """Make a symbolic link."""
    return symlinkat(task, target, AT_FDCWD, path)


@call(266, "symlinkat")
def symlinkat(task: Task, target: Pointer, fd: Int, path: Pointer) -> Result:
    """Make a symbolic link."""
    text = task.user.path(target)
    if not text:
        return -ENOENT
    found = _new_place(task, fd, path, directory=False)
    node = Node(S_IFLNK | 0o777, 0, target=text)
    task.system.files.make(task, found.parent, found.name, node)
    return 0


@call(133, "mknod")
def mknod(task: Task, path: Pointer, mode: UInt, device: UInt) -> Result:
    """Make a regular file, a FIFO or a socket; devices are refused."""
    return mknodat(task, AT_FDCWD, path, mode, device)


@call(259, "mknodat")
def mknodat(task: Task, fd: Int, path: Pointer, mode: UInt, device: UInt) -> Result:
    """Make a regular file, a FIFO or a socket; devices are refused."""
    kind = mode & S_IFMT or S_IFREG
    if kind == S_IFDIR:
        return -EPERM
    if kind not in {S_IFREG, S_IFIFO, S_IFSOCK, 0o020000, 0o060000}:
        return -EINVAL
    found = _new_place(task, fd, path, directory=False)
    if kind in {0o020000, 0o060000}:
        return -EPERM
    content = Content() if kind == S_IFREG else None
    node = Node(kind | mode & 0o7777 & ~task.umask, 0, content)
    task.system.files.make(task, found.parent, found.name, node)
    return 0


@call(86, "link")
def link(task: Task, old: Pointer, new: Pointer) -> Result:
    """Another name for a file."""
    return linkat(task, AT_FDCWD, old, AT_FDCWD, new, 0)


@call(265, "linkat")
def linkat(task: Task, old_fd: Int, old: Pointer, new_fd: Int, new: Pointer, flags: Int) -> Result:
    """Another name for a file."""
    if flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH):
        return -EINVAL
    files = task.system.files
    name = task.user.path(old)
    if not name and flags & AT_EMPTY_PATH:
        key: Key = task.system.open[raw_number_of(task, old_fd)].key
    else:
        key = lookup(task, old_fd, name, bool(flags & AT_SYMLINK_FOLLOW))
    found = _new_place(task, new_fd, new, directory=False)
    node = files.get(key)
    if node.is_directory or node.opens:
        return -EPERM
    files.put(key, node._replace(nlink=node.nlink + 1, ctime=task.now()))
    files.link(found.parent, found.name, key)
    return 0


# removing


@call(87, "unlink")
def unlink(task: Task, path: Pointer) -> Result:
    """Take a file's name away."""
    return _unlink(task, AT_FDCWD, path)


@call(84, "rmdir")
def rmdir(task: Task, path: Pointer) -> Result:
    """Remove an empty directory."""
    return _rmdir(task, AT_FDCWD, path)


@call(263, "unlinkat")
def unlinkat(task: Task, fd: Int, path: Pointer, flags: Int) -> Result:
    """Either."""
    if flags & ~_AT_REMOVEDIR:
        return -EINVAL
    return _rmdir(task, fd, path) if flags else _unlink(task, fd, path)


def _unlink(task: Task, fd: int, path: int) -> int:
    found = _walk(task, fd, path)
    if found.last != "name":
        raise Refused(EISDIR)
    if found.key is None:
        raise Refused(ENOENT)
    files = task.system.files
    node = files.get(found.key)
    if found.wants_directory:
        raise Refused(EISDIR if node.is_directory else ENOTDIR)
    check_delete(files, task, found)
    if node.is_directory:
        raise Refused(EISDIR)
    _take_name(task, found, found.key)
    return 0


def _take_name(task: Task, found: Found, key: Key) -> None:
    files = task.system.files
    files.unlink(found.parent, found.name, key)
    node = files.get(key)
    left = 0 if node.is_directory else node.nlink - 1
    files.put(key, node._replace(nlink=left, ctime=task.now()))
    reap(task, key)


def _rmdir(task: Task, fd: int, path: int) -> int:
    found = _walk(task, fd, path)
    if found.last != "name":
        raise Refused({"/": EBUSY, ".": EINVAL, "..": ENOTEMPTY}[found.last])
    if found.key is None:
        raise Refused(ENOENT)
    files = task.system.files
    check_delete(files, task, found)
    _check_removable(task, found.key)
    _take_name(task, found, found.key)
    return 0


def _check_removable(task: Task, key: Key) -> None:
    files = task.system.files
    if not files.get(key).is_directory:
        raise Refused(ENOTDIR)
    if key in {"/dev", "/proc"}:
        raise Refused(EBUSY)
    if files.names(key):
        raise Refused(ENOTEMPTY)


# renaming


@call(82, "rename")
def rename(task: Task, old: Pointer, new: Pointer) -> Result:
    """Give a file another name, taking the place of what has it."""
    return _rename(task, AT_FDCWD, old, AT_FDCWD, new, 0)


@call(264, "renameat")
def renameat(task: Task, old_fd: Int, old: Pointer, new_fd: Int, new: Pointer) -> Result:
    """The same from directories."""
    return _rename(task, old_fd, old, new_fd, new, 0)


@call(316, "renameat2")
def renameat2(
    task: Task, old_fd: Int, old: Pointer, new_fd: Int, new: Pointer, flags: UInt
) -> Result:
    """With RENAME_NOREPLACE; RENAME_EXCHANGE is not served."""
    if flags & ~7 or (flags & _EXCHANGE and flags & (_NOREPLACE | _WHITEOUT)):
        return -EINVAL
    if flags & (_EXCHANGE | _WHITEOUT):
        return -EINVAL
    return _rename(task, old_fd, old, new_fd, new, flags)


def _rename(task: Task, old_fd: int, old: int, new_fd: int, new: int, flags: int) -> int:
    source = _walk(task, old_fd, old)
    place = _walk(task, new_fd, new)
    if source.last != "name" or place.last != "name":
        raise Refused(EEXIST if flags & _NOREPLACE and place.last != "name" else EBUSY)
    if source.key is None:
        raise Refused(ENOENT)
    files = task.system.files
    if place.key is not None and flags & _NOREPLACE:
        raise Refused(EEXIST)
    node = files.get(source.key)
    if not node.is_directory and (source.wants_directory or place.wants_directory):
        raise Refused(ENOTDIR)
    if node.is_directory and files.is_below(place.parent, source.key):
        raise Refused(EINVAL)
    if place.key is not None and _above(task, source.parent, place.key):
        raise Refused(ENOTEMPTY)
    if source.key == place.key:
        return 0
    _check_rename(task, source, place, node)
    _move(task, source, place, node)
    return 0


def _above(task: Task, key: Key, directory: Key) -> bool:
    files = task.system.files
    return files.get(directory).is_directory and files.is_below(key, directory)


def _check_rename(task: Task, source: Found, place: Found, node: Node) -> None:
    files = task.system.files
    check_delete(files, task, source)
    if source.key in {"/dev", "/proc"}:
        raise Refused(EBUSY)
    if place.key is None:
        check_create(files, task, place)
        return
    check_delete(files, task, place)
    other = files.get(place.key)
    if node.is_directory:
        _check_removable(task, place.key)
    elif other.is_directory:
        raise Refused(EISDIR)


def _move(task: Task, source: Found, place: Found, node: Node) -> None:
    files = task.system.files
    key = source.key
    if key is None:
        raise Refused(ENOENT)
    if place.key is not None:
        _take_name(task, place, place.key)
    files.unlink(source.parent, source.name, key)
    node = files.get(key)._replace(ctime=task.now())
    if node.is_directory:
        node = node._replace(parent=place.parent, name=place.name)
    files.put(key, node)
    files.link(place.parent, place.name, key)


# attributes


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
