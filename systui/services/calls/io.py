"""Reading and writing open files: fs/read_write.c."""

from struct import Struct

from systui.services.dispatch import Int, Long, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EBADF,
    EINVAL,
    EOPNOTSUPP,
    ESPIPE,
    Refused,
)
from systui.services.openfile import Kind, file_of, kind_of, number_of
from systui.services.ports import Blocked, UserFault
from systui.services.task import Task

MAX_RW = 0x7FFF_F000
PIECE = 1 << 20
"""Bytes moved at a time, so that a huge count needs no huge buffer."""
IOV_MAX = 1024
_IOVEC = Struct("<QQ")

Buffers = list[tuple[int, int]]


def open_for(task: Task, fd: int, writing: bool) -> tuple[int, Kind]:
    """The open file and its behaviour; Refused(EBADF) unless it is open for that."""
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
    number, kind = open_for(task, fd, writing=False)
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
    number, kind = open_for(task, fd, writing=True)
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
    open_for(task, fd, writing=False)
    return _read_into(task, fd, [(buffer, _bound(task, buffer, count))], None)


@call(1, "write")
def write(task: Task, fd: Int, buffer: Pointer, count: ULong) -> Result:
    """Write at the position."""
    open_for(task, fd, writing=True)
    return _write_from(task, fd, [(buffer, _bound(task, buffer, count))], None)


def _positioned(task: Task, fd: int, writing: bool, offset: int) -> None:
    if offset < 0:
        raise Refused(EINVAL)
    if not kind_of(file_of(task, fd)).seekable:
        raise Refused(ESPIPE)
    open_for(task, fd, writing)


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
    open_for(task, fd, writing=False)
    return _readv(task, fd, vector, count, None)


def _readv(task: Task, fd: int, vector: int, count: int, offset: int | None) -> Result:
    buffers = read_vector(task, vector, count)
    number, kind = open_for(task, fd, writing=False)
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
    open_for(task, fd, writing=True)
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
