"""System calls: the table, one call, and the phases of its way."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple


class Phase(Enum):
    """Where on its way a call is; defined in docs/vocabulary.md."""

    USER = "user"
    ENTRY = "entry"
    DISPATCH = "dispatch"
    HANDLER = "handler"
    EXIT_WORK = "exit_work"
    RESTORE = "restore"


class Parameter(NamedTuple):
    """One argument in a call's prototype, in C's words."""

    type: str
    name: str


class SyscallRow(NamedTuple):
    """One row of a system call table."""

    number: int
    abi: str
    """`common`, `64`, `x32` or `i386`."""
    name: str
    entry: str | None
    """The handler's name in the table's source (`sys_accept`); None for a number without one."""
    parameters: tuple[Parameter, ...] | None = None
    """None where the prototype is not known."""
    symbol: str | None = None
    """The handler's symbol in an image, where the row was read from one."""
    address: int | None = None
    """The handler's link-time address, likewise."""
    compat: str | None = None
    """What a 64-bit kernel runs for a 32-bit program; None where that is `entry` too."""


class Argument(NamedTuple):
    """One argument of one call."""

    name: str
    type: str
    value: int
    text: str
    """As a person reads it: `1`, `"/etc/passwd"`, `O_RDONLY`, `{AF_INET, 127.0.0.1:5001}`."""


class SubSyscall(NamedTuple):
    """What a call such as socketcall was made for."""

    selector: str
    """The constant that says so: `SYS_BIND`."""
    name: str
    arguments: Sequence[Argument]


class Syscall(NamedTuple):
    """One system call under way or done."""

    abi: str
    number: int
    name: str
    """`syscall_0x1f5`-like where the table has no name for the number."""
    arguments: Sequence[Argument]
    result: int | None = None
    """Signed return value; None before it is known."""
    errno: str | None = None
    """`ENOTSOCK` where the result is an error."""
    entered_at: int | None = None
    """Position of the user's `syscall` instruction; None when its entry was not seen."""
    sub: SubSyscall | None = None
    """Which of its many calls socketcall or ipc is."""


class Made(NamedTuple):
    """A system call as the program made it."""

    at: int | None
    """Position of the user's instruction; None when it was not seen."""
    abi: str
    """The way in: `64` or `i386`."""
    number: int | None
    """The number register's low 32 bits; None where it is not known."""
    first: int | None
    """The first argument."""


class Landmark(NamedTuple):
    """A point on the path that a reader knows by name."""

    name: str
    """Stable identifier used in scripts and JSON, e.g. `entry`, `frame_complete`, `handler`."""
    address: int
    phase: Phase
