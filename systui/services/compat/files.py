"""Files for 32-bit programs: fs/compat.c, arch/x86/kernel/sys_ia32.c."""

from struct import Struct

from systui.services.calls.paths import AT_FDCWD, open_as_asked
from systui.services.compat.dispatch import as_native, compat, scratch
from systui.services.dispatch import Result, s32, s64
from systui.services.errors import EOVERFLOW, Refused
from systui.services.task import Task

_STAT = Struct("<QQQIII4xQqqq6q24x")
"""struct stat of 64 bits: dev, ino, nlink, mode, uid, gid, rdev, size, block size and so on."""
_STAT64 = Struct("<Q4xIIIIIQ4xqIQ6IQ")
_STAT32 = Struct("<IIHHHHIIII6I8x")
_STATFS = Struct("<qqQQQQQiiqqq32x")
_STATFS64, _STATFS32 = Struct("<IIQQQQQQIII16x"), Struct("<12i16x")
_IOVEC, _IOVEC64 = Struct("<Ii"), Struct("<Qq")
_DIRENT, _DIRENT32 = Struct("<QqH"), Struct("<IIH")
_MOST_VECTORS = 1024
_GETLK, _SETLKW, _OFD_GETLK, _OFD_SETLKW = 5, 7, 36, 38
_GETLK64, _SETLKW64 = 12, 14
_FLOCK, _FLOCK32, _FLOCK64 = Struct("<hh4xqqi4x"), Struct("<hhiii"), Struct("<hhqqi")


@compat(5, "open")
def _open(task: Task, path: int, flags: int, mode: int) -> Result:
    return open_as_asked(task, AT_FDCWD, path, s32(flags), mode)


@compat(295, "openat")
def _openat(task: Task, fd: int, path: int, flags: int, mode: int) -> Result:
    return open_as_asked(task, s32(fd), path, s32(flags), mode)


@compat(54, "ioctl")
def _ioctl(task: Task, fd: int, command: int, argument: int) -> Result:
    return as_native(task, 16, fd, command, argument)


@compat(19, "lseek")
def _lseek(task: Task, fd: int, offset: int, whence: int) -> Result:
    result = as_native(task, 8, fd, s32(offset), whence)
    if isinstance(result, int) and result >= 1 << 31:
        raise Refused(EOVERFLOW)
    return result


@compat(140, "_llseek")
def _llseek(task: Task, fd: int, high: int, low: int, result: int, whence: int) -> Result:
    found = as_native(task, 8, fd, high << 32 | low, whence)
    if not isinstance(found, int) or found < 0:
        return found
    task.user.put_u64(result, found)
    return 0


# --- what a file is ------------------------------------------------------------------------------


def _stat(task: Task, number: int, *arguments: int) -> tuple[Result, tuple[int, ...]]:
    """Serve a 64-bit stat call whose buffer is its third argument's place: None stands for it."""
    kept = scratch(task).keep(bytes(_STAT.size))
    filled = [kept if each < 0 else each for each in arguments]
    return as_native(task, number, *filled), task.user.unpack(_STAT, kept)


_BUFFER = -1


def _write_stat64(task: Task, buffer: int, outcome: tuple[Result, tuple[int, ...]]) -> Result:
    result, (dev, ino, nlink, mode, uid, gid, rdev, size, block, blocks, *times) = outcome
    if result == 0:
        head = dev, ino & 0xFFFF_FFFF, mode, nlink, uid, gid, rdev, size, block, blocks
        low = [each & 0xFFFF_FFFF for each in times]
        task.user.write(buffer, _STAT64.pack(*head, *low, ino))
    return result


@compat(195, "stat64")
def _stat64(task: Task, path: int, buffer: int) -> Result:
    return _write_stat64(task, buffer, _stat(task, 4, path, _BUFFER))


@compat(196, "lstat64")
def _lstat64(task: Task, path: int, buffer: int) -> Result:
    return _write_stat64(task, buffer, _stat(task, 6, path, _BUFFER))


@compat(197, "fstat64")
def _fstat64(task: Task, fd: int, buffer: int) -> Result:
    return _write_stat64(task, buffer, _stat(task, 5, fd, _BUFFER))


@compat(300, "fstatat64")
def _fstatat64(task: Task, fd: int, path: int, buffer: int, flags: int) -> Result:
    return _write_stat64(task, buffer, _stat(task, 262, fd, path, _BUFFER, flags))


