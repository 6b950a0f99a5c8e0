"""Sockets over a loopback inside the emulated machine: AF_UNIX, and AF_INET's TCP and UDP.

net/socket.c, net/unix/af_unix.c, net/ipv4/. What is sent is at its receiver at once; a connection
is made when connect() finds a listener, before accept() fetches it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from systui.services.errors import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAGAIN,
    ECONNREFUSED,
    ECONNRESET,
    EDESTADDRREQ,
    EINVAL,
    EMSGSIZE,
    ENOBUFS,
    ENOTCONN,
    ENOTTY,
    EPIPE,
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
from systui.services.state import Map
from systui.services.words import waits_for_peer, waits_for_socket_data

if TYPE_CHECKING:
    from systui.services.system import System
    from systui.services.task import Task

AF_UNSPEC, AF_UNIX, AF_INET = 0, 1, 2
SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET = 1, 2, 5
BUFFER = 212992
"""net.core.rmem_default: bytes that wait at a receiver."""
MAX_DATAGRAM = 65507
MAX_SOCKETS = 4096
FIONREAD = 0x541B
FIRST_EPHEMERAL, LAST_EPHEMERAL = 32768, 60999
MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL = 2, 0x20, 0x40, 0x100, 0x4000
SO_RCVTIMEO, SO_SNDTIMEO, SO_REUSEADDR = (1, 20), (1, 21), (1, 2)

Name = tuple[Any, ...]
"""An address: ("inet", ip, port); ("path", text, node); ("abstract", text); () without a name."""


class Message(NamedTuple):
    """A datagram, or a piece of SOCK_SEQPACKET, as it waits."""

    data: bytes
    source: Name


class Socket(NamedTuple):
    """One socket. Those not accepted yet have no open file."""

    family: int
    type: int
    protocol: int
    name: Name = ()
    peer: int = 0
    """The other end's number; 0 when there is none, or no more."""
    peer_name: Name = ()
    connected: bool = False
    listening: bool = False
    backlog: int = 0
    queue: tuple[int, ...] = ()
    """Of a listener: connections that wait for accept."""
    data: bytes = b""
    messages: tuple[Message, ...] = ()
    shut_read: bool = False
    shut_write: bool = False
    ended: bool = False
    """The peer sends no more."""
    error: int = 0
    """SO_ERROR."""
    options: Map[int, bytes] = Map()
    announced: bool = True
    """connect() has told its outcome."""

    @property
    def stream(self) -> bool:
        """Bytes without borders."""
        return self.type == SOCK_STREAM

    @property
    def connection_based(self) -> bool:
        """A stream or SOCK_SEQPACKET."""
        return self.type != SOCK_DGRAM

    @property
    def waiting(self) -> int:
        """Bytes to be received."""
        return len(self.data) + sum(len(message.data) for message in self.messages)

    @property
    def state(self) -> int:
        """`DescriptorView.state`."""
        if self.listening:
            return 2
        return 3 if self.connected else int(bool(self.name))


def option_key(level: int, option: int) -> int:
    """One number for both."""
    return level << 32 | option


def get(system: System, number: int) -> Socket:
    """The socket."""
    found: Socket = system.sockets[number]
    return found


def put(system: System, number: int, socket: Socket) -> None:
    """Let it be so."""
    system.sockets = system.sockets.set(number, socket)


def make(system: System, socket: Socket) -> int:
    """A new one; Refused(ENOBUFS) beyond the limit."""
    if len(system.sockets) >= MAX_SOCKETS:
        raise Refused(ENOBUFS)
    number = system.new_object()
    put(system, number, socket)
    return number


def _update(system: System, number: int, **changes: Any) -> None:
    put(system, number, get(system, number)._replace(**changes))


# names


def bound_to(system: System, family: int, type_: int, name: Name) -> list[int]:
    """Sockets that a message to `name` would reach, or that `name` is taken by."""
    if not name:
        return []
    return sorted(
        number
        for number, socket in system.sockets.items()
        if socket.family == family and socket.type == type_ and _reaches(name, socket.name)
    )


def _reaches(name: Name, bound: Name) -> bool:
    if not bound or name[0] != bound[0]:
        return False
    if name[0] == "inet":
        return bool(name[2] == bound[2] and (name[1] == bound[1] or 0 in {name[1], bound[1]}))
    return bool(name[-1] == bound[-1])


def bind(system: System, number: int, name: Name) -> None:
    """Give the socket a name; Refused(EINVAL, EADDRINUSE, EADDRNOTAVAIL)."""
    socket = get(system, number)
    if socket.name and socket.name[0] != "inet":
        raise Refused(EINVAL)
    if socket.name or socket.connected:
        raise Refused(EINVAL)
    if name[0] == "inet":
        if name[1] and name[1] >> 24 != 127:
            raise Refused(EADDRNOTAVAIL)
        name = (*name[:2], name[2] or free_port(system, socket.type))
    if any(_conflicts(system, socket, other) for other in _rivals(system, socket, name)):
        raise Refused(EADDRINUSE)
    _update(system, number, name=name)


def _rivals(system: System, socket: Socket, name: Name) -> list[int]:
    return bound_to(system, socket.family, socket.type, name)


def _conflicts(system: System, socket: Socket, other: int) -> bool:
    """SO_REUSEADDR on both lets a name be shared with what does not listen."""
    rival = get(system, other)
    if socket.family != AF_INET:
        return True
    key = option_key(*SO_REUSEADDR)
    both = all(any(one.options.get(key) or b"") for one in (socket, rival))
    return not both or rival.listening


