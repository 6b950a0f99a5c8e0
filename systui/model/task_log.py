"""What the tasks of one execution did to each other: calls, waits and what ended them, in time."""

from enum import Enum
from typing import NamedTuple

from systui.model.stop import Task


class Deed(Enum):
    """What a task did, or what came to it."""

    CALLS = "calls"
    """It makes a system call."""
    WAITS = "waits"
    """Its call waits, and others have the CPU."""
    GOES_ON = "goes on"
    """What it waited for has come."""
    RETURNS = "returns"
    """Its call's result is known."""
    ENDS = "ends"
    """It is no more."""


class TaskEvent(NamedTuple):
    """One deed of one task."""

    position: int
    """The stop at which it is about to happen, or has just happened."""
    task: Task
    deed: Deed
    abi: str = ""
    """Of CALLS, as in `systui.arch.spec.SyscallConvention`; so are `number` and `values`."""
    number: int = 0
    values: tuple[int, ...] = ()
    """The argument registers."""
    result: int | None = None
    """Of RETURNS, signed."""
    text: str = ""
    """Of WAITS: what for; of GOES_ON: `time` or `signal` where that is why."""
    by: int | None = None
    """Of GOES_ON: the task whose doing it was, by pid; None where that is not certain."""
    frame: int | None = None
    """Of WAITS and RETURNS: the address of the task's pt_regs; None where it is not known."""
    told: tuple[str, ...] = ()
    """Of CALLS: the arguments as strace writes them, with what lay behind pointers as the call was
    made; empty where that was not read, as before the program has a second task."""
