"""What tasks share: a process and its limits, a descriptor table, a directory, signal actions.

A thread shares all of these with its process's others; a forked process has copies of its own
(include/linux/sched.h, fs_struct.h, fdtable.h).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from systui.services.ports import Ended
from systui.services.state import Map, Stateful

if TYPE_CHECKING:
    from systui.services.nodes import Key
    from systui.services.openfile import Descriptor
    from systui.services.signals import Action, SigInfo

FIRST_PID = 1000
INIT = 1
"""Who takes over children whose parent is gone; it reaps them at once."""
INFINITY = (1 << 64) - 1
MAX_TASKS = 64
"""Tasks at one time, dead ones that nobody waited for included; the bundled kernel's NR_TASKS."""
SLICE = 50_000
"""Positions after which a task gives way to others that could run."""
_MIB = 1 << 20
LIMIT_NAMES = (
    *("cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as"),
    *("locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"),
)
_LIMITS = {
    "stack": (8 * _MIB, INFINITY),
    "core": (0, INFINITY),
    "nproc": (1024, 1024),
    "nofile": (1024, 4096),
    "memlock": (8 * _MIB, 8 * _MIB),
    "sigpending": (1024, 1024),
    "msgqueue": (819200, 819200),
    "nice": (0, 0),
    "rtprio": (0, 0),
}
FIRST_LIMITS = tuple(_LIMITS.get(name, (INFINITY, INFINITY)) for name in LIMIT_NAMES)


class Timer(NamedTuple):
    """An interval timer, in nanoseconds of the monotonic clock; `expiry` 0 is not armed."""

    expiry: int = 0
    interval: int = 0


NO_TIMERS = (Timer(), Timer(), Timer())


class Process(Stateful):
    """A thread group. It outlives its threads until its parent has asked how it ended."""

    STATE = (
        *("parent", "group", "session", "limits", "timers", "stopped", "report", "pending"),
        *("status", "ended", "exit_signal", "executed", "program"),
    )

    def __init__(self, pid: int, parent: int, program: str) -> None:
        self.pid = pid
        self.parent = parent
        self.group = pid
        self.session = parent
        self.limits = FIRST_LIMITS
        self.timers = NO_TIMERS
        """ITIMER_REAL, _VIRTUAL, _PROF; all run by the one clock."""
        self.stopped = 0
        """The signal that stopped it."""
        self.report: int | None = None
        """What wait may still tell of: the signal that stopped it, or SIGCONT."""
        self.pending: tuple[SigInfo, ...] = ()
        """Signals to the process: any thread that does not block them takes them."""
        self.status = 0
        """What its first thread gave exit()."""
        self.ended: Ended | None = None
        self.exit_signal = 17
        self.executed = False
        """It has run a file since it was forked."""
        self.program = program
        """Path of the file that it runs."""

    def fork(self, pid: int) -> Process:
        """A child's: limits, group and session are inherited, timers are not."""
        child = Process(pid, self.pid, self.program)
        child.group, child.session, child.limits = self.group, self.session, self.limits
        return child


class Files(Stateful):
    """A descriptor table."""

    STATE = ("table",)

    def __init__(self, slot: int, table: Map[int, Descriptor] | None = None) -> None:
        self.slot = slot
        """Which of the kernel's tables shows it."""
        self.table: Map[int, Descriptor] = Map() if table is None else table


class Place(Stateful):
    """Working directory and umask: fs_struct."""

    STATE = ("cwd", "umask")

    def __init__(self, cwd: Key = "/", umask: int = 0o022) -> None:
        self.cwd = cwd
        self.umask = umask


class Actions(Stateful):
    """What is done on each signal: sighand_struct."""

    STATE = ("table",)

    def __init__(self, table: Map[int, Action] | None = None) -> None:
        self.table: Map[int, Action] = Map() if table is None else table
