"""Calls that are many: socketcall and ipc, whose first argument says which is meant.

include/uapi/linux/net.h and net/socket.c; include/uapi/linux/ipc.h and ipc/syscall.c.
"""

from collections.abc import Sequence
from typing import NamedTuple

SOCKETCALL, IPC = "socketcall", "ipc"


class SubCall(NamedTuple):
    """One of them."""

    selector: str
    """Its constant: `SYS_BIND`."""
    name: str
    """The call that it is the same as: `bind`."""
    arguments: Sequence[int]
    """Which words hold its arguments: of the array in memory for socketcall, of the call's own
    arguments for ipc."""


def _socket(selector: str, count: int, name: str | None = None) -> SubCall:
    return SubCall(f"SYS_{selector}", name or selector.lower(), range(count))


_SOCKETCALLS = {
    number: _socket(selector, count)
    for number, (selector, count) in enumerate(
        (
            *(("SOCKET", 3), ("BIND", 3), ("CONNECT", 3), ("LISTEN", 2), ("ACCEPT", 3)),
            *(("GETSOCKNAME", 3), ("GETPEERNAME", 3), ("SOCKETPAIR", 4), ("SEND", 4), ("RECV", 4)),
            *(("SENDTO", 6), ("RECVFROM", 6), ("SHUTDOWN", 2), ("SETSOCKOPT", 5)),
            *(("GETSOCKOPT", 5), ("SENDMSG", 3), ("RECVMSG", 3), ("ACCEPT4", 4)),
            *(("RECVMMSG", 5), ("SENDMMSG", 4)),
        ),
        1,
    )
}
_FIRST, _SECOND, _THIRD, _POINTER, _FIFTH = 1, 2, 3, 4, 5
_IPCS = {
    1: SubCall("SEMOP", "semop", (_FIRST, _POINTER, _SECOND)),
    2: SubCall("SEMGET", "semget", (_FIRST, _SECOND, _THIRD)),
    3: SubCall("SEMCTL", "semctl", (_FIRST, _SECOND, _THIRD, _POINTER)),
    4: SubCall("SEMTIMEDOP", "semtimedop", (_FIRST, _POINTER, _SECOND, _FIFTH)),
    11: SubCall("MSGSND", "msgsnd", (_FIRST, _POINTER, _SECOND, _THIRD)),
    12: SubCall("MSGRCV", "msgrcv", (_FIRST, _POINTER, _SECOND, _FIFTH, _THIRD)),
    13: SubCall("MSGGET", "msgget", (_FIRST, _SECOND)),
    14: SubCall("MSGCTL", "msgctl", (_FIRST, _SECOND, _POINTER)),
    21: SubCall("SHMAT", "shmat", (_FIRST, _POINTER, _SECOND)),
    22: SubCall("SHMDT", "shmdt", (_POINTER,)),
    23: SubCall("SHMGET", "shmget", (_FIRST, _SECOND, _THIRD)),
    24: SubCall("SHMCTL", "shmctl", (_FIRST, _SECOND, _POINTER)),
}
_CALLS = {SOCKETCALL: _SOCKETCALLS, IPC: _IPCS}
_VERSION_SHIFT = 16
"""ipc's selector has a version in its upper half."""


def sub_call(call: str, selector: int) -> SubCall | None:
    """What `selector` means as the first argument of `call`; None where it means nothing."""
    if call == IPC:
        selector &= (1 << _VERSION_SHIFT) - 1
    return _CALLS.get(call, {}).get(selector)


def selectors(name: str) -> tuple[str, int] | None:
    """The call and its first argument by which the sub-call `name` (or `SYS_BIND`) is made."""
    for call, known in _CALLS.items():
        for number, each in known.items():
            if name in (each.name, each.selector):
                return call, number
    return None
