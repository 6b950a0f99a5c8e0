"""Descriptors: close, dup, fcntl, ioctl, pipes (fs/file.c, fs/fcntl.c, fs/ioctl.c)."""

from struct import Struct

from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import EBADF, EINVAL, Refused
from systui.services.openfile import (
    MAX_OPEN,
    O_APPEND,
    O_ASYNC,
    O_CLOEXEC,
    O_DIRECT,
    O_NOATIME,
    O_NONBLOCK,
    O_PATH,
    OpenFile,
    close,
    file_of,
    install,
    kind_of,
    number_of,
    open_new,
    place,
    raw_number_of,
)
from systui.services.task import Task

_CLOEXEC_FD = 1
_SETTABLE = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | O_ASYNC


@call(3, "close")
def close_call(task: Task, fd: Int) -> Result:
    """Free a descriptor."""
    close(task, fd)
    return 0


@call(436, "close_range")
def close_range(task: Task, first: UInt, last: UInt, flags: UInt) -> Result:
    """Close, or mark close-on-exec, all of a range."""
    if flags & ~6 or first > last:
        return -EINVAL
    for fd in sorted(task.descriptors):
        if first <= fd <= last:
            if flags & 4:
                _set_cloexec(task, fd, True)
            else:
                close(task, fd)
    return 0


def _set_cloexec(task: Task, fd: int, on: bool) -> None:
    task.descriptors = task.descriptors.set(fd, task.descriptors[fd]._replace(cloexec=on))


@call(32, "dup")
def dup(task: Task, fd: Int) -> Result:
    """The same open file under the lowest free descriptor."""
    return install(task, raw_number_of(task, fd), cloexec=False)


def _dup_to(task: Task, old: int, new: int, cloexec: bool) -> int:
    if new < 0 or new >= min(task.limit_of("nofile"), MAX_OPEN):
        raise Refused(EBADF)
    number = raw_number_of(task, old)
    task.system.open.hold(number)
    if new in task.descriptors:
        close(task, new)
    place(task, new, number, cloexec)
    task.system.open.let_go(task, number)
    return new


@call(33, "dup2")
def dup2(task: Task, old: Int, new: Int) -> Result:
    """The same open file under `new`."""
    if old == new:
        raw_number_of(task, old)
        return new
    return _dup_to(task, old, new, cloexec=False)


@call(292, "dup3")
def dup3(task: Task, old: Int, new: Int, flags: Int) -> Result:
    """As dup2 with flags, and EINVAL for the same."""
    if flags & ~O_CLOEXEC or old == new:
        return -EINVAL
    return _dup_to(task, old, new, bool(flags))


# fcntl

_DUPFD, _GETFD, _SETFD, _GETFL, _SETFL, _GETLK, _SETLK, _SETLKW = range(8)
_SETOWN, _GETOWN = 8, 9
_OFD_GETLK, _OFD_SETLK, _OFD_SETLKW = 36, 37, 38
_DUPFD_CLOEXEC, _SETPIPE_SZ, _GETPIPE_SZ = 1030, 1031, 1032
_FLOCK = Struct("<hh4xqqi4x")
_F_RDLCK, _F_WRLCK, _F_UNLCK = 0, 1, 2


@call(72, "fcntl")
def fcntl(task: Task, fd: Int, command: UInt, argument: ULong) -> Result:
    """Descriptor flags, file flags, duplicates, locks."""
    number = raw_number_of(task, fd)
    file = task.system.open[number]
    if file.flags & O_PATH and command not in {_DUPFD, _GETFD, _SETFD, _GETFL, _DUPFD_CLOEXEC}:
        return -EBADF
    if command in {_DUPFD, _DUPFD_CLOEXEC}:
        return _dup_from(task, number, argument, command == _DUPFD_CLOEXEC)
    if command == _GETFD:
        return int(task.descriptors[fd].cloexec)
    if command == _SETFD:
        _set_cloexec(task, fd, bool(argument & _CLOEXEC_FD))
        return 0
    if command == _GETFL:
        return file.flags
    if command == _SETFL:
        flags = file.flags & ~_SETTABLE | argument & _SETTABLE
        task.system.open.update(number, flags=flags)
        return 0
    if command in {_GETLK, _SETLK, _SETLKW, _OFD_GETLK, _OFD_SETLK, _OFD_SETLKW}:
        return _lock(task, file, command, argument)
    return _rare(task, file, command)


def _dup_from(task: Task, number: int, start: int, cloexec: bool) -> int:
    start &= 0xFFFF_FFFF
    if start >= min(task.limit_of("nofile"), MAX_OPEN):
        raise Refused(EINVAL)
    return install(task, number, cloexec, start)


def _rare(task: Task, file: OpenFile, command: int) -> int:
    if command in {_SETPIPE_SZ, _GETPIPE_SZ}:
        if kind_of(file).view != 4:
            raise Refused(EBADF)
        return 65536
    if command in {_SETOWN, _GETOWN}:
        return 0
    raise Refused(EINVAL)


def _lock(task: Task, file: OpenFile, command: int, address: int) -> int:
    """Record locks: with one process nobody is ever in the way."""
    kind, whence, start, length, pid = task.user.unpack(_FLOCK, address)
    if whence not in {0, 1, 2} or kind not in {_F_RDLCK, _F_WRLCK, _F_UNLCK}:
        raise Refused(EINVAL)
    if command in {_GETLK, _OFD_GETLK}:
        if kind == _F_UNLCK:
            raise Refused(EINVAL)
        task.user.write(address, _FLOCK.pack(_F_UNLCK, whence, start, length, pid))
    elif (kind == _F_RDLCK and not file.readable) or (kind == _F_WRLCK and not file.writable):
        raise Refused(EBADF)
    return 0


@call(73, "flock")
def flock(task: Task, fd: Int, operation: UInt) -> Result:
    """Whole-file locks; nobody is in the way."""
    if operation & ~4 not in {1, 2, 8}:
        return -EINVAL
    file_of(task, fd)
    return 0


# ioctl

_FIONCLEX, _FIOCLEX, _FIONBIO = 0x5450, 0x5451, 0x5421


@call(16, "ioctl")
def ioctl(task: Task, fd: Int, request: UInt, argument: ULong) -> Result:
    """What every file knows, then what its kind does."""
    number = number_of(task, fd)
    file = task.system.open[number]
    if request in {_FIOCLEX, _FIONCLEX}:
        _set_cloexec(task, fd, request == _FIOCLEX)
        return 0
    if request == _FIONBIO:
        on = task.user.u32(argument)
        flags = file.flags | O_NONBLOCK if on else file.flags & ~O_NONBLOCK
        task.system.open.update(number, flags=flags)
        return 0
    return kind_of(file).ioctl(task, number, request, argument)


# pipes


@call(22, "pipe")
def pipe(task: Task, pair: Pointer) -> Result:
    """A pipe."""
    return pipe2(task, pair, 0)


@call(293, "pipe2")
def pipe2(task: Task, pair: Pointer, flags: Int) -> Result:
    """A pipe, with flags."""
    from systui.services.pipes import make

    if flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT):
        return -EINVAL
    ends = make(task, flags & ~O_CLOEXEC)
    fds = [open_new(task, end, bool(flags & O_CLOEXEC)) for end in ends]
    task.user.write(pair, Struct("<ii").pack(*fds))
    return 0
