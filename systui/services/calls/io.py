"""Reading and writing open files: fs/read_write.c, fs/sync.c, fs/open.c."""

from struct import Struct

from systui.services.dispatch import Int, Long, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EBADF,
    EFBIG,
    EINVAL,
    EISDIR,
    ENODEV,
    EOPNOTSUPP,
    ESPIPE,
    Refused,
)
from systui.services.kinds import MAX_FILE
from systui.services.openfile import O_APPEND, Kind, file_of, kind_of, number_of
from systui.services.ports import Blocked, UserFault
from systui.services.shared import changed, flush
from systui.services.task import Task

MAX_RW = 0x7FFF_F000
PIECE = 1 << 20
"""Bytes moved at a time, so that a huge count needs no huge buffer."""
IOV_MAX = 1024
_IOVEC = Struct("<QQ")

Buffers = list[tuple[int, int]]


def _open_for(task: Task, fd: int, writing: bool) -> tuple[int, Kind]:
    number = number_of(task, fd)
    file = task.system.open[number]
    if not (file.writable if writing else file.readable):
        raise Refused(EBADF)
    return number, kind_of(file)


def _bound(task: Task, address: int, count: int) -> int:
    """The count as the call takes it; Refused(EFAULT or EINVAL)."""
    task.user.check_range(address, count)
    return min(count, MAX_RW)


def _read_into(task: Task, fd: int, buffers: Buffers, offset: int | None) -> Result:
    """Fill the buffers in order, as far as there is data and the buffers can be written."""
    number, kind = _open_for(task, fd, writing=False)
    total = 0
    for address, size in _pieces(buffers):
        before = task.system.save()
        at = None if offset is None else offset + total
        data = kind.read(task, number, size, at)
        if isinstance(data, Blocked):
            return total or data
        try:
            task.user.write(address, data)
        except UserFault as fault:
            reached = fault.address - address
            task.system.restore(before)
            if reached <= 0:
                if total:
                    return total
                raise
            kind.read(task, number, reached, at)
            return total + reached
        total += len(data)
        if len(data) < size or not kind.bulk:
            break
    return total


def _pieces(buffers: Buffers) -> Buffers:
    return [
        (address + start, min(PIECE, size - start))
        for address, size in buffers
        for start in range(0, size, PIECE)
    ] or [(0, 0)]


def _write_from(task: Task, fd: int, buffers: Buffers, offset: int | None) -> Result:
    """Write the buffers in order, as far as they can be read and the file takes them."""
    number, kind = _open_for(task, fd, writing=True)
    if kind.discards:
        return sum(size for _, size in buffers)
    total = 0
    gathered = b""
    pieces = _pieces(buffers)
    for index, (address, size) in enumerate(pieces):
        piece, faulted = _readable(task, address, size)
        gathered += piece
        if not faulted and index < len(pieces) - 1 and len(gathered) < PIECE:
            continue
        if faulted is not None and not gathered:
            if total:
                return total
            raise faulted
        at = None if offset is None else offset + total
        taken = _taken(task, number, gathered, at, total)
        if isinstance(taken, Blocked) or taken < 0:
            return total or taken
        total += taken
        if taken < len(gathered) or faulted is not None:
            break
        gathered = b""
    return total


def _taken(task: Task, number: int, data: bytes, at: int | None, total: int) -> int | Blocked:
    """One write; an error after something was written is told by the next call instead."""
    try:
        return kind_of(task.system.open[number]).write(task, number, data, at)
    except Refused:
        if total:
            return 0
        raise


def _readable(task: Task, address: int, size: int) -> tuple[bytes, UserFault | None]:
    try:
        return task.user.read(address, size), None
    except UserFault as fault:
        reached = fault.address - address
        return (task.user.read(address, reached) if reached > 0 else b""), fault


@call(0, "read")
def read(task: Task, fd: Int, buffer: Pointer, count: ULong) -> Result:
    """Read from the position."""
    _open_for(task, fd, writing=False)
    return _read_into(task, fd, [(buffer, _bound(task, buffer, count))], None)


@call(1, "write")
def write(task: Task, fd: Int, buffer: Pointer, count: ULong) -> Result:
    """Write at the position."""
    _open_for(task, fd, writing=True)
    return _write_from(task, fd, [(buffer, _bound(task, buffer, count))], None)


def _positioned(task: Task, fd: int, writing: bool, offset: int) -> None:
    if offset < 0:
        raise Refused(EINVAL)
    if not kind_of(file_of(task, fd)).seekable:
        raise Refused(ESPIPE)
    _open_for(task, fd, writing)


@call(17, "pread64")
def pread64(task: Task, fd: Int, buffer: Pointer, count: ULong, offset: Long) -> Result:
    """Read at an offset."""
    _positioned(task, fd, False, offset)
    return _read_into(task, fd, [(buffer, _bound(task, buffer, count))], offset)


@call(18, "pwrite64")
def pwrite64(task: Task, fd: Int, buffer: Pointer, count: ULong, offset: Long) -> Result:
    """Write at an offset."""
    _positioned(task, fd, True, offset)
    return _write_from(task, fd, [(buffer, _bound(task, buffer, count))], offset)


# vectors


def read_vector(task: Task, address: int, count: int) -> Buffers:
    """The buffers of an iovec array: import_iovec()."""
    if not 0 <= count <= IOV_MAX:
        raise Refused(EINVAL)
    data = task.user.read(address, count * _IOVEC.size)
    buffers: Buffers = []
    total = 0
    for base, size in _IOVEC.iter_unpack(data):
        if size >> 63:
            raise Refused(EINVAL)
        task.user.check_range(base, size)
        taken = min(size, MAX_RW - total)
        total += taken
        buffers.append((base, taken))
    return [(base, size) for base, size in buffers if size]