def free_port(system: System, type_: int) -> int:
    """An ephemeral port that nobody has; Refused(EADDRINUSE)."""
    taken = {
        socket.name[2]
        for socket in system.sockets.values()
        if socket.type == type_ and socket.name and socket.name[0] == "inet"
    }
    for port in range(FIRST_EPHEMERAL, LAST_EPHEMERAL + 1):
        if port not in taken:
            return port
    raise Refused(EADDRINUSE)


def autobind(system: System, number: int) -> None:
    """A port for an AF_INET socket that has none."""
    socket = get(system, number)
    if socket.family == AF_INET and not socket.name:
        _update(system, number, name=("inet", 0, free_port(system, socket.type)))


# connections


def connect(system: System, number: int, name: Name, waits: bool) -> Blocked | None:
    """Connect a stream: refused, made, or (backlog full) to be waited for."""
    socket = get(system, number)
    listeners = [
        other
        for other in bound_to(system, socket.family, socket.type, name)
        if get(system, other).listening
    ]
    if not listeners:
        raise Refused(ECONNREFUSED)
    listener = get(system, listeners[0])
    if len(listener.queue) > listener.backlog:
        if not waits:
            raise Refused(EAGAIN)
        return Blocked(waits_for_peer())
    if socket.family == AF_INET and not socket.name:
        socket = socket._replace(name=("inet", name[1], free_port(system, socket.type)))
    if socket.family == AF_INET and not socket.name[1]:
        socket = socket._replace(name=("inet", name[1] or 0x7F000001, socket.name[2]))
    put(system, number, socket)
    own_name = name if listener.family == AF_INET else listener.name
    if own_name[0] == "inet" and not own_name[1]:
        own_name = ("inet", 0x7F000001, own_name[2])
    accepted = Socket(
        *(socket.family, socket.type, socket.protocol),
        name=own_name,
        peer=number,
        peer_name=socket.name,
        connected=True,
        options=listener.options,
    )
    other = make(system, accepted)
    _update(system, number, peer=other, peer_name=own_name, connected=True)
    _update(system, listeners[0], queue=(*listener.queue, other))
    return None


def pair(system: System, type_: int) -> tuple[int, int]:
    """Two AF_UNIX sockets connected with each other."""
    plain = Socket(AF_UNIX, type_, 0, connected=True)
    first, second = make(system, plain), make(system, plain)
    _update(system, first, peer=second)
    _update(system, second, peer=first)
    return first, second


def close(system: System, number: int) -> None:
    """The socket goes; its peer hears of it, connections that nobody accepted too."""
    socket = get(system, number)
    system.sockets = system.sockets.drop(number)
    for waiting in socket.queue:
        if waiting in system.sockets:
            _tell_end(system, get(system, waiting), True)
            system.sockets = system.sockets.drop(waiting)
    if socket.connection_based:
        _tell_end(system, socket, bool(socket.waiting))
    elif socket.peer:
        for other, seen in list(system.sockets.items()):
            if seen.peer == number:
                _update(system, other, peer=0)


def _tell_end(system: System, socket: Socket, reset: bool) -> None:
    if not socket.peer or socket.peer not in system.sockets:
        return
    error = ECONNRESET if reset else get(system, socket.peer).error
    _update(system, socket.peer, peer=0, ended=True, error=error)


def shutdown(system: System, number: int, how: int) -> None:
    """Stop one or both directions."""
    socket = get(system, number)
    reading, writing = how in {0, 2}, how in {1, 2}
    socket = socket._replace(
        shut_read=socket.shut_read or reading, shut_write=socket.shut_write or writing
    )
    if socket.listening and reading:
        socket = socket._replace(listening=False)
    put(system, number, socket)
    if writing and socket.peer and socket.connection_based:
        _update(system, socket.peer, ended=True)
    if reading and socket.peer and socket.family == AF_UNIX:
        _update(system, socket.peer, shut_write=True)


# sending


def send(
    task: Task, number: int, data: bytes, flags: int, waits: bool, name: Name | None
) -> int | Blocked:
    """Send on a socket; how much went, -EPIPE with its signal, or Blocked."""
    socket = get(task.system, number)
    if socket.error:
        _update(task.system, number, error=0)
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
            _update(system, number, announced=False, error=ECONNRESET)
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
        _update(system, socket.peer, data=other.data + taken)
    else:
        messages = (*other.messages, Message(taken, socket.name))
        _update(system, socket.peer, messages=messages)
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
    _update(system, target, messages=(*other.messages, Message(data, source)))
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
        _update(system, number, error=ECONNREFUSED)
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
        _update(system, number, error=0)
        raise Refused(socket.error)
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
        task.wait(task.monotonic() + seconds * 10**9 + micro * 1000)
        raise Refused(EAGAIN)
    return Blocked(waits_for_socket_data())


def _take_stream(system: System, number: int, socket: Socket, size: int, flags: int) -> Message:
    if not flags & MSG_PEEK:
        _update(system, number, data=socket.data[size:])
    return Message(socket.data[:size], ())


def _take_message(system: System, number: int, socket: Socket, flags: int) -> Message:
    if not flags & MSG_PEEK:
        _update(system, number, messages=socket.messages[1:])
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
