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
    EINVAL,
    ENOBUFS,
    Refused,
)
from systui.services.ports import Blocked
from systui.services.state import Map
from systui.services.words import waits_for_peer

if TYPE_CHECKING:
    from systui.services.system import System

AF_UNIX, AF_INET = 1, 2
SOCK_STREAM, SOCK_DGRAM = 1, 2
BUFFER = 212992
"""net.core.rmem_default: bytes that wait at a receiver."""
MAX_DATAGRAM = 65507
MAX_SOCKETS = 4096
FIONREAD = 0x541B
FIRST_EPHEMERAL, LAST_EPHEMERAL = 32768, 60999
MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL = 2, 0x20, 0x40, 0x100, 0x4000
SO_RCVTIMEO, SO_REUSEADDR = (1, 20), (1, 2)

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
    newest = socket.messages[-1].data if socket.messages else b""
    system.written += len(socket.data) + len(newest)
    system.sockets = system.sockets.set(number, socket)


def make(system: System, socket: Socket) -> int:
    """A new one; Refused(ENOBUFS) beyond the limit."""
    if len(system.sockets) >= MAX_SOCKETS:
        raise Refused(ENOBUFS)
    number = system.new_object()
    put(system, number, socket)
    return number


def update(system: System, number: int, **changes: Any) -> None:
    """Change fields of a socket."""
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
    update(system, number, name=name)


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
        update(system, number, name=("inet", 0, free_port(system, socket.type)))


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
    update(system, number, peer=other, peer_name=own_name, connected=True)
    update(system, listeners[0], queue=(*listener.queue, other))
    return None


def pair(system: System, type_: int) -> tuple[int, int]:
    """Two AF_UNIX sockets connected with each other."""
    plain = Socket(AF_UNIX, type_, 0, connected=True)
    first, second = make(system, plain), make(system, plain)
    update(system, first, peer=second)
    update(system, second, peer=first)
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
                update(system, other, peer=0)


def _tell_end(system: System, socket: Socket, reset: bool) -> None:
    if not socket.peer or socket.peer not in system.sockets:
        return
    error = ECONNRESET if reset else get(system, socket.peer).error
    update(system, socket.peer, peer=0, ended=True, error=error)


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
        update(system, socket.peer, ended=True)
    if reading and socket.peer and socket.family == AF_UNIX:
        update(system, socket.peer, shut_write=True)
