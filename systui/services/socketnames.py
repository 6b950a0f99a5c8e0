"""Addresses of sockets as programs pass them: net/socket.c, net/unix/, net/ipv4/."""

from struct import Struct

from systui.services.calls.paths import AT_FDCWD, lookup
from systui.services.errors import (
    EACCES,
    EADDRINUSE,
    EAFNOSUPPORT,
    ECONNREFUSED,
    EEXIST,
    EINVAL,
    ENETUNREACH,
    ENOTSOCK,
    Refused,
)
from systui.services.nodes import S_IFSOCK, Node
from systui.services.openfile import (
    OpenFile,
    number_of,
)
from systui.services.sockets import AF_INET, AF_UNIX, Name, Socket
from systui.services.task import Task
from systui.services.vfs import MAY_WRITE, check_create, may

_INET = Struct(">HI")
LARGEST_NAME = 128


def socket_of(task: Task, fd: int) -> tuple[OpenFile, int]:
    """The open socket behind `fd`; Refused(EBADF, ENOTSOCK)."""
    file = task.system.open[number_of(task, fd)]
    if file.kind != "socket":
        raise Refused(ENOTSOCK)
    return file, int(file.key)


def read_name(task: Task, address: int, size: int) -> bytes:
    """move_addr_to_kernel()."""
    if not 0 <= size <= LARGEST_NAME:
        raise Refused(EINVAL)
    return task.user.read(address, size)


def inet_name(raw: bytes, binding: bool) -> Name:
    """What a sockaddr_in names; Refused(EINVAL, EAFNOSUPPORT)."""
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


def unix_target(task: Task, raw: bytes) -> Name:
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


def unix_bind(task: Task, raw: bytes) -> Name:
    """The name to bind to, its file made; Refused(EADDRINUSE) and what making a file may give."""
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


def packed(family: int, name: Name) -> bytes:
    """A name as the program sees it."""
    head = family.to_bytes(2, "little")
    if family == AF_INET:
        ip, port = (name[1], name[2]) if name else (0, 0)
        return head + _INET.pack(port, ip) + bytes(8)
    if not name:
        return head
    text: bytes = name[1]
    return head + text + (b"\0" if name[0] == "path" else b"")


def write_name(task: Task, raw: bytes, address: int, length: int) -> None:
    """move_addr_to_user()."""
    size = task.user.s32(length)
    if size < 0:
        raise Refused(EINVAL)
    task.user.write(address, raw[:size])
    task.user.put_u32(length, len(raw))


def target(task: Task, found: Socket, raw: bytes) -> Name:
    """The name to connect or send to; Refused(ENETUNREACH) for what is not this machine."""
    if found.family == AF_UNIX:
        return unix_target(task, raw)
    name = inet_name(raw, binding=False)
    if name[1] and name[1] >> 24 != 127:
        raise Refused(ENETUNREACH)
    return ("inet", name[1] or 0x7F000001, name[2])
