"""Sockets for 32-bit programs: socketcall, and messages with 32-bit headers (net/compat.c)."""

from struct import Struct

from systui.services.compat.dispatch import as_native, compat, scratch
from systui.services.compat.files import vectors
from systui.services.dispatch import Result
from systui.services.errors import EINVAL, EMSGSIZE, ENOSYS, Refused
from systui.services.mmsg import MSG_WAITFORONE, several
from systui.services.sockets import MSG_DONTWAIT
from systui.services.task import Task

_CALLS: dict[int, tuple[int, int]] = {
    1: (41, 3),
    2: (49, 3),
    3: (42, 3),
    4: (50, 2),
    5: (43, 3),
    6: (51, 3),
    7: (52, 3),
    8: (53, 4),
    11: (44, 6),
    12: (45, 6),
    13: (48, 2),
    18: (288, 4),
}
"""Sub-calls that are a 64-bit call: its number, and how many arguments there are."""
_SEND, _RECV, _SETSOCKOPT, _GETSOCKOPT, _SENDMSG, _RECVMSG = 9, 10, 14, 15, 16, 17
_SOL_SOCKET, _TIMEOUTS = 1, (20, 21)
_TIMEVAL, _TIMEVAL64 = Struct("<ii"), Struct("<qq")
_HEADER, _HEADER64 = Struct("<IIIIIII"), Struct("<QI4xQQQQI4x")
_CONTROL, _CONTROL64 = Struct("<Iii"), Struct("<Qii")
_MOST_CONTROL = 4096
_LENGTH = 4


@compat(102, "socketcall")
def _socketcall(task: Task, call: int, arguments: int) -> Result:
    if call == _SETSOCKOPT:
        return _setsockopt(task, *_words(task, arguments, 5))
    if call == _GETSOCKOPT:
        return _getsockopt(task, *_words(task, arguments, 5))
    if call in _CALLS:
        number, count = _CALLS[call]
        return as_native(task, number, *_words(task, arguments, count))
    if call == _SEND:
        return as_native(task, 44, *_words(task, arguments, 4), 0, 0)
    if call == _RECV:
        return as_native(task, 45, *_words(task, arguments, 4), 0, 0)
    if call == _SENDMSG:
        return _sendmsg(task, *_words(task, arguments, 3))
    if call == _RECVMSG:
        return _recvmsg(task, *_words(task, arguments, 3))
    raise Refused(ENOSYS if 1 <= call <= 20 else EINVAL)


def _words(task: Task, address: int, count: int) -> tuple[int, ...]:
    return task.user.unpack(Struct(f"<{count}I"), address)


@compat(366, "setsockopt")
def _setsockopt(task: Task, fd: int, level: int, name: int, value: int, size: int) -> Result:
    """Timeouts are two words of the program's, twice as long here."""
    if level == _SOL_SOCKET and name in _TIMEOUTS and size >= _TIMEVAL.size:
        value = scratch(task).keep(_TIMEVAL64.pack(*task.user.unpack(_TIMEVAL, value)))
        size = _TIMEVAL64.size
    return as_native(task, 54, fd, level, name, value, size)


@compat(365, "getsockopt")
def _getsockopt(task: Task, fd: int, level: int, name: int, value: int, size: int) -> Result:
    if level != _SOL_SOCKET or name not in _TIMEOUTS:
        return as_native(task, 55, fd, level, name, value, size)
    kept = scratch(task).keep(bytes(_TIMEVAL64.size))
    length = scratch(task).keep(_TIMEVAL64.size.to_bytes(4, "little"))
    result = as_native(task, 55, fd, level, name, kept, length)
    if result == 0:
        data = _TIMEVAL.pack(*task.user.unpack(_TIMEVAL64, kept))[: task.user.u32(size)]
        task.user.write(value, data)
        task.user.put_u32(size, len(data))
    return result


