"""The socket calls: net/socket.c."""

from struct import Struct

from systui.services import sockets as net
from systui.services.calls.io import PIECE, read_vector
from systui.services.calls.paths import AT_FDCWD, lookup
from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import (
    EACCES,
    EADDRINUSE,
    EAFNOSUPPORT,
    EAGAIN,
    ECONNREFUSED,
    EEXIST,
    EINPROGRESS,
    EINVAL,
    EISCONN,
    EMSGSIZE,
    ENETUNREACH,
    ENOPROTOOPT,
    ENOTCONN,
    ENOTSOCK,
    EOPNOTSUPP,
    EPERM,
    EPROTONOSUPPORT,
    ESOCKTNOSUPPORT,
    Refused,
)
from systui.services.nodes import S_IFSOCK, Node
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
from systui.services.sockets import AF_INET, AF_UNIX, Name, Socket
from systui.services.task import Task
from systui.services.user import UserMemory
from systui.services.vfs import MAY_WRITE, check_create, may
from systui.services.words import waits_for_connection

_FLAGS = O_CLOEXEC | O_NONBLOCK
_INET = Struct(">HI")
_LARGEST_NAME = 128
_SOMAXCONN = 4096


def _socket(task: Task, fd: int) -> tuple[OpenFile, int]:
    """The open socket behind `fd`; Refused(EBADF, ENOTSOCK)."""
    file = task.system.open[number_of(task, fd)]
    if file.kind != "socket":
        raise Refused(ENOTSOCK)
    return file, int(file.key)


def _open(task: Task, number: int, flags: int) -> int:
    file = OpenFile("socket", O_RDWR | flags & O_NONBLOCK, number, f"socket:[{number}]")
    return open_new(task, file, bool(flags & O_CLOEXEC))


# addresses


def _read_name(task: Task, address: int, size: int) -> bytes:
    """move_addr_to_kernel()."""
    if not 0 <= size <= _LARGEST_NAME:
        raise Refused(EINVAL)
    return task.user.read(address, size)


def _inet_name(raw: bytes, binding: bool) -> Name:
    if len(raw) < 16:
        raise Refused(EINVAL)
    family = int.from_bytes(raw[:2], "little")
    port, ip = _INET.unpack_from(raw, 2)
    if family != AF_INET and not (binding and family == 0 and ip == 0):
        raise Refused(EAFNOSUPPORT)
    return ("inet", ip, port)


def _unix_text(raw: bytes) -> tuple[str, bytes]:
    """("path", …) or ("abstract", …); Refused(EINVAL) for what is no AF_UNIX address."""
    if len(raw) <= 2 or len(raw) > 110 or int.from_bytes(raw[:2], "little") != AF_UNIX:
        raise Refused(EINVAL)
    if raw[2] == 0:
        return "abstract", raw[2:]
    return "path", raw[2:].split(b"\0", 1)[0]


def _unix_target(task: Task, raw: bytes) -> Name:
    """The name to connect or send to."""
    kind, text = _unix_text(raw)
    if kind == "abstract":
        return ("abstract", text)
    path = text.decode("utf-8", "surrogateescape")
    key = lookup(task, AT_FDCWD, path)
    node = task.system.files.get(key)
    if not may(task, node, MAY_WRITE):
        raise Refused(EACCES)
    if node.kind != S_IFSOCK:
        raise Refused(ECONNREFUSED)
    return ("path", text, key)


def _unix_bind(task: Task, raw: bytes) -> Name:
    kind, text = _unix_text(raw)
    if kind == "abstract":
        return ("abstract", text)
    path = text.decode("utf-8", "surrogateescape")
    files = task.system.files
    found = files.walk(task, task.cwd, path, follow=False)
    try:
        check_create(files, task, found)
    except Refused as refused:
        raise Refused(EADDRINUSE if refused.errno == EEXIST else refused.errno) from None
    node = Node(S_IFSOCK | 0o777 & ~task.umask, 0)
    return ("path", text, files.make(task, found.parent, found.name, node))


def _packed(family: int, name: Name) -> bytes:
    """A name as the program sees it."""
    head = family.to_bytes(2, "little")
    if family == AF_INET:
        ip, port = (name[1], name[2]) if name else (0, 0)
        return head + _INET.pack(port, ip) + bytes(8)
    if not name:
        return head
    text: bytes = name[1]
    return head + text + (b"\0" if name[0] == "path" else b"")


def _write_name(task: Task, raw: bytes, address: int, length: int) -> None:
    """move_addr_to_user()."""
    size = task.user.s32(length)
    if size < 0:
        raise Refused(EINVAL)
    task.user.write(address, raw[:size])
    task.user.put_u32(length, len(raw))


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
    _, number = _socket(task, fd)
    raw = _read_name(task, address, size)
    family = net.get(task.system, number).family
    if family == AF_UNIX:
        if len(raw) == 2 and raw[:2] == b"\1\0":
            name: Name = ("abstract", b"\0%05x" % number)
        else:
            name = _unix_bind(task, raw)
    else:
        name = _inet_name(raw, binding=True)
        if 0 < name[2] < 1024 and task.fsuid:
            return -EACCES
    net.bind(task.system, number, name)
    return 0


