"""Links and directories: fs/readdir.c, fs/d_path.c, readlink of fs/stat.c, chdir of fs/open.c."""

from systui.services.calls.paths import AT_FDCWD, lookup, node_of, target
from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EACCES,
    EINVAL,
    ENAMETOOLONG,
    ENOENT,
    ENOTDIR,
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
    encode,
)
from systui.services.openfile import (
    OpenFile,
    file_of,
    raw_number_of,
)
from systui.services.stat import pack_entry, pack_entry64
from systui.services.task import Task
from systui.services.user import PATH_MAX
from systui.services.vfs import (
    MAY_EXEC,
    ROOT,
    may,
)


def _readlink(task: Task, fd: int, path: int, buffer: int, size: int) -> int:
    if size <= 0:
        raise Refused(EINVAL)
    name = task.user.path(path)
    if name:
        node = task.system.files.get(lookup(task, fd, name, follow=False))
    elif fd == AT_FDCWD:
        raise Refused(ENOENT)
    else:
        node = node_of(task, fd)
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
