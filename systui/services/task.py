"""A task: what one thread of one program has of its own, and what it shares with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from systui.services.memory import AddressSpace
from systui.services.ports import Blocked, Sleeps, ThreadRegisters, UserFrame
from systui.services.process import (
    FIRST_PID,
    INFINITY,
    LIMIT_NAMES,
    NO_TIMERS,
    Actions,
    Files,
    Place,
    Process,
    Timer,
)
from systui.services.signals import (
    SI_KERNEL,
    SI_USER,
    SIGALRM,
    SIGPROF,
    SIGVTALRM,
    SigInfo,
    Signals,
)
from systui.services.state import Map, Stateful
from systui.services.user import UserMemory

if TYPE_CHECKING:
    from collections.abc import Callable

    from systui.services.nodes import Key
    from systui.services.openfile import Descriptor
    from systui.services.system import System

__all__ = ["FIRST_PID", "INFINITY", "LIMIT_NAMES", "Restart", "Task", "Timer", "Waiting"]
TIMER_SIGNALS = (SIGALRM, SIGVTALRM, SIGPROF)


class Restart(NamedTuple):
    """What restart_syscall does: struct restart_block."""

    function: Callable[..., int | Blocked]
    """Given the task, and then the arguments."""
    arguments: tuple[object, ...]


class Waiting(NamedTuple):
    """A call that could not be answered yet: it is asked again when that may have changed."""

    number: int
    arguments: tuple[int, ...]
    blocked: Blocked
    mask: int
    """Signals that do not end it."""
    since: int
    """Orders those that wait for the same."""
    tried: int
    """`System.changes` when it was asked last."""
    compat: bool = False
    """It is one of the 32-bit calls."""
    woken: bool = False
    """What it waits for on a futex has come."""


class Task(Stateful):
    """One thread: its identity, and the parts that it has alone or in common with others."""

    STATE = (
        *("tid", "comm", "uids", "gids", "groups", "memory", "user", "files", "place", "actions"),
        *(
            "clear_tid",
            "robust_list",
            "robust_word",
            "restart",
            "death_signal",
            "no_new_privileges",
        ),
        *("waiting", "until", "vforked"),
    )

    def __init__(
        self,
        system: System,
        process: Process,
        memory: AddressSpace,
        files: Files,
        place: Place,
        actions: Actions,
    ) -> None:
        options = system.options
        self.system = system
        self.thread: ThreadRegisters = system.thread
        """The registers of whatever task has the CPU."""
        self.process = process
        self.tid = process.pid
        self.slot = 0
        """Which of the kernel's task structures and stacks is its own."""
        self.memory = memory
        self.user = UserMemory(memory.pager)
        self.files = files
        self.place = place
        self.actions = actions
        self.signals = Signals(self)
        self.frame: UserFrame
        """pt_regs of the call under way."""
        self.comm = process.program.rpartition("/")[2][:15]
        self.uids: tuple[int, ...] = (options.uid,) * 3
        """Real, effective, saved."""
        self.gids: tuple[int, ...] = (options.gid,) * 3
        self.groups: tuple[int, ...] = (options.gid,)
        self.clear_tid = 0
        self.robust_list = 0
        self.robust_word = 8
        """Bytes of a pointer in that list."""
        self.restart: Restart | None = None
        """How restart_syscall goes on with what a signal without a handler interrupted."""
        self.death_signal = 0
        self.no_new_privileges = False
        self.waiting: Waiting | None = None
        self.until: int | None = None
        """The deadline of the call that waits, as it was when it was made."""
        self.vforked: int | None = None
        """The child that has this task's memory, which goes on once it has it back."""

    # what it shares

    @property
    def pid(self) -> int:
        """The process's id."""
        return self.process.pid

    @property
    def parent(self) -> int:
        """The process's parent's."""
        return self.process.parent

    @property
    def group(self) -> int:
        """The process group's."""
        return self.process.group

    @property
    def session(self) -> int:
        """The session's."""
        return self.process.session

    @property
    def limits(self) -> tuple[tuple[int, int], ...]:
        """Soft and hard, in the order of LIMIT_NAMES."""
        return self.process.limits

    @limits.setter
    def limits(self, value: tuple[tuple[int, int], ...]) -> None:
        self.process.limits = value

    @property
    def timers(self) -> tuple[Timer, Timer, Timer]:
        """The process's interval timers."""
        return self.process.timers

    @timers.setter
    def timers(self, value: tuple[Timer, Timer, Timer]) -> None:
        self.process.timers = value

    @property
    def descriptors(self) -> Map[int, Descriptor]:
        """The descriptor table."""
        return self.files.table

    @descriptors.setter
    def descriptors(self, value: Map[int, Descriptor]) -> None:
        self.files.table = value

    @property
    def cwd(self) -> Key:
        """The working directory."""
        return self.place.cwd

    @cwd.setter
    def cwd(self, value: Key) -> None:
        self.place.cwd = value

    @property
    def umask(self) -> int:
        """Permissions that new files do not get."""
        return self.place.umask

    @umask.setter
    def umask(self, value: int) -> None:
        self.place.umask = value

    @property
    def dead(self) -> bool:
        """It will not run again."""
        return self.system.tasks.get(self.tid) is not self

    @property
    def fsuid(self) -> int:
        """Whose files it may touch."""
        return self.uids[1]

    @property
    def fsgid(self) -> int:
        """Group of the files it makes."""
        return self.gids[1]

    def limit_of(self, name: str) -> int:
        """The soft limit called `name`, one of LIMIT_NAMES."""
        return self.limits[LIMIT_NAMES.index(name)][0]

    def send(self, signal: int) -> None:
        """Send itself a signal from within a call, as send_sig() does: as if it were its own."""
        self.signals.send(SigInfo(signal, SI_USER, self.pid, self.uids[0]))

    # time

    def monotonic(self) -> int:
        """CLOCK_MONOTONIC in nanoseconds."""
        return self.system.clock() + self.system.slept

    def now(self) -> int:
        """CLOCK_REALTIME in nanoseconds."""
        return self.monotonic() + self.system.realtime_offset

    def run_timers(self) -> None:
        """Send the signals of timers that have expired, and arm them anew."""
        if self.timers == NO_TIMERS:
            return
        now = self.monotonic()
        timers = []
        for timer, signal in zip(self.timers, TIMER_SIGNALS, strict=True):
            if timer.expiry and timer.expiry <= now:
                self.signals.send_process(SigInfo(signal, SI_KERNEL))
                timers.append(_armed_again(timer, now))
            else:
                timers.append(timer)
        self.timers = (timers[0], timers[1], timers[2])

    def next_signal(self) -> int | None:
        """When the next of its timers expires whose signal would be delivered."""
        expiries = [
            timer.expiry
            for timer, signal in zip(self.timers, TIMER_SIGNALS, strict=True)
            if timer.expiry and self.signals.would_deliver(signal)
        ]
        return min(expiries, default=None)

    def deadline_in(self, nanoseconds: int) -> int:
        """The end of a wait that lasts so long, counted from when the call was made first."""
        return self.monotonic() + nanoseconds if self.until is None else self.until

    def wait(self, deadline: int | None) -> str:
        """Let time pass until `deadline` (monotonic) or a signal.

        `signal` when one can be delivered, `elapsed`, or `never` when neither can come while this
        call is waited for. Raises Sleeps where other tasks may use the time.
        """
        if not self.system.alone:
            return self._wait_among_others(deadline)
        while not self.signals.deliverable:
            expiry = self.next_signal()
            moments = [moment for moment in (expiry, deadline) if moment is not None]
            if not moments:
                return "never"
            self.system.slept += max(0, min(moments) - self.monotonic())
            self.run_timers()
            if deadline is not None and self.monotonic() >= deadline:
                return "signal" if self.signals.deliverable else "elapsed"
        return "signal"

    def _wait_among_others(self, deadline: int | None) -> str:
        if self.signals.deliverable:
            return "signal"
        if deadline is None:
            return "never"
        if self.monotonic() >= deadline:
            return "elapsed"
        raise Sleeps(deadline)


def _armed_again(timer: Timer, now: int) -> Timer:
    if not timer.interval:
        return Timer()
    periods = (now - timer.expiry) // timer.interval + 1
    return timer._replace(expiry=timer.expiry + periods * timer.interval)
