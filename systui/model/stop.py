"""Where a target stands: stops, tasks, registers and ranges of memory."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple

Read = Callable[[int, int], bytes | None]
"""Address and size to bytes; None where they cannot be read whole."""


class Space(Enum):
    """Which way an address is looked up."""

    USER = "user"
    """Through the stopped task's user page table."""
    KERNEL = "kernel"
    """Through the kernel's page table, also while the CPU runs on the user's (PTI)."""
    PHYSICAL = "physical"

    __hash__ = object.__hash__  # Enum's is not C code, and what is read at a stop is kept by range


class Reason(Enum):
    """Why the target stopped."""

    START = "start"
    STEP = "step"
    BREAKPOINT = "breakpoint"
    WATCH = "watch"
    SIGNAL = "signal"
    """A signal was sent to the task; `Stop.detail` names it."""
    EXIT = "exit"
    """The program ended; `Stop.exit_status` holds the shell's view of it."""
    BLOCKED = "blocked"
    """The task waits for something outside (input, a connection); `Stop.detail` says for what."""
    LIMIT = "limit"
    """A documented limit was reached; `Stop.detail` says which."""
    OOPS = "oops"
    """The kernel itself failed; `Stop.detail` says how. It can go on from here only where
    `Stop.goes_on` says so."""
    INTERRUPTED = "interrupted"
    BEGINNING = "beginning"
    """Going backwards ended at the earliest position that can be reached."""
    END_OF_RECORDING = "end of recording"


class Task(NamedTuple):
    """A thread as the kernel counts it."""

    pid: int
    name: str
    """comm: the program's short name."""


class Happening(NamedTuple):
    """Something that came to a task other than by its own instructions."""

    task: Task
    kind: str
    """`signal`: one is delivered; `stopped`, `exited`, `killed`: the task stands still or ended."""
    signal: str = ""
    """`SIGCHLD`, of all kinds but `exited`."""
    info: bytes = b""
    """A delivered signal's siginfo_t."""
    interrupted: int | None = None
    """Signed result of the call under way as the signal found it; None where there was none."""
    status: int = 0
    """What an exited task gave exit."""
    core: bool = False
    """A killed one would leave a core dump."""


class Killed(NamedTuple):
    """The signal that ended a program."""

    signal: str
    """`SIGSEGV`."""
    pc: int | None
    """The user instruction that it came at; None where that is not known."""
    address: int | None = None
    """What the instruction could not access."""


class Stop(NamedTuple):
    """One standstill of one task."""

    position: int
    """Place in the execution, in steps from its start; the same stop has the same position."""
    reason: Reason
    pc: int
    task: Task
    cpu: int = 0
    detail: str = ""
    exit_status: int | None = None
    """0–255 for an exit, 128 + n when signal n killed the program; None while it lives."""
    past: bool = False
    """True where a past stop is shown read-only (a gdbstub's kept stops)."""
    killed: Killed | None = None
    """How the program ended, where it was a signal that ended it."""
    leap: bool = False
    """Any number of instructions lie between it and the position before, which is a stop's, not
    an instruction's: a gdbstub's guest was let run."""
    goes_on: bool = False
    """After an oops: it was caught, and the call is answered from outside when it moves on."""


class Registers:
    """A register set by the architecture's names (`rax`, `cs`, `cr3`, …); absent means unknown.

    Not to be changed, nor what `values` maps.
    """

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, int]) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"Registers({dict(self.values)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Registers) and self.values == other.values

    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, name: str) -> int:
        return self.values[name]

    def get(self, name: str) -> int | None:
        """The register's value, or None where the target cannot tell it."""
        return self.values.get(name)

    @property
    def cpl(self) -> int:
        """Current privilege level: the low two bits of CS (Intel SDM vol. 3, 5.5)."""
        return self.values["cs"] & 3


class MemoryRange(NamedTuple):
    """`size` bytes from `address`."""

    space: Space
    address: int
    size: int


class Channel(Enum):
    """Where output came from."""

    STDOUT = "stdout"
    STDERR = "stderr"
    CONSOLE = "console"
    """The guest's serial console."""
    DEBUGGER = "debugger"
    """Words of a debugger underneath, such as gdb."""


class Output(NamedTuple):
    """Bytes that left the target, with the position at which they did."""

    channel: Channel
    data: bytes
    position: int
