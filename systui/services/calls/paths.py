"""Opening and asking by name: fs/open.c, fs/stat.c, fs/readdir.c, fs/d_path.c."""

from struct import Struct

from systui.services.calls.io import resize
from systui.services.content import Content
from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    E2BIG,
    EACCES,
    EEXIST,
    EINVAL,
    EISDIR,
    ELOOP,
    ENAMETOOLONG,
    ENOENT,
    ENOTDIR,
    ENXIO,
    EOPNOTSUPP,
    EPERM,
    ERANGE,
    Refused,
)
from systui.services.nodes import (
    S_IFBLK,
    S_IFCHR,
    S_IFDIR,
    S_IFIFO,
    S_IFLNK,
    S_IFMT,
    S_IFREG,
    S_IFSOCK,
    Key,
    Node,
    encode,
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
    file_of,
    kind_of,
    lowest_free,
    open_new,
    raw_number_of,
    start_of,
)
from systui.services.stat import pack_entry, pack_entry64, pack_stat, pack_statfs, pack_statx
from systui.services.task import Task
from systui.services.user import PATH_MAX
from systui.services.vfs import (
    MAY_EXEC,
    MAY_READ,
    MAY_WRITE,
    ROOT,
    Found,
    check_create,
    may,
)

AT_FDCWD = -100
AT_SYMLINK_NOFOLLOW, AT_EACCESS, AT_SYMLINK_FOLLOW = 0x100, 0x200, 0x400
AT_NO_AUTOMOUNT, AT_EMPTY_PATH = 0x800, 0x1000
_KEPT = ~(O_CREAT | O_EXCL | 0o400 | O_TRUNC | O_CLOEXEC)
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


# open


@call(2, "open")
def open_call(task: Task, path: Pointer, flags: Int, mode: UInt) -> Result:
    """Open by name."""
    return _open(task, AT_FDCWD, task.user.path(path), flags, mode)


@call(257, "openat")
def openat(task: Task, fd: Int, path: Pointer, flags: Int, mode: UInt) -> Result:
    """Open by name, from a directory."""
    return _open(task, fd, task.user.path(path), flags, mode)


@call(85, "creat")
def creat(task: Task, path: Pointer, mode: UInt) -> Result:
    """Create, truncate, open for writing."""
    return _open(task, AT_FDCWD, task.user.path(path), 1 | O_CREAT | O_TRUNC, mode)


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
    return _open(task, fd, task.user.path(path), flags, mode)


def _open(task: Task, fd: int, path: str, flags: int, mode: int) -> int:
    """do_sys_open(): a descriptor first, then the path."""
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
    flags |= O_LARGEFILE
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


# stat


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


def _node_of(task: Task, fd: int) -> Node:
    file = task.system.open[raw_number_of(task, fd)]
    return kind_of(file).node(task, file)


@call(5, "fstat")
def fstat(task: Task, fd: Int, buffer: Pointer) -> Result:
    """By descriptor."""
    task.user.write(buffer, pack_stat(_node_of(task, fd)))
    return 0


def _node_at(task: Task, fd: int, path: str, flags: int) -> Node:
    if not path and flags & AT_EMPTY_PATH:
        return task.system.files.get(task.cwd) if fd == AT_FDCWD else _node_of(task, fd)
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
    task.user.write(buffer, pack_statx(_node_at(task, fd, name, flags)))
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
    return _statfs(task, _node_of(task, fd), buffer)


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


# links and directories


def _readlink(task: Task, fd: int, path: int, buffer: int, size: int) -> int:
    if size <= 0:
        raise Refused(EINVAL)
    name = task.user.path(path)
    if name:
        node = task.system.files.get(lookup(task, fd, name, follow=False))
    elif fd == AT_FDCWD:
        raise Refused(ENOENT)
    else:
        node = _node_of(task, fd)
    if node.kind != S_IFLNK:
        raise Refused(EINVAL if name else ENOENT)
    data = encode(node.target)[:size]
    task.user.write(buffer, data)
    return len(data)


