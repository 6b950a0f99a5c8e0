"""What goes through sockets: sending, receiving, and sockets as open files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.services.errors import (
    EAGAIN,
    ECONNREFUSED,
    ECONNRESET,
    EDESTADDRREQ,
    EINVAL,
    EMSGSIZE,
    ENOTCONN,
    ENOTTY,
    EPIPE,
    ERESTARTSYS,
    Refused,
)
from systui.services.nodes import S_IFSOCK, SOCKET_DEVICE, Key, Node
from systui.services.openfile import (
    KINDS,
    POLLERR,
    POLLHUP,
    POLLRDHUP,
    READABLE,
    WRITABLE,
    Kind,
    OpenFile,
)
from systui.services.ports import Blocked, DescriptorView
from systui.services.signals import SIGPIPE
from systui.services.sockets import (
    AF_INET,
    AF_UNIX,
    BUFFER,
    FIONREAD,
    MAX_DATAGRAM,
    MSG_NOSIGNAL,
    MSG_PEEK,
    MSG_WAITALL,
    SO_RCVTIMEO,
    Message,
    Name,
    Socket,
    autobind,
    bound_to,
    close,
    get,
    option_key,
    update,
)
from systui.services.words import waits_for_peer, waits_for_socket_data

if TYPE_CHECKING:
    from systui.services.system import System
    from systui.services.task import Task

# sending


def send(
    task: Task, number: int, data: bytes, flags: int, waits: bool, name: Name | None
) -> int | Blocked:
    """Send on a socket; how much went, -EPIPE with its signal, or Blocked."""
    task.system.check_buffers()
    socket = get(task.system, number)
    if socket.error:
        update(task.system, number, error=0)
        return -(EPIPE if socket.error == ECONNRESET and socket.connection_based else socket.error)
    if socket.connection_based:
        return _send_stream(task, number, socket, data, flags, waits)
    return _send_datagram(task.system, number, socket, data, name, waits)


def _broken(task: Task, flags: int) -> int:
    if not flags & MSG_NOSIGNAL:
        task.send(SIGPIPE)
    return -EPIPE


def _send_stream(
    task: Task, number: int, socket: Socket, data: bytes, flags: int, waits: bool
) -> int | Blocked:
    system = task.system
    if not socket.connected:
        if socket.family == AF_UNIX and not socket.shut_write:
            raise Refused(ENOTCONN)
        return _broken(task, flags)
    if socket.shut_write:
        return _broken(task, flags)
    if not socket.peer:
        if socket.family == AF_INET and socket.announced:
            update(system, number, announced=False, error=ECONNRESET)
            return len(data)
        return _broken(task, flags)
    other = get(system, socket.peer)
    room = BUFFER - other.waiting
    if (len(data) > room and not socket.stream) or (data and room <= 0):
        if len(data) > BUFFER and not socket.stream:
            raise Refused(EMSGSIZE)
        return _full(waits)
    taken = data[: max(0, room)]
    if other.shut_read:
        return len(taken)
    if socket.stream:
        update(system, socket.peer, data=other.data + taken)
    else:
        messages = (*other.messages, Message(taken, socket.name))
        update(system, socket.peer, messages=messages)
    return len(taken)


def _full(waits: bool) -> Blocked:
    if not waits:
        raise Refused(EAGAIN)
    return Blocked(waits_for_peer())


def _send_datagram(
    system: System, number: int, socket: Socket, data: bytes, name: Name | None, waits: bool
) -> int | Blocked:
    if socket.shut_write:
        raise Refused(EPIPE)
    if name is None and not socket.connected:
        raise Refused(EDESTADDRREQ if socket.family == AF_INET else ENOTCONN)
    limit = MAX_DATAGRAM if socket.family == AF_INET else BUFFER
    if len(data) > limit:
        raise Refused(EMSGSIZE)
    autobind(system, number)
    target = _receiver(system, get(system, number), name)
    if target is None:
        return _undelivered(system, number, socket, len(data))
    other = get(system, target)
    if other.waiting + len(data) > BUFFER or len(other.messages) >= 1024:
        return len(data) if socket.family == AF_INET else _full(waits)
    source = get(system, number).name
    if source and source[0] == "inet" and not source[1]:
        source = ("inet", 0x7F000001, source[2])
    update(system, target, messages=(*other.messages, Message(data, source)))
    return len(data)


def _receiver(system: System, socket: Socket, name: Name | None) -> int | None:
    if name is None and socket.peer:
        return socket.peer
    found = bound_to(system, socket.family, socket.type, socket.peer_name if name is None else name)
    return found[-1] if found else None


def _undelivered(system: System, number: int, socket: Socket, size: int) -> int:
    """Nobody is there: UDP learns it later, if it is connected; AF_UNIX at once."""
    if socket.family == AF_UNIX:
        raise Refused(ECONNREFUSED)
    if socket.connected:
        update(system, number, error=ECONNREFUSED)
    return size


# receiving


def receive(
    task: Task, number: int, size: int, flags: int, waits: bool
) -> Message | Blocked | None:
    """What came: a message (a stream's have no source), None at the end, or Blocked."""
    system = task.system
    socket = get(system, number)
    if socket.connection_based and not (socket.connected or socket.ended):
        if socket.family == AF_INET and not socket.shut_read:
            raise Refused(ENOTCONN)
        if socket.family == AF_UNIX:
            raise Refused(EINVAL if socket.stream else ENOTCONN)
    if socket.stream:
        ready = len(socket.data) >= (max(1, size) if flags & MSG_WAITALL else 1)
        if socket.data and (ready or socket.ended or not waits or socket.shut_read):
            return _take_stream(system, number, socket, size, flags)
    elif socket.messages:
        return _take_message(system, number, socket, flags)
    if socket.error:
        update(system, number, error=0)
        raise Refused(socket.error, keep=True)
    if socket.shut_read or socket.ended:
        return None
    return _nothing(task, socket, waits)


def _nothing(task: Task, socket: Socket, waits: bool) -> Blocked | None:
    if not waits:
        raise Refused(EAGAIN)
    timeout = socket.options.get(option_key(*SO_RCVTIMEO))
    if timeout and any(timeout):
        seconds = int.from_bytes(timeout[:8], "little")
        micro = int.from_bytes(timeout[8:16], "little")
        outcome = task.wait(task.deadline_in(seconds * 10**9 + micro * 1000))
        raise Refused(ERESTARTSYS if outcome == "signal" else EAGAIN, keep=True)
    return Blocked(waits_for_socket_data())


def _take_stream(system: System, number: int, socket: Socket, size: int, flags: int) -> Message:
    if not flags & MSG_PEEK:
        update(system, number, data=socket.data[size:])
    return Message(socket.data[:size], ())


def _take_message(system: System, number: int, socket: Socket, flags: int) -> Message:
    if not flags & MSG_PEEK:
        update(system, number, messages=socket.messages[1:])
    return socket.messages[0]


# as open files


class SocketFile(Kind):
    """An open socket; the file's key is its number."""

    view = 5

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """recv without flags."""
        file = task.system.open[number]
        if not size and get(task.system, _number(file)).stream:
            return b""
        got = receive(task, _number(file), size, 0, not file.nonblocking)
        if isinstance(got, Blocked):
            return got
        return b"" if got is None else got.data[:size]

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """send without flags."""
        file = task.system.open[number]
        return send(task, _number(file), data, 0, not file.nonblocking, None)

    def node(self, task: Task, file: OpenFile) -> Node:
        """A socket's inode."""
        node = Node(S_IFSOCK | 0o777, _number(file), dev=SOCKET_DEVICE)
        return node._replace(uid=task.fsuid, gid=task.fsgid)

    def ready(self, task: Task, number: int) -> int:
        """tcp_poll, unix_poll, datagram_poll."""
        socket = get(task.system, _number(task.system.open[number]))
        events = POLLERR if socket.error else 0
        if socket.listening:
            return events | (READABLE if socket.queue else 0)
        if socket.waiting or socket.ended or socket.shut_read:
            events |= READABLE
        if not socket.connection_based:
            return events | WRITABLE
        events |= POLLRDHUP if socket.ended or socket.shut_read else 0
        if not socket.connected or (socket.shut_write and (socket.ended or socket.shut_read)):
            return events | POLLHUP | WRITABLE
        if not socket.peer:
            return events | WRITABLE | (POLLHUP if socket.family == AF_UNIX else 0)
        full = get(task.system, socket.peer).waiting >= BUFFER
        return events if full else events | WRITABLE

    def ioctl(self, task: Task, number: int, request: int, argument: int) -> int:
        """FIONREAD."""
        if request != FIONREAD:
            raise Refused(ENOTTY)
        socket = get(task.system, _number(task.system.open[number]))
        if socket.listening:
            raise Refused(EINVAL)
        first = len(socket.messages[0].data) if socket.messages else 0
        task.user.put_u32(argument, len(socket.data) if socket.stream else first)
        return 0

    def released(self, task: Task, number: int, file: OpenFile) -> None:
        """The last descriptor is gone."""
        close(task.system, _number(file))

    def describe(self, task: Task, file: OpenFile) -> DescriptorView:
        """With state and type."""
        socket = get(task.system, _number(file))
        return DescriptorView(self.view, file.flags, socket.state, socket.type)


def _number(file: OpenFile) -> int:
    key: Key = file.key
    return int(key)


KINDS["socket"] = SocketFile()
