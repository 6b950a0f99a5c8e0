"""Which calls a real kernel's own handlers answer in an image that was never booted.

A handler runs natively only where all the state that it touches lies in the image or was put
there; else the call is served. What was put there: the descriptor table, as far as a handler
looks at it to refuse a descriptor that is closed or no socket. The rules hold for the handlers
of Linux 5.x and 6.x (fs/, net/socket.c, kernel/sys.c, kernel/sched/): none of them touches user
memory, sleeps or allocates before it refuses.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from systui.services.dispatch import s32
from systui.services.ports import DescriptorView
from systui.services.system import System

_SOCKET = 5
_PATH_ONLY = 0o10000000
"""O_PATH: most calls find no file behind such a descriptor."""
_QUERY = 0xFFFF_FFFF


class Asked(NamedTuple):
    """A call at its handler's first instruction."""

    arguments: tuple[int, ...]
    system: System
    limit: int
    """Descriptors that the image's own table has room for; 0 where it was not understood."""

    @property
    def descriptor(self) -> DescriptorView | None:
        """What the first argument names; None where it is closed."""
        return self.system.descriptors().get(s32(self.arguments[0]))


def _closed(asked: Asked) -> bool:
    return asked.limit > 0 and asked.descriptor is None


def _closed_or_no_socket(asked: Asked) -> bool:
    view = asked.descriptor
    if asked.limit == 0 or view is None:
        return asked.limit > 0
    shown = s32(asked.arguments[0]) < asked.limit
    return shown and view.kind not in (0, _SOCKET) and not view.flags & _PATH_ONLY


def _root(asked: Asked) -> bool:
    """The image's init_cred is root's."""
    task = asked.system.task
    return not any((*task.uids, *task.gids))


def _always(_asked: Asked) -> bool:
    return True


def _query(asked: Asked) -> bool:
    return asked.arguments[0] & 0xFFFF_FFFF == _QUERY


RULES: Mapping[str, Callable[[Asked], bool]] = {
    **dict.fromkeys(
        (
            *("read", "write", "pread64", "pwrite64", "readv", "writev", "lseek", "ioctl"),
            *("fstat", "fcntl", "fsync", "fdatasync", "ftruncate", "fchdir", "fchmod"),
            *("fchown", "getdents64", "close", "dup", "connect"),
        ),
        _closed,
    ),
    **dict.fromkeys(
        (
            *("accept", "accept4", "bind", "listen", "getsockname", "getpeername"),
            *("shutdown", "sendto", "recvfrom", "setsockopt", "getsockopt"),
        ),
        _closed_or_no_socket,
    ),
    **dict.fromkeys(("getuid", "geteuid", "getgid", "getegid"), _root),
    **dict.fromkeys(("sched_get_priority_max", "sched_get_priority_min"), _always),
    "personality": _query,
}
"""By a call's name: whether its own handler's answer would be the booted system's."""


def runs_natively(name: str, asked: Asked) -> bool:
    """Whether the kernel's own code may answer the call `name`."""
    rule = RULES.get(name)
    return rule is not None and rule(asked)