def _write_stat32(task: Task, buffer: int, outcome: tuple[Result, tuple[int, ...]]) -> Result:
    result, (dev, ino, nlink, mode, uid, gid, rdev, size, block, blocks, *times) = outcome
    if result != 0:
        return result
    if size >= 1 << 31:
        raise Refused(EOVERFLOW)
    ids = (each & 0xFFFF for each in (mode, nlink, uid, gid))
    low = [each & 0xFFFF_FFFF for each in (rdev, size, block, blocks, *times)]
    task.user.write(buffer, _STAT32.pack(dev & 0xFFFF_FFFF, ino & 0xFFFF_FFFF, *ids, *low))
    return 0


@compat(106, "stat")
def _newstat(task: Task, path: int, buffer: int) -> Result:
    return _write_stat32(task, buffer, _stat(task, 4, path, _BUFFER))


@compat(107, "lstat")
def _newlstat(task: Task, path: int, buffer: int) -> Result:
    return _write_stat32(task, buffer, _stat(task, 6, path, _BUFFER))


@compat(108, "fstat")
def _newfstat(task: Task, fd: int, buffer: int) -> Result:
    return _write_stat32(task, buffer, _stat(task, 5, fd, _BUFFER))


def _statfs(task: Task, number: int, subject: int, size: int, buffer: int) -> Result:
    kept = scratch(task).keep(bytes(_STATFS.size))
    result = as_native(task, number, subject, kept)
    if result == 0:
        kind, block, *amounts, _one, _other, length, fragment, flags = task.user.unpack(
            _STATFS, kept
        )
        data = _STATFS64.pack(kind, block, *amounts, 0, length, fragment, flags)
        task.user.write(buffer, data[:size])
    return result


def _old_statfs(task: Task, number: int, subject: int, buffer: int) -> Result:
    kept = scratch(task).keep(bytes(_STATFS.size))
    result = as_native(task, number, subject, kept)
    if result == 0:
        kind, block, *amounts, one, other, length, fragment, flags = task.user.unpack(_STATFS, kept)
        if any(each >> 32 for each in amounts):
            raise Refused(EOVERFLOW)
        values = (kind, block, *amounts, one, other, length, fragment, flags)
        task.user.write(buffer, _STATFS32.pack(*map(s32, values)))
    return result


@compat(99, "statfs")
def _statfs32(task: Task, path: int, buffer: int) -> Result:
    return _old_statfs(task, 137, path, buffer)


@compat(100, "fstatfs")
def _fstatfs32(task: Task, fd: int, buffer: int) -> Result:
    return _old_statfs(task, 138, fd, buffer)


@compat(268, "statfs64")
def _statfs64(task: Task, path: int, size: int, buffer: int) -> Result:
    return _statfs(task, 137, path, size, buffer)


@compat(269, "fstatfs64")
def _fstatfs64(task: Task, fd: int, size: int, buffer: int) -> Result:
    return _statfs(task, 138, fd, size, buffer)


# --- bytes ---------------------------------------------------------------------------------------


@compat(145, "readv")
def _readv(task: Task, fd: int, vector: int, count: int) -> Result:
    return as_native(task, 19, fd, vectors(task, vector, count), count)


@compat(146, "writev")
def _writev(task: Task, fd: int, vector: int, count: int) -> Result:
    return as_native(task, 20, fd, vectors(task, vector, count), count)


@compat(333, "preadv")
def _preadv(task: Task, fd: int, vector: int, count: int, low: int, high: int) -> Result:
    return as_native(task, 295, fd, vectors(task, vector, count), count, high << 32 | low, 0)


@compat(334, "pwritev")
def _pwritev(task: Task, fd: int, vector: int, count: int, low: int, high: int) -> Result:
    return as_native(task, 296, fd, vectors(task, vector, count), count, high << 32 | low, 0)


def _offset(low: int, high: int) -> int:
    """A loff_t in two words; -1 stands for the position."""
    return s64(high << 32 | low)


@compat(378, "preadv2")
def _preadv2(
    task: Task, fd: int, vector: int, count: int, low: int, high: int, flags: int
) -> Result:
    kept = vectors(task, vector, count)
    return as_native(task, 327, fd, kept, count, _offset(low, high), 0, flags)


@compat(379, "pwritev2")
def _pwritev2(
    task: Task, fd: int, vector: int, count: int, low: int, high: int, flags: int
) -> Result:
    kept = vectors(task, vector, count)
    return as_native(task, 328, fd, kept, count, _offset(low, high), 0, flags)


def vectors(task: Task, vector: int, count: int) -> int:
    """An array of compat_iovec in its 64-bit form; where it lies."""
    if count > _MOST_VECTORS:
        return vector
    raw = task.user.read(vector, count * _IOVEC.size)
    return scratch(task).keep(b"".join(_IOVEC64.pack(*each) for each in _IOVEC.iter_unpack(raw)))


