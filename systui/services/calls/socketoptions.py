"""Options of sockets: net/core/sock.c."""

from struct import Struct

from systui.services import sockets as net
from systui.services.dispatch import Int, Pointer, Result, call
from systui.services.errors import (
    EINVAL,
    ENOPROTOOPT,
    EOPNOTSUPP,
    Refused,
)
from systui.services.socketnames import (
    socket_of,
)
from systui.services.sockets import AF_INET, AF_UNIX, Socket
from systui.services.task import Task

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
    _, number = socket_of(task, fd)
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
    _, number = socket_of(task, fd)
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
