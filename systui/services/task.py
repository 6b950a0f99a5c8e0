"""A task: what one thread of one program has of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from systui.services.memory import AddressSpace
from systui.services.nodes import Key
from systui.services.openfile import Descriptor
from systui.services.ports import Pager, ThreadRegisters, UserFrame
from systui.services.signals import SI_KERNEL, SIGALRM, SIGPROF, SIGVTALRM, SigInfo, Signals
from systui.services.state import Map, Stateful
from systui.services.user import UserMemory

if TYPE_CHECKING:
    from systui.services.system import System

FIRST_PID = 1000
INFINITY = (1 << 64) - 1
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
TIMER_SIGNALS = (SIGALRM, SIGVTALRM, SIGPROF)


class Timer(NamedTuple):
    """An interval timer, in nanoseconds of the monotonic clock; `expiry` 0 is not armed."""

    expiry: int = 0
    interval: int = 0


class Task(Stateful):
    """One thread; with one program there is one."""

    STATE = (
        *("comm", "umask", "cwd", "descriptors", "uids", "gids", "groups", "limits", "timers"),
        *("clear_tid", "robust_list", "sleep_until", "death_signal", "no_new_privileges"),
    )

    def __init__(self, system: System, pager: Pager, thread: ThreadRegisters) -> None:
        options = system.options
        self.system = system
        self.thread = thread
        self.pid: int = FIRST_PID
        self.parent = FIRST_PID - 1
        self.group = FIRST_PID
        self.session = FIRST_PID - 1
        self.memory = AddressSpace(pager, options.memory)
        self.user = UserMemory(pager)
        self.signals = Signals(self)
        self.frame: UserFrame
        """pt_regs of the call under way."""
        self.comm = options.program.rpartition("/")[2][:15]
        self.umask = 0o022
        self.cwd: Key = "/"
        self.descriptors: Map[int, Descriptor] = Map()
        self.uids: tuple[int, ...] = (options.uid,) * 3
        """Real, effective, saved."""
        self.gids: tuple[int, ...] = (options.gid,) * 3
        self.groups: tuple[int, ...] = (options.gid,)
        self.limits = tuple(_LIMITS.get(name, (INFINITY, INFINITY)) for name in LIMIT_NAMES)
        self.timers = (Timer(), Timer(), Timer())
        """ITIMER_REAL, _VIRTUAL, _PROF; all run by the one clock."""
        self.clear_tid = 0
        self.robust_list = 0
        self.sleep_until: tuple[int, int] = (0, 0)
        """Deadline and address for the rest, of an interrupted sleep (restart_syscall)."""
        self.death_signal = 0
        self.no_new_privileges = False

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

    def send(self, signal: int, code: int = SI_KERNEL) -> None:
        """Send itself a signal from within the kernel."""
        self.signals.send(SigInfo(signal, code))

    # time

    def monotonic(self) -> int:
        """CLOCK_MONOTONIC in nanoseconds."""
        return self.system.clock() + self.system.slept

    def now(self) -> int:
        """CLOCK_REALTIME in nanoseconds."""
        return self.monotonic() + self.system.realtime_offset

    def run_timers(self) -> None:
        """Send the signals of timers that have expired, and arm them anew."""
        if self.timers == (Timer(), Timer(), Timer()):
            return
        now = self.monotonic()
        timers = []
        for timer, signal in zip(self.timers, TIMER_SIGNALS, strict=True):
            if timer.expiry and timer.expiry <= now:
                self.send(signal)
                timers.append(_armed_again(timer, now))
            else:
                timers.append(timer)
        self.timers = (timers[0], timers[1], timers[2])

    def wait(self, deadline: int | None) -> str:
        """Let time pass until `deadline` (monotonic) or a signal.

        `signal` when one can be delivered, `elapsed`, or `never` when neither can come.
        """
        while not self.signals.deliverable:
            expiries = [
                timer.expiry
                for timer, signal in zip(self.timers, TIMER_SIGNALS, strict=True)
                if timer.expiry and self.signals.would_deliver(signal)
            ]
            moments = expiries if deadline is None else [*expiries, deadline]
            if not moments:
                return "never"
            self.system.slept += max(0, min(moments) - self.monotonic())
            self.run_timers()
            if deadline is not None and self.monotonic() >= deadline:
                return "signal" if self.signals.deliverable else "elapsed"
        return "signal"

    # snapshots

    def save(self) -> object:
        """Its own state, its address space's and its signals'."""
        return (super().save(), self.memory.save(), self.signals.save())

    def restore(self, saved: object) -> None:
        """Be exactly as at `save`."""
        own, memory, signals = cast("tuple[object, object, object]", saved)
        super().restore(own)
        self.memory.restore(memory)
        self.signals.restore(signals)


def _armed_again(timer: Timer, now: int) -> Timer:
    if not timer.interval:
        return Timer()
    periods = (now - timer.expiry) // timer.interval + 1
    return timer._replace(expiry=timer.expiry + periods * timer.interval)
