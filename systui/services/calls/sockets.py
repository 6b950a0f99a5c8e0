"""The socket calls: net/socket.c."""

from struct import Struct

from systui.services import sockets as net
from systui.services.dispatch import Int, Pointer, Result, call
from systui.services.errors import (
    EACCES,
    EAFNOSUPPORT,
    EAGAIN,
    ECONNREFUSED,
    EINPROGRESS,
    EINVAL,
    EISCONN,
    ENOTCONN,
    EOPNOTSUPP,
    EPERM,
    EPROTONOSUPPORT,
    ESOCKTNOSUPPORT,
    Refused,
)
from systui.services.openfile import (
    O_CLOEXEC,
    O_NONBLOCK,
    O_RDWR,
    OpenFile,
    lowest_free,
    number_of,
    open_new,
)
from systui.services.ports import Blocked
from systui.services.socketnames import (
    inet_name,
    packed,
    read_name,
    socket_of,
    target,
    unix_bind,
    write_name,
)
from systui.services.sockets import AF_INET, AF_UNIX, Name, Socket
from systui.services.task import Task
from systui.services.words import waits_for_connection

_FLAGS = O_CLOEXEC | O_NONBLOCK
_SOMAXCONN = 4096


def _open(task: Task, number: int, flags: int) -> int:
    file = OpenFile("socket", O_RDWR | flags & O_NONBLOCK, number, f"socket:[{number}]")
    return open_new(task, file, bool(flags & O_CLOEXEC))


# making


def _checked(family: int, kind: int, protocol: int) -> int:
    """The type; Refused as __sock_create() and the families do."""
    type_, flags = kind & 0xF, kind & ~0xF
    if flags & ~_FLAGS:
        raise Refused(EINVAL)
    if not 0 <= family < 46:
        raise Refused(EAFNOSUPPORT)
    if type_ > 10:
        raise Refused(EINVAL)
    if family == AF_UNIX:
        _check_unix(type_, protocol)
    elif family == AF_INET:
        _check_inet(type_, protocol)
    else:
        raise Refused(EAFNOSUPPORT)
    return type_


def _check_unix(type_: int, protocol: int) -> None:
    if protocol not in {0, AF_UNIX}:
        raise Refused(EPROTONOSUPPORT)
    if type_ not in {1, 2, 3, 5}:
        raise Refused(ESOCKTNOSUPPORT)


def _check_inet(type_: int, protocol: int) -> None:
    wanted = {1: 6, 2: 17}.get(type_)
    if not 0 <= protocol < 256:
        raise Refused(EINVAL)
    if wanted is None:
        raise Refused(EPERM if type_ == 3 and protocol else ESOCKTNOSUPPORT)
    if protocol not in {0, wanted}:
        raise Refused(EPROTONOSUPPORT)


@call(41, "socket")
def socket(task: Task, family: Int, kind: Int, protocol: Int) -> Result:
    """Make a socket."""
    type_ = _checked(family, kind, protocol)
    if family == AF_UNIX and type_ == 3:
        type_ = net.SOCK_DGRAM
    number = net.make(task.system, Socket(family, type_, protocol))
    return _open(task, number, kind)


@call(53, "socketpair")
def socketpair(task: Task, family: Int, kind: Int, protocol: Int, pair: Pointer) -> Result:
    """Two sockets connected with each other."""
    if kind & ~0xF & ~_FLAGS:
        return -EINVAL
    first = lowest_free(task)
    lowest_free(task, first + 1)
    type_ = _checked(family, kind, protocol)
    if family != AF_UNIX:
        return -EOPNOTSUPP
    fds = [_open(task, number, kind) for number in net.pair(task.system, type_)]
    task.user.write(pair, Struct("<ii").pack(*fds))
    return 0


# naming and connecting


@call(49, "bind")
def bind(task: Task, fd: Int, address: Pointer, size: Int) -> Result:
    """Give a socket a name."""
    _, number = socket_of(task, fd)
    raw = read_name(task, address, size)
    family = net.get(task.system, number).family
    if family == AF_UNIX:
        if len(raw) == 2 and raw[:2] == b"\1\0":
            name: Name = ("abstract", b"\0%05x" % number)
        else:
            name = unix_bind(task, raw)
    else:
        name = inet_name(raw, binding=True)
        if 0 < name[2] < 1024 and task.fsuid:
            return -EACCES
    net.bind(task.system, number, name)
    return 0