@call(50, "listen")
def listen(task: Task, fd: Int, backlog: Int) -> Result:
    """Wait for connections from now on."""
    _, number = _socket(task, fd)
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
    file, number = _socket(task, fd)
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
        _write_name(task, _packed(found.family, name), address, length)
    return new


@call(42, "connect")
def connect(task: Task, fd: Int, address: Pointer, size: Int) -> Result:
    """Connect to a name."""
    file, number = _socket(task, fd)
    raw = _read_name(task, address, size)
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
    name = _target(task, found, raw)
    if not found.connection_based:
        return _connect_datagram(task, number, found, name)
    return _connect_stream(task, file, number, found, name)


def _target(task: Task, found: Socket, raw: bytes) -> Name:
    if found.family == AF_UNIX:
        return _unix_target(task, raw)
    name = _inet_name(raw, binding=False)
    if name[1] and name[1] >> 24 != 127:
        raise Refused(ENETUNREACH)
    return ("inet", name[1] or 0x7F000001, name[2])


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
    _, number = _socket(task, fd)
    found = net.get(task.system, number)
    _write_name(task, _packed(found.family, found.name), address, length)
    return 0


@call(52, "getpeername")
def getpeername(task: Task, fd: Int, address: Pointer, length: Pointer) -> Result:
    """Its peer's name."""
    _, number = _socket(task, fd)
    found = net.get(task.system, number)
    if not found.connected:
        return -ENOTCONN
    _write_name(task, _packed(found.family, found.peer_name), address, length)
    return 0


@call(48, "shutdown")
def shutdown(task: Task, fd: Int, how: Int) -> Result:
    """Stop a direction; where nothing is connected it is stopped too, for later."""
    _, number = _socket(task, fd)
    found = net.get(task.system, number)
    if not 0 <= how <= 2:
        return -EINVAL
    net.shutdown(task.system, number, how)
    unconnected = found.family == AF_INET and not found.connected and not found.listening
    return -ENOTCONN if unconnected else 0


# sending and receiving


def _destination(task: Task, found: Socket, raw: bytes) -> Name | None:
    """Where a message shall go; None for the peer."""
    if not raw:
        return None
    if found.connection_based:
        if found.family == AF_UNIX:
            raise Refused(EISCONN if found.connected else EOPNOTSUPP)
        return None
    return _target(task, found, raw)


def _send(task: Task, fd: int, data: bytes, flags: int, raw: bytes) -> Result:
    file, number = _socket(task, fd)
    found = net.get(task.system, number)
    if flags & 1:
        return -EOPNOTSUPP
    waits = not (file.nonblocking or flags & net.MSG_DONTWAIT)
    return net.send(task, number, data, flags, waits, _destination(task, found, raw))


def _outgoing(task: Task, fd: int, size: int) -> int:
    """How many bytes to take from the program: no more than could go anyway."""
    _, number = _socket(task, fd)
    found = net.get(task.system, number)
    if size > net.BUFFER and not found.stream:
        raise Refused(EMSGSIZE)
    return min(size, net.BUFFER)


@call(44, "sendto")
def sendto(
    task: Task, fd: Int, buffer: Pointer, size: ULong, flags: UInt, address: Pointer, length: Int
) -> Result:
    """Send, to a name or to the peer."""
    task.user.check_range(buffer, min(size, 0x7FFF_F000))
    taken = _outgoing(task, fd, size)
    raw = _read_name(task, address, length) if address else b""
    return _send(task, fd, task.user.read(buffer, taken), flags, raw)


def _incoming(
    task: Task, fd: int, size: int, flags: int
) -> tuple[net.Message | None, Blocked | None]:
    file, number = _socket(task, fd)
    waits = not (file.nonblocking or flags & net.MSG_DONTWAIT)
    if flags & 1:
        raise Refused(EINVAL)
    got = net.receive(task, number, size, flags, waits)
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
    _, number = _socket(task, fd)
    got, waiting = _incoming(task, fd, min(size, PIECE), flags)
    if waiting is not None:
        return waiting
    if got is None:
        return 0
    data = got.data[:size]
    task.user.write(buffer, data)
    found = net.get(task.system, number)
    if address:
        raw = b"" if found.connection_based else _packed(found.family, got.source)
        _write_name(task, raw, address, length)
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
        self.name_size = min(self.name_size, _LARGEST_NAME)
        if self.count > 1024:
            raise Refused(EMSGSIZE)


