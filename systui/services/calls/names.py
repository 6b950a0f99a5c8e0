"""Making, removing and renaming names: fs/namei.c."""

from systui.services.calls.paths import (
    AT_EMPTY_PATH,
    AT_FDCWD,
    AT_SYMLINK_FOLLOW,
    lookup,
)
from systui.services.content import Content
from systui.services.dispatch import Int, Pointer, Result, UInt, call
from systui.services.errors import (
    EBUSY,
    EEXIST,
    EINVAL,
    EISDIR,
    ENOENT,
    ENOTDIR,
    ENOTEMPTY,
    EPERM,
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
    Key,
    Node,
)
from systui.services.openfile import raw_number_of, start_of
from systui.services.task import Task
from systui.services.vfs import (
    Found,
    check_create,
    check_delete,
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
    if source.last != "name":
        raise Refused(EBUSY)
    if place.last != "name":
        raise Refused(EEXIST if flags & _NOREPLACE else EBUSY)
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
