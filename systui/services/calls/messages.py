"""Sending and receiving on sockets: net/socket.c."""

from struct import Struct

from systui.services import sockets as net
from systui.services.calls.io import IOV_MAX, PIECE, read_vector
from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EINVAL,
    EISCONN,
    EMSGSIZE,
    EOPNOTSUPP,
    Refused,
)
from systui.services.mmsg import MSG_WAITFORONE, several
from systui.services.ports import Blocked
from systui.services.socketfile import receive, send
from systui.services.socketnames import (
    LARGEST_NAME,
    packed,
    read_name,
    socket_of,
    target,
    write_name,
)
from systui.services.sockets import AF_INET, AF_UNIX, Name, Socket
from systui.services.task import Task
from systui.services.user import UserMemory


def _destination(task: Task, found: Socket, raw: bytes) -> Name | None:
    """Where a message shall go; None for the peer."""
    if not raw:
        return None
    if found.connection_based:
        if found.family == AF_UNIX:
            raise Refused(EISCONN if found.connected else EOPNOTSUPP)
        return None
    return target(task, found, raw)


def _send(task: Task, fd: int, data: bytes, flags: int, raw: bytes) -> Result:
    file, number = socket_of(task, fd)
    found = net.get(task.system, number)
    if flags & 1:
        return -EOPNOTSUPP
    waits = not (file.nonblocking or flags & net.MSG_DONTWAIT)
    return send(task, number, data, flags, waits, _destination(task, found, raw))


def _outgoing(task: Task, fd: int, size: int) -> int:
    """How many bytes to take from the program: no more than could go anyway."""
    _, number = socket_of(task, fd)
    found = net.get(task.system, number)
    largest = net.MAX_DATAGRAM if found.family == AF_INET else net.BUFFER
    if size > largest and not found.stream:
        raise Refused(EMSGSIZE)
    return min(size, net.BUFFER)


@call(44, "sendto")
def sendto(
    task: Task, fd: Int, buffer: Pointer, size: ULong, flags: UInt, address: Pointer, length: Int
) -> Result:
    """Send, to a name or to the peer."""
    task.user.check_range(buffer, min(size, 0x7FFF_F000))
    socket_of(task, fd)
    raw = read_name(task, address, length) if address else b""
    taken = _outgoing(task, fd, size)
    return _send(task, fd, task.user.read(buffer, taken), flags, raw)


def _incoming(
    task: Task, fd: int, size: int, flags: int
) -> tuple[net.Message | None, Blocked | None]:
    file, number = socket_of(task, fd)
    waits = not (file.nonblocking or flags & net.MSG_DONTWAIT)
    if flags & 1:
        raise Refused(EINVAL)
    got = receive(task, number, size, flags, waits)
    return (None, got) if isinstance(got, Blocked) else (got, None)


@call(45, "recvfrom")
def recvfrom(
    task: Task,
    fd: Int,
    buffer: Pointer,
    size: ULong,
    flags: UInt,
    address: Pointer,
    length: Pointer,
) -> Result:
    """Receive, and who sent it."""
    task.user.check_range(buffer, min(size, 0x7FFF_F000))
    _, number = socket_of(task, fd)
    got, waiting = _incoming(task, fd, min(size, PIECE), flags)
    if waiting is not None:
        return waiting
    if got is None:
        return 0
    data = got.data[:size]
    task.user.write(buffer, data)
    found = net.get(task.system, number)
    if address:
        raw = b"" if found.connection_based else packed(found.family, got.source)
        write_name(task, raw, address, length)
    return len(got.data) if flags & net.MSG_TRUNC and not found.stream else len(data)


_MSGHDR = Struct("<QI4xQQQQi4x")


class _Header:
    """A struct msghdr of the program."""

    def __init__(self, user: UserMemory, address: int) -> None:
        self.address = address
        values = user.unpack(_MSGHDR, address)
        self.name, self.name_size, self.vector, self.count = values[:4]
        self.control, self.control_size = values[4:6]
        if self.name_size >> 31:
            raise Refused(EINVAL)
        if not self.name:
            self.name_size = 0
        self.name_size = min(self.name_size, LARGEST_NAME)
        if self.count > IOV_MAX:
            raise Refused(EMSGSIZE)


@call(46, "sendmsg")
def sendmsg(task: Task, fd: Int, header: Pointer, flags: UInt) -> Result:
    """Send a gathered message. Ancillary data is not served."""
    socket_of(task, fd)
    message = _Header(task.user, header)
    raw = read_name(task, message.name, message.name_size) if message.name else b""
    buffers = read_vector(task, message.vector, message.count)
    if message.control and message.control_size:
        return -EOPNOTSUPP
    left = _outgoing(task, fd, sum(size for _, size in buffers))
    data = b""
    for base, size in buffers:
        data += task.user.read(base, min(size, left - len(data)))
    return _send(task, fd, data, flags, raw)


@call(47, "recvmsg")
def recvmsg(task: Task, fd: Int, header: Pointer, flags: UInt) -> Result:
    """Receive, scattered."""
    _, number = socket_of(task, fd)
    message = _Header(task.user, header)
    buffers = read_vector(task, message.vector, message.count)
    room = sum(size for _, size in buffers)
    got, waiting = _incoming(task, fd, min(room, PIECE), flags)
    if waiting is not None:
        return waiting
    data = b"" if got is None else got.data
    done = 0
    for base, size in buffers:
        task.user.write(base, data[done : done + size])
        done += min(size, len(data) - done)
    found = net.get(task.system, number)
    if message.name and got is not None:
        raw = b"" if found.connection_based else packed(found.family, got.source)
        task.user.write(message.name, raw[: message.name_size])
        task.user.put_u32(header + 8, len(raw))
    cut = not found.stream and len(data) > room
    task.user.put_u64(header + 40, 0)
    task.user.put_u32(header + 48, net.MSG_TRUNC if cut else 0)
    return len(data) if cut and flags & net.MSG_TRUNC else done


_MMSG = 64


@call(307, "sendmmsg")
def sendmmsg(task: Task, fd: Int, vector: Pointer, count: UInt, flags: UInt) -> Result:
    """Several messages; how many went."""
    headers = range(vector, vector + _MMSG * count, _MMSG)
    return several(task, sendmsg, fd, headers, _MSGHDR.size, (flags, flags))


@call(299, "recvmmsg")
def recvmmsg(
    task: Task, fd: Int, vector: Pointer, count: UInt, flags: UInt, timeout: Pointer
) -> Result:
    """Several messages; how many came."""
    flags &= ~MSG_WAITFORONE
    headers = range(vector, vector + _MMSG * count, _MMSG)
    return several(task, recvmsg, fd, headers, _MSGHDR.size, (flags, flags | net.MSG_DONTWAIT))