@call(89, "readlink")
def readlink(task: Task, path: Pointer, buffer: Pointer, size: Int) -> Result:
    """Where a symbolic link leads."""
    return _readlink(task, AT_FDCWD, path, buffer, size)


@call(267, "readlinkat")
def readlinkat(task: Task, fd: Int, path: Pointer, buffer: Pointer, size: Int) -> Result:
    """The same from a directory."""
    return _readlink(task, fd, path, buffer, size)


_TYPES = {S_IFIFO: 1, S_IFCHR: 2, S_IFDIR: 4, S_IFBLK: 6, S_IFREG: 8, S_IFLNK: 10, S_IFSOCK: 12}
_FIRST_ENTRIES = 2


def _getdents(task: Task, fd: int, buffer: int, size: int, old: bool) -> int:
    """Entries from the position on; a position is how many entries were given, by name order."""
    file = file_of(task, fd)
    if file.kind != "directory":
        raise Refused(ENOTDIR)
    files = task.system.files
    directory = files.get(file.key)
    if directory.nlink <= 0:
        raise Refused(ENOENT)
    entries = [(".", file.key), ("..", ROOT if file.key == ROOT else directory.parent)]
    entries += files.names(file.key)
    first = _resume(file, entries)
    data, given = b"", 0
    for index in range(first, len(entries)):
        name, key = entries[index]
        node = files.get(key)
        pack = pack_entry if old else pack_entry64
        entry = pack(node.ino, index + 1, _TYPES.get(node.mode & S_IFMT, 0), name)
        if len(data) + len(entry) > size:
            break
        data += entry
        given += 1
    if not given and first < len(entries):
        raise Refused(EINVAL)
    task.user.write(buffer, data)
    last = entries[first + given - 1][0] if given else file.directory_position
    number = raw_number_of(task, fd)
    task.system.open.update(number, position=first + given, directory_position=last)
    return len(data)


def _resume(file: OpenFile, entries: list[tuple[str, Key]]) -> int:
    """Where to go on: after the name given last, so that changes meanwhile skip nothing."""
    if not file.directory_position or file.position <= _FIRST_ENTRIES:
        return min(file.position, len(entries))
    names = [name for name, _ in entries[_FIRST_ENTRIES:]]
    return _FIRST_ENTRIES + sum(name <= file.directory_position for name in names)


@call(78, "getdents")
def getdents(task: Task, fd: Int, buffer: Pointer, size: UInt) -> Result:
    """Directory entries, the old form."""
    return _getdents(task, fd, buffer, size, old=True)


@call(217, "getdents64")
def getdents64(task: Task, fd: Int, buffer: Pointer, size: UInt) -> Result:
    """Directory entries."""
    return _getdents(task, fd, buffer, size, old=False)


@call(80, "chdir")
def chdir(task: Task, path: Pointer) -> Result:
    """Change the working directory."""
    return _chdir(task, lookup(task, AT_FDCWD, task.user.path(path)))


@call(81, "fchdir")
def fchdir(task: Task, fd: Int) -> Result:
    """Change it to an open directory."""
    file = task.system.open[raw_number_of(task, fd)]
    if file.kind not in {"directory", "path"}:
        return -ENOTDIR
    return _chdir(task, file.key)


def _chdir(task: Task, key: Key) -> int:
    node = target(task, key)
    if not node.is_directory:
        raise Refused(ENOTDIR)
    if not may(task, node, MAY_EXEC):
        raise Refused(EACCES)
    task.cwd = key
    return 0


@call(79, "getcwd")
def getcwd(task: Task, buffer: Pointer, size: ULong) -> Result:
    """The working directory's path with its NUL."""
    files = task.system.files
    if files.get(task.cwd).nlink <= 0:
        return -ENOENT
    data = encode(files.path_of(task.cwd)) + b"\0"
    if len(data) > PATH_MAX:
        return -ENAMETOOLONG
    if len(data) > size:
        return -ERANGE
    task.user.write(buffer, data)
    return len(data)
