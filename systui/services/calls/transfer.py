"""From one open file to another: fs/splice.c, fs/read_write.c."""

from systui.services.calls.io import MAX_RW, PIECE, open_for
from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EBADF,
    EINVAL,
    EISDIR,
    EOVERFLOW,
    ESPIPE,
)
from systui.services.openfile import O_APPEND, kind_of, number_of
from systui.services.ports import Blocked
from systui.services.task import Task


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
    from_number, kind = open_for(task, source, writing=False)
    if offset and not kind.seekable:
        return -ESPIPE
    to_number, _ = open_for(task, target, writing=True)
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
    given = [at for at in (start, end) if at is not None]
    if any(at + count >> 64 for at in given):
        return -EOVERFLOW
    if any(at >> 63 for at in given):
        return -EINVAL
    done = _transfer(task, from_number, to_number, start, end, min(count, MAX_RW))
    for address, at in ((source_offset, start), (target_offset, end)):
        if address and isinstance(done, int) and done > 0:
            task.user.put_u64(address, (at or 0) + done)
    return done