@call(46, "sendmsg")
def sendmsg(task: Task, fd: Int, header: Pointer, flags: UInt) -> Result:
    """Send a gathered message. Ancillary data is not served."""
    _socket(task, fd)
    message = _Header(task.user, header)
    raw = _read_name(task, message.name, message.name_size) if message.name else b""
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
    _, number = _socket(task, fd)
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
        raw = b"" if found.connection_based else _packed(found.family, got.source)
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
    for index in range(min(count, 1024)):
        at = vector + index * _MMSG
        try:
            sent = sendmsg(task, fd, at, flags)
        except Refused:
            if index:
                return index
            raise
        if isinstance(sent, Blocked) or sent < 0:
            return index or sent
        task.user.put_u32(at + _MSGHDR.size, sent)
    return min(count, 1024)


@call(299, "recvmmsg")
def recvmmsg(
    task: Task, fd: Int, vector: Pointer, count: UInt, flags: UInt, timeout: Pointer
) -> Result:
    """Several messages; how many came."""
    for index in range(min(count, 1024)):
        at = vector + index * _MMSG
        try:
            got = recvmsg(task, fd, at, flags & ~0x10000 | (net.MSG_DONTWAIT if index else 0))
        except Refused:
            if index:
                return index
            raise
        if isinstance(got, Blocked) or got < 0:
            return index or got
        task.user.put_u32(at + _MSGHDR.size, got)
    return min(count, 1024)


# options

_INT_OPTIONS = frozenset({1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 18, 19, 29, 32, 33, 36, 46})
_SIZED = {13: 8, 20: 16, 21: 16}
_TYPE, _ERROR, _PEERCRED, _ACCEPTCONN, _PROTOCOL, _DOMAIN = 3, 4, 17, 30, 38, 39
_SNDBUF, _RCVBUF = 7, 8
_LEVELS = {0: AF_INET, 6: AF_INET}
"""IPPROTO_IP and IPPROTO_TCP: their integer options are kept and given back."""


@call(54, "setsockopt")
def setsockopt(task: Task, fd: Int, level: Int, option: Int, value: Pointer, length: Int) -> Result:
    """Set an option."""
    if length < 0:
        return -EINVAL
    _, number = _socket(task, fd)
    found = net.get(task.system, number)
    size = 4
    if level == 1:
        if option not in _INT_OPTIONS and option not in _SIZED:
            return -ENOPROTOOPT
        size = _SIZED.get(option, 4)
    elif _LEVELS.get(level) != found.family:
        return -EOPNOTSUPP if found.family == AF_UNIX else -ENOPROTOOPT
    if length < size:
        return -EINVAL
    raw = task.user.read(value, size)
    if level == 1 and option in {_SNDBUF, _RCVBUF}:
        wanted = int.from_bytes(raw, "little", signed=True)
        raw = max(4608 if option == _SNDBUF else 2304, min(wanted, net.BUFFER) * 2).to_bytes(
            4, "little"
        )
    options = found.options.set(net.option_key(level, option), raw)
    net.put(task.system, number, found._replace(options=options))
    return 0


@call(55, "getsockopt")
def getsockopt(
    task: Task, fd: Int, level: Int, option: Int, value: Pointer, length: Pointer
) -> Result:
    """Read an option."""
    _, number = _socket(task, fd)
    size = task.user.s32(length)
    found = net.get(task.system, number)
    if size < 0:
        return -EINVAL
    raw = _option(task, number, found, level, option)[:size]
    task.user.write(value, raw)
    task.user.put_u32(length, len(raw))
    return 0


def _option(task: Task, number: int, found: Socket, level: int, option: int) -> bytes:
    kept = found.options.get(net.option_key(level, option))
    if level != 1:
        if _LEVELS.get(level) != found.family:
            raise Refused(EOPNOTSUPP if found.family == AF_UNIX else ENOPROTOOPT)
        return kept or bytes(4)
    if option == _PEERCRED:
        ids = (task.pid, task.uids[1], task.gids[1])
        known = found.family == AF_UNIX and found.connected
        return Struct("<III").pack(*(ids if known else (0, 0xFFFF_FFFF, 0xFFFF_FFFF)))
    if option == _ERROR and found.error:
        net.put(task.system, number, found._replace(error=0))
    protocols = {1: 6, 2: 17}
    protocol = found.protocol or (protocols[found.type] if found.family == AF_INET else 0)
    known_values = {
        _TYPE: found.type,
        _ERROR: found.error,
        _ACCEPTCONN: int(found.listening),
        _PROTOCOL: protocol,
        _DOMAIN: found.family,
    }
    if option in known_values:
        return known_values[option].to_bytes(4, "little")
    if option in _SIZED:
        return kept or bytes(_SIZED[option])
    if option not in _INT_OPTIONS:
        raise Refused(ENOPROTOOPT)
    usual = net.BUFFER if option in {_SNDBUF, _RCVBUF} else 0
    return kept or usual.to_bytes(4, "little")