@call(50, "listen")
def listen(task: Task, fd: Int, backlog: Int) -> Result:
    """Wait for connections from now on."""
    _, number = socket_of(task, fd)
    found = net.get(task.system, number)
    if not found.connection_based:
        return -EOPNOTSUPP
    if found.connected or (found.family == AF_UNIX and not found.name):
        return -EINVAL
    net.autobind(task.system, number)
    limit = min(backlog & 0xFFFF_FFFF, _SOMAXCONN)
    found = net.get(task.system, number)
    net.put(task.system, number, found._replace(listening=True, backlog=limit))
    return 0


@call(43, "accept")
def accept(task: Task, fd: Int, address: Pointer, length: Pointer) -> Result:
    """Fetch a connection."""
    return accept4(task, fd, address, length, 0)


@call(288, "accept4")
def accept4(task: Task, fd: Int, address: Pointer, length: Pointer, flags: Int) -> Result:
    """Fetch a connection, with flags."""
    number_of(task, fd)
    if flags & ~_FLAGS:
        return -EINVAL
    lowest_free(task)
    file, number = socket_of(task, fd)
    found = net.get(task.system, number)
    if not found.connection_based:
        return -EOPNOTSUPP
    if not found.listening:
        return -EINVAL
    if not found.queue:
        return -EAGAIN if file.nonblocking else Blocked(waits_for_connection())
    accepted = found.queue[0]
    net.put(task.system, number, found._replace(queue=found.queue[1:]))
    new = _open(task, accepted, flags)
    if address:
        name = net.get(task.system, accepted).peer_name
        write_name(task, packed(found.family, name), address, length)
    return new


@call(42, "connect")
def connect(task: Task, fd: Int, address: Pointer, size: Int) -> Result:
    """Connect to a name."""
    file, number = socket_of(task, fd)
    raw = read_name(task, address, size)
    found = net.get(task.system, number)
    if len(raw) < 2:
        return -EINVAL
    if raw[:2] == b"\0\0" and not found.connection_based:
        net.put(task.system, number, found._replace(connected=False, peer=0, peer_name=()))
        return 0
    if not found.announced and found.family == AF_INET:
        return _announce(task, number, found)
    if found.connection_based and (found.connected or found.listening):
        return -EISCONN if found.connected else -EINVAL
    name = target(task, found, raw)
    if not found.connection_based:
        return _connect_datagram(task, number, found, name)
    return _connect_stream(task, file, number, found, name)


def _announce(task: Task, number: int, found: Socket) -> int:
    """The outcome of a connect that was said to be in progress."""
    net.put(task.system, number, found._replace(announced=True, error=0))
    return -found.error


def _connect_datagram(task: Task, number: int, found: Socket, name: Name) -> int:
    peer = 0
    if found.family == AF_UNIX:
        others = net.bound_to(task.system, AF_UNIX, found.type, name)
        if not others:
            raise Refused(ECONNREFUSED)
        peer = others[0]
    net.autobind(task.system, number)
    found = net.get(task.system, number)
    if found.family == AF_INET and not found.name[1]:
        found = found._replace(name=("inet", 0x7F000001, found.name[2]))
    net.put(task.system, number, found._replace(connected=True, peer=peer, peer_name=name))
    return 0


def _connect_stream(task: Task, file: OpenFile, number: int, found: Socket, name: Name) -> Result:
    later = file.nonblocking and found.family == AF_INET
    try:
        waiting = net.connect(task.system, number, name, not file.nonblocking)
    except Refused as refused:
        if not later:
            raise
        failed = net.get(task.system, number)
        net.put(task.system, number, failed._replace(error=refused.errno, announced=False))
        return -EINPROGRESS
    if waiting is not None:
        return waiting
    if later:
        made = net.get(task.system, number)
        net.put(task.system, number, made._replace(announced=False))
        return -EINPROGRESS
    return 0


@call(51, "getsockname")
def getsockname(task: Task, fd: Int, address: Pointer, length: Pointer) -> Result:
    """A socket's own name."""
    _, number = socket_of(task, fd)
    found = net.get(task.system, number)
    write_name(task, packed(found.family, found.name), address, length)
    return 0


@call(52, "getpeername")
def getpeername(task: Task, fd: Int, address: Pointer, length: Pointer) -> Result:
    """Its peer's name."""
    _, number = socket_of(task, fd)
    found = net.get(task.system, number)
    if not found.connected:
        return -ENOTCONN
    write_name(task, packed(found.family, found.peer_name), address, length)
    return 0


@call(48, "shutdown")
def shutdown(task: Task, fd: Int, how: Int) -> Result:
    """Stop a direction; where nothing is connected it is stopped too, for later."""
    _, number = socket_of(task, fd)
    found = net.get(task.system, number)
    if not 0 <= how <= 2:
        return -EINVAL
    net.shutdown(task.system, number, how)
    unconnected = found.family == AF_INET and not found.connected and not found.listening
    return -ENOTCONN if unconnected else 0
