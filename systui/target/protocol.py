"""The protocol that an emulator, a gdbstub and a recording all answer to.

A target is driven by one thread. Every method may raise `TargetGoneError` once the target is
lost; `interrupt` alone may be called from another thread, at any time, and never waits.
Symbols, source lines, pt_regs, phases and unwinding are not a target's business.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, Flag, auto
from typing import NamedTuple, Protocol, runtime_checkable

from systui.model.edit import Edit
from systui.model.stop import Happening, MemoryRange, Output, Registers, Space, Stop, Task
from systui.model.task_log import TaskEvent


class Capability(Flag):
    """What a target can do beyond reading and going forwards."""

    BACKWARD = auto()
    """`resume` takes `Direction.BACKWARD`."""
    SEEK = auto()
    """It is `Seekable`."""
    WRITE = auto()
    """It is `Writable`."""
    INPUT = auto()
    """`send_input` reaches the program or the console."""
    CONSOLE = auto()
    """What `send_input` takes goes to a terminal at once, also while the target runs, and any
    thread may call it."""
    WATCH = auto()
    """Watchpoints."""
    RESTART = auto()
    """It is `Restartable`."""
    PHYSICAL = auto()
    """Physical memory can be read."""
    WHOLE_PAST = auto()
    """The past holds every instruction that ran, not only the stops that were seen."""
    FILTER = auto()
    """`Run.only` costs so little that the busiest address may be named with it."""
    LIVE = auto()
    """It is what runs: what cannot be read there is not there, and a call that does not come was
    not made. Of a recording neither can be said."""


class Direction(Enum):
    """Which way time runs."""

    FORWARD = "forward"
    BACKWARD = "backward"


class Step(NamedTuple):
    """Run one instruction of the task (also across a CPU switch), or go back over one."""

    direction: Direction = Direction.FORWARD


class RegisterIs(NamedTuple):
    """A condition on one register: its bits under `mask` are `value`."""

    register: str
    value: int
    mask: int

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether it does among `values`, registers by name."""
        return values.get(self.register, 0) & self.mask == self.value


class Run(NamedTuple):
    """Run until a set breakpoint or one of `addresses` is reached, or something else stops it.

    Reaching one of `addresses` counts `only` where the condition holds.
    """

    direction: Direction = Direction.FORWARD
    addresses: frozenset[int] = frozenset()
    only: RegisterIs | None = None
    """NotSupportedError without Capability.FILTER, and backwards."""
    anyone: bool = False
    """Also where a live guest's task stands in a call, others of the program reach `addresses`."""


How = Step | Run


class Access(Enum):
    """What a watchpoint watches for."""

    WRITE = "write"
    READ = "read"
    ANY = "any"


class Breakpoint(NamedTuple):
    """Stop before the instruction at `address` runs, in any task or only in one."""

    address: int
    pid: int | None = None


class Watchpoint(NamedTuple):
    """Stop after an access to `range`."""

    range: MemoryRange
    access: Access = Access.WRITE


class TargetInfo(NamedTuple):
    """What is being debugged; stays the same for the target's life."""

    kind: str
    """`emulator`, `gdb` or `recording`."""
    arch: str
    """A key of `systui.arch.BY_NAME`."""
    kernel: str
    """The kernel's name for a title, in English: `miniature kernel, PTI on`."""
    build_id: str | None
    slide: int
    """Bytes that run-time kernel addresses lie above link-time ones (KASLR)."""
    program: str | None
    program_slide: int = 0
    """The same for the user's program (static-pie and PIE)."""


OutputListener = Callable[[Output], None]