@compat(180, "pread64")
def _pread64(task: Task, fd: int, buffer: int, count: int, low: int, high: int) -> Result:
    return as_native(task, 17, fd, buffer, count, high << 32 | low)


@compat(181, "pwrite64")
def _pwrite64(task: Task, fd: int, buffer: int, count: int, low: int, high: int) -> Result:
    return as_native(task, 18, fd, buffer, count, high << 32 | low)


@compat(92, "truncate")
def _truncate(task: Task, path: int, length: int) -> Result:
    return as_native(task, 76, path, s32(length))


@compat(93, "ftruncate")
def _ftruncate(task: Task, fd: int, length: int) -> Result:
    return as_native(task, 77, fd, s32(length))


@compat(193, "truncate64")
def _truncate64(task: Task, path: int, low: int, high: int) -> Result:
    return as_native(task, 76, path, high << 32 | low)


@compat(194, "ftruncate64")
def _ftruncate64(task: Task, fd: int, low: int, high: int) -> Result:
    return as_native(task, 77, fd, high << 32 | low)


@compat(225, "readahead")
def _readahead(task: Task, fd: int, low: int, high: int, count: int) -> Result:
    return as_native(task, 187, fd, high << 32 | low, count)


@compat(250, "fadvise64")
def _fadvise64(task: Task, fd: int, low: int, high: int, size: int, advice: int) -> Result:
    return as_native(task, 221, fd, high << 32 | low, size, advice)


@compat(272, "fadvise64_64")
def _fadvise64_64(
    task: Task, fd: int, low: int, high: int, size_low: int, size_high: int, advice: int
) -> Result:
    return as_native(task, 221, fd, high << 32 | low, size_high << 32 | size_low, advice)


@compat(324, "fallocate")
def _fallocate(
    task: Task, fd: int, mode: int, low: int, high: int, size_low: int, size_high: int
) -> Result:
    return as_native(task, 285, fd, mode, high << 32 | low, size_high << 32 | size_low)


@compat(187, "sendfile")
def _sendfile(task: Task, to: int, source: int, offset: int, count: int) -> Result:
    if not offset:
        return as_native(task, 40, to, source, 0, count)
    kept = scratch(task).keep(task.user.s32(offset).to_bytes(8, "little", signed=True))
    result = as_native(task, 40, to, source, kept, count)
    task.user.put_u32(offset, task.user.u64(kept))
    return result


@compat(141, "getdents")
def _getdents(task: Task, fd: int, buffer: int, count: int) -> Result:
    """Entries of 64 bits are never shorter than those of 32: what fits so fits."""
    kept = scratch(task).keep(bytes(min(count, 1 << 20)))
    result = as_native(task, 78, fd, kept, count)
    if not isinstance(result, int) or result <= 0:
        return result
    entries = b"".join(_entries(task.user.read(kept, result)))
    task.user.write(buffer, entries)
    return len(entries)


def _entries(raw: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(raw):
        ino, offset, size = _DIRENT.unpack_from(raw, at)
        name = raw[at + _DIRENT.size : at + size - 1].split(b"\0")[0]
        length = (_DIRENT32.size + len(name) + 2 + 3) & -4
        head = _DIRENT32.pack(ino & 0xFFFF_FFFF, offset & 0xFFFF_FFFF, length)
        found.append((head + name).ljust(length - 1, b"\0") + raw[at + size - 1 : at + size])
        at += size
    return found


@compat(55, "fcntl")
def _fcntl(task: Task, fd: int, command: int, argument: int) -> Result:
    return _fcntl64(task, fd, command, argument)


@compat(221, "fcntl64")
def _fcntl64(task: Task, fd: int, command: int, argument: int) -> Result:
    if _GETLK <= command <= _SETLKW:
        return _lock(task, fd, command, argument, _FLOCK32)
    if _GETLK64 <= command <= _SETLKW64:
        return _lock(task, fd, command - _GETLK64 + _GETLK, argument, _FLOCK64)
    if _OFD_GETLK <= command <= _OFD_SETLKW:
        return _lock(task, fd, command, argument, _FLOCK64)
    return as_native(task, 72, fd, command, argument)


def _lock(task: Task, fd: int, command: int, argument: int, layout: Struct) -> Result:
    kept = scratch(task).keep(_FLOCK.pack(*task.user.unpack(layout, argument)))
    result = as_native(task, 72, fd, command, kept)
    if result == 0 and command in (_GETLK, _OFD_GETLK):
        task.user.write(argument, layout.pack(*task.user.unpack(_FLOCK, kept)))
    return result