@compat(371, "recvfrom")
def _recvfrom(
    task: Task, fd: int, buffer: int, size: int, flags: int, name: int, length: int
) -> Result:
    return as_native(task, 45, fd, buffer, size, flags, name, length)


@compat(370, "sendmsg")
def _sendmsg(task: Task, fd: int, message: int, flags: int) -> Result:
    name, length, vector, count, control, size, kept = task.user.unpack(_HEADER, message)
    if count > 1024:
        raise Refused(EMSGSIZE)
    data = _widened(task.user.read(control, min(size, _MOST_CONTROL))) if control else b""
    header = _HEADER64.pack(
        *(name, length, vectors(task, vector, count), count),
        *(scratch(task).keep(data) if data else 0, len(data), kept),
    )
    return as_native(task, 46, fd, scratch(task).keep(header), flags)


@compat(372, "recvmsg")
def _recvmsg(task: Task, fd: int, message: int, flags: int) -> Result:
    name, length, vector, count, control, size, _flags = task.user.unpack(_HEADER, message)
    if count > 1024:
        raise Refused(EMSGSIZE)
    room = min(size, _MOST_CONTROL) * 2 if control else 0
    kept = scratch(task).keep(bytes(room))
    header = scratch(task).keep(
        _HEADER64.pack(name, length, vectors(task, vector, count), count, kept, room, 0)
    )
    result = as_native(task, 47, fd, header, flags)
    if isinstance(result, int) and result >= 0:
        _name, length, _vector, _count, _control, used, told = task.user.unpack(_HEADER64, header)
        data = _narrowed(task.user.read(kept, used))[:size]
        task.user.write(control, data)
        task.user.write(
            message, _HEADER.pack(name, length, vector, count, control, len(data), told)
        )
    return result


def _widened(raw: bytes) -> bytes:
    """Control messages in their 64-bit form: a longer head, and padding to eight bytes."""
    found, at = b"", 0
    while at + _CONTROL.size <= len(raw):
        size, level, kind = _CONTROL.unpack_from(raw, at)
        if size < _CONTROL.size or at + size > len(raw):
            raise Refused(EINVAL)
        body = raw[at + _CONTROL.size : at + size]
        piece = _CONTROL64.pack(_CONTROL64.size + len(body), level, kind) + body
        found += piece.ljust(len(piece) + 7 & -8, b"\0")
        at += size + 3 & -4
    return found


def _narrowed(raw: bytes) -> bytes:
    """The other way round."""
    found, at = b"", 0
    while at + _CONTROL64.size <= len(raw):
        size, level, kind = _CONTROL64.unpack_from(raw, at)
        if size < _CONTROL64.size:
            break
        body = raw[at + _CONTROL64.size : at + size]
        piece = _CONTROL.pack(_CONTROL.size + len(body), level, kind) + body
        found += piece.ljust(len(piece) + 3 & -4, b"\0")
        at += size + 7 & -8
    return found


# --- several messages ----------------------------------------------------------------------------


@compat(345, "sendmmsg")
def _sendmmsg(task: Task, fd: int, vector: int, count: int, flags: int) -> Result:
    return several(task, _sendmsg, fd, _headers(vector, count), _HEADER.size, (flags, flags))


@compat(337, "recvmmsg")
def _recvmmsg(task: Task, fd: int, vector: int, count: int, flags: int, _time: int) -> Result:
    flags &= ~MSG_WAITFORONE
    headers = _headers(vector, count)
    return several(task, _recvmsg, fd, headers, _HEADER.size, (flags, flags | MSG_DONTWAIT))


@compat(417, "recvmmsg_time64")
def _recvmmsg_time64(task: Task, fd: int, vector: int, count: int, flags: int, time: int) -> Result:
    return _recvmmsg(task, fd, vector, count, flags, time)


def _headers(vector: int, count: int) -> range:
    """Where those of struct compat_mmsghdr begin."""
    size = _HEADER.size + _LENGTH
    return range(vector, vector + size * count, size)