@call(19, "readv")
def readv(task: Task, fd: Int, vector: Pointer, count: ULong) -> Result:
    """Read into several buffers."""
    _open_for(task, fd, writing=False)
    return _readv(task, fd, vector, count, None)


def _readv(task: Task, fd: int, vector: int, count: int, offset: int | None) -> Result:
    buffers = read_vector(task, vector, count)
    number, kind = _open_for(task, fd, writing=False)
    if kind.bulk or len(buffers) < 2:
        return _read_into(task, fd, buffers, offset)
    return _scatter(task, number, kind, buffers)


def _scatter(task: Task, number: int, kind: Kind, buffers: Buffers) -> Result:
    """One read for all buffers: what a pipe, a terminal or a socket does."""
    data = kind.read(task, number, min(PIECE, sum(size for _, size in buffers)), None)
    if isinstance(data, Blocked):
        return data
    done = 0
    for address, size in buffers:
        task.user.write(address, data[done : done + size])
        done += min(size, len(data) - done)
    return done


@call(20, "writev")
def writev(task: Task, fd: Int, vector: Pointer, count: ULong) -> Result:
    """Write several buffers."""
    _open_for(task, fd, writing=True)
    return _write_from(task, fd, read_vector(task, vector, count), None)


@call(295, "preadv")
def preadv(task: Task, fd: Int, vector: Pointer, count: ULong, offset: Long) -> Result:
    """Read into several buffers at an offset."""
    _positioned(task, fd, False, offset)
    return _readv(task, fd, vector, count, offset)


@call(296, "pwritev")
def pwritev(task: Task, fd: Int, vector: Pointer, count: ULong, offset: Long) -> Result:
    """Write several buffers at an offset."""
    _positioned(task, fd, True, offset)
    return _write_from(task, fd, read_vector(task, vector, count), offset)


_RWF_ALL = 0x3F


@call(327, "preadv2")
def preadv2(
    task: Task, fd: Int, vector: Pointer, count: ULong, offset: Long, high: ULong, flags: Int
) -> Result:
    """As preadv; offset -1 is the position."""
    if flags & ~_RWF_ALL:
        return -EOPNOTSUPP
    return (
        readv(task, fd, vector, count) if offset == -1 else preadv(task, fd, vector, count, offset)
    )


@call(328, "pwritev2")
def pwritev2(
    task: Task, fd: Int, vector: Pointer, count: ULong, offset: Long, high: ULong, flags: Int
) -> Result:
    """As pwritev; offset -1 is the position."""
    if flags & ~_RWF_ALL:
        return -EOPNOTSUPP
    return (
        writev(task, fd, vector, count)
        if offset == -1
        else pwritev(task, fd, vector, count, offset)
    )


@call(8, "lseek")
def lseek(task: Task, fd: Int, offset: Long, whence: UInt) -> Result:
    """Move the position."""
    number = number_of(task, fd)
    if whence > 4:
        return -EINVAL
    return kind_of(task.system.open[number]).seek(task, number, offset, whence)


# between two files


def _transfer(
    task: Task, source: int, target: int, start: int | None, end: int | None, count: int
) -> int | Blocked:
    """Copy up to `count` bytes between open files; None is the file's own position."""
    total = 0
    opened = task.system.open
    read_from, write_to = kind_of(opened[source]), kind_of(opened[target])
    while total < count:
        size = min(PIECE, count - total)
        at = None if start is None else start + total
        data = read_from.read(task, source, size, at)
        if isinstance(data, Blocked) or not data:
            return total or (data if isinstance(data, Blocked) else 0)
        to = None if end is None else end + total
        taken = write_to.write(task, target, data, to)
        if isinstance(taken, Blocked) or taken < 0:
            return total or taken
        total += taken
        if taken < len(data):
            if start is None:
                read_from.seek(task, source, taken - len(data), 1)
            break
    return total


@call(40, "sendfile")
def sendfile(task: Task, target: Int, source: Int, offset: Pointer, count: ULong) -> Result:
    """From a file to anything."""
    start = task.user.u64(offset) if offset else None
    from_number, kind = _open_for(task, source, writing=False)
    if offset and not kind.seekable:
        return -ESPIPE
    to_number, _ = _open_for(task, target, writing=True)
    if not kind.seekable or task.system.open[to_number].flags & O_APPEND:
        return -EINVAL
    if start is not None and start >> 63:
        return -EINVAL
    done = _transfer(task, from_number, to_number, start, None, min(count, MAX_RW))
    if start is not None and isinstance(done, int) and done > 0:
        task.user.put_u64(offset, start + done)
    return done


@call(326, "copy_file_range")
def copy_file_range(
    task: Task,
    source: Int,
    source_offset: Pointer,
    target: Int,
    target_offset: Pointer,
    count: ULong,
    flags: UInt,
) -> Result:
    """From a regular file to another."""
    from_number, to_number = number_of(task, source), number_of(task, target)
    start = task.user.u64(source_offset) if source_offset else None
    end = task.user.u64(target_offset) if target_offset else None
    if flags:
        return -EINVAL
    files = [task.system.open[number] for number in (from_number, to_number)]
    if any(file.kind == "directory" for file in files):
        return -EISDIR
    if any(file.kind != "regular" for file in files):
        return -EINVAL
    if not files[0].readable or not files[1].writable or files[1].flags & O_APPEND:
        return -EBADF
    done = _transfer(task, from_number, to_number, start, end, min(count, MAX_RW))
    for address, at in ((source_offset, start), (target_offset, end)):
        if address and isinstance(done, int) and done > 0:
            task.user.put_u64(address, (at or 0) + done)
    return done


# sizes and syncing


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
