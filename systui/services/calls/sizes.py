"""Sizes of files, and what keeps them on a disk: fs/open.c, fs/sync.c, mm/readahead.c."""

from systui.services.dispatch import Int, Long, Result, ULong, call
from systui.services.errors import (
    EBADF,
    EFBIG,
    EINVAL,
    ENODEV,
    EOPNOTSUPP,
    ESPIPE,
    Refused,
)
from systui.services.kinds import MAX_FILE
from systui.services.openfile import file_of
from systui.services.shared import changed, flush
from systui.services.task import Task


def resize(task: Task, key: str | int, length: int) -> int:
    """Cut or extend a file's content; the caller has checked the right to."""
    files = task.system.files
    flush(task, key)
    node = files.get(key)
    if node.content is None:
        raise Refused(EINVAL)
    if length > min(MAX_FILE, task.limit_of("fsize")):
        raise Refused(EFBIG)
    now = task.now()
    content = node.content.truncate(length)
    files.put(key, node._replace(content=content, mtime=now, ctime=now))
    changed(task, key, 0, max(length, node.size))
    return 0


@call(77, "ftruncate")
def ftruncate(task: Task, fd: Int, length: Long) -> Result:
    """Set an open file's size."""
    if length < 0:
        return -EINVAL
    file = file_of(task, fd)
    if file.kind != "regular" or not file.writable:
        return -EINVAL
    return resize(task, file.key, length)


@call(285, "fallocate")
def fallocate(task: Task, fd: Int, mode: Int, offset: Long, length: Long) -> Result:
    """Make room; modes other than keeping the size are not there."""
    file = file_of(task, fd)
    if offset < 0 or length <= 0:
        return -EINVAL
    if mode & ~1:
        return -EOPNOTSUPP
    if not file.writable:
        return -EBADF
    if file.kind != "regular":
        return -ESPIPE if file.kind == "pipe" else -ENODEV
    if offset + length > MAX_FILE:
        return -EFBIG
    if not mode & 1 and task.system.files.get(file.key).size < offset + length:
        return resize(task, file.key, offset + length)
    return 0


def _sync(task: Task, fd: int) -> Result:
    """Nothing to write back; pipes, sockets and terminals cannot be asked."""
    kind = file_of(task, fd).kind
    return 0 if kind in {"regular", "directory"} else -EINVAL


@call(74, "fsync")
def fsync(task: Task, fd: Int) -> Result:
    """Contents are where they are kept."""
    return _sync(task, fd)


@call(75, "fdatasync")
def fdatasync(task: Task, fd: Int) -> Result:
    """As fsync."""
    return _sync(task, fd)


@call(162, "sync")
def sync(task: Task) -> Result:
    """Nothing to do."""
    return 0


@call(306, "syncfs")
def syncfs(task: Task, fd: Int) -> Result:
    """Nothing to do."""
    file_of(task, fd)
    return 0


@call(187, "readahead")
def readahead(task: Task, fd: Int, offset: Long, count: ULong) -> Result:
    """Nothing to do."""
    file = file_of(task, fd)
    if not file.readable:
        return -EBADF
    return 0 if file.kind == "regular" else -EINVAL


@call(221, "fadvise64")
def fadvise64(task: Task, fd: Int, offset: Long, length: Long, advice: Int) -> Result:
    """Advice, taken and forgotten."""
    if file_of(task, fd).kind in {"pipe", "input", "output"}:
        return -ESPIPE
    return 0 if 0 <= advice <= 5 and length >= 0 else -EINVAL