class Target(Protocol):
    """What every target does."""

    @property
    def info(self) -> TargetInfo:
        """What is being debugged."""

    @property
    def capabilities(self) -> Capability:
        """What it can do."""

    def tasks(self) -> Sequence[Task]:
        """The tasks that are known to exist, the current one first."""

    def cpus(self) -> Sequence[int]:
        """Numbers of the CPUs."""

    def current_stop(self) -> Stop:
        """Where it stands; not to be asked while it runs."""

    def registers(self, task: Task | None = None) -> Registers:
        """The architecture's registers of `task` (None: the current one)."""

    def read_memory(self, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """All `ranges` in one batch; None for each that cannot be read whole."""

    def resume(self, how: How, task: Task | None = None) -> Stop:
        """Run until the next stop; NotSupportedError where `how` needs a missing capability.

        With `task`, where the target can tell, a step ends where that task stands again, and
        `Run.addresses` count in it alone, as long as it lives.
        """

    def interrupt(self) -> None:
        """Make a `resume` under way stop soon; harmless when nothing runs. Any thread."""

    def set_breakpoint(self, point: Breakpoint) -> None:
        """Arm `point`; setting it twice changes nothing."""

    def clear_breakpoint(self, point: Breakpoint) -> None:
        """Disarm it; harmless when it is not set."""

    def set_watchpoint(self, point: Watchpoint) -> None:
        """Arm `point`."""

    def clear_watchpoint(self, point: Watchpoint) -> None:
        """Disarm it."""

    def send_input(self, data: bytes) -> None:
        """Append to what the program (or the console) may read; b"" means end of file."""

    def subscribe(self, listener: OutputListener) -> None:
        """Call `listener`, on the driving thread, with each new piece of output, once."""

    def close(self) -> None:
        """Let go of everything; calling it twice is harmless."""


@runtime_checkable
class Telling(Protocol):
    """A target that tells what comes to its tasks."""

    def tell(self, listener: Callable[[Happening], None]) -> None:
        """Call `listener`, on the driving thread, when something happens to a task, once.

        From then on the program is treated as one under ptrace: a signal that it ignores is
        delivered too.
        """


@runtime_checkable
class TasksLogged(Protocol):
    """A target that keeps what all its tasks did, also while others were watched."""

    def task_events(self, since: int = -1) -> Sequence[TaskEvent]:
        """Those behind position `since`, in order; the oldest may be missing, and all may."""


@runtime_checkable
class ReadsBack(Protocol):
    """A target that knows what memory held at other positions, without standing there."""

    def read_memory_at(self, position: int, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """As `read_memory`; None also where nothing is known of that position."""


@runtime_checkable
class Anticipating(Protocol):
    """A target at which every move and every look costs a round trip."""

    def anticipate(self, ranges: Sequence[MemoryRange], meanwhile: Callable[[], None]) -> None:
        """Before a move: `ranges` are likely to be read after it and may be fetched with it.

        `meanwhile` may be called while the move is under way and would be waited for, as may the
        target's end be. It asks nothing of the target, and being called again does nothing.
        """


@runtime_checkable
class Seekable(Protocol):
    """A target that can stand at any position between two ends."""

    @property
    def earliest(self) -> int:
        """First position that can be reached."""

    @property
    def latest(self) -> int:
        """Last position seen so far."""

    def seek(self, position: int) -> Stop:
        """Stand at `position`; ValueError outside earliest…latest."""


@runtime_checkable
class Recalls(Seekable, Protocol):
    """A target that tells of its past without going there."""

    def known_before(self, position: int) -> tuple[int, object] | None:
        """What was known shortly before `position`, and where; None where nobody put that down.

        It is what `systui.decode.remembered` makes of it.
        """

    def last_at(self, pc: int, first: int, last: int) -> int | None:
        """The last position from `first` to `last` at which `pc` was next, as far as is known."""

    def addresses(self, first: int, last: int) -> frozenset[int]:
        """The instructions that were next from position `first` to `last`."""


@runtime_checkable
class Writable(Protocol):
    """A target whose state can be edited; what lay ahead of an edit is forgotten."""

    def write_registers(self, values: Mapping[str, int], task: Task | None = None) -> None:
        """Set registers by name."""

    def write_memory(self, space: Space, address: int, data: bytes) -> None:
        """Set memory; MemoryFaultError where it cannot be written."""


@runtime_checkable
class EditsKnown(Protocol):
    """A target that knows itself what was changed by hand: a recording."""

    def edits_at(self, position: int) -> Sequence[Edit]:
        """What was changed while `position` was stood at, in that order."""


@runtime_checkable
class Commandable(Protocol):
    """A target with a debugger of its own underneath that takes commands in its own words."""

    def command(self, line: str) -> str:
        """Have it do one line and return what it printed.

        BadInputError for what is no such line, or would take the target out of systui's hands.
        """


@runtime_checkable
class Restartable(Protocol):
    """A target that can run its program again from the start."""

    def restart(self) -> Stop:
        """Stand at the start of a fresh run with the same program, arguments and environment."""
