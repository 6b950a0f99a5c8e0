"""Where a target stands: stops, tasks, registers and ranges of memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Space(Enum):
    """Which way an address is looked up."""

    USER = "user"
    """Through the stopped task's user page table."""
    KERNEL = "kernel"
    """Through the kernel's page table, also while the CPU runs on the user's (PTI)."""
    PHYSICAL = "physical"


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
    INTERRUPTED = "interrupted"
    BEGINNING = "beginning"
    """Going backwards ended at the earliest position that can be reached."""
    END_OF_RECORDING = "end of recording"


@dataclass(frozen=True, slots=True)
class Task:
    """A thread as the kernel counts it."""

    pid: int
    name: str
    """comm: the program's short name."""


@dataclass(frozen=True, slots=True)
class Stop:
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


@dataclass(frozen=True, slots=True)
class Registers:
    """A register set by the architecture's names (`rax`, `cs`, `cr3`, …); absent means unknown."""

    values: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        return self.values[name]

    def get(self, name: str) -> int | None:
        """The register's value, or None where the target cannot tell it."""
        return self.values.get(name)

    @property
    def cpl(self) -> int:
        """Current privilege level: the low two bits of CS (Intel SDM vol. 3, 5.5)."""
        return self.values["cs"] & 3


@dataclass(frozen=True, slots=True)
class MemoryRange:
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


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes that left the target, with the position at which they did."""

    channel: Channel
    data: bytes
    position: int
