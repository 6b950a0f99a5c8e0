"""The emulated kernel's state as a program sees it, and the way into its calls."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from systui.model.stop import Channel
from systui.services.dispatch import Result, handler
from systui.services.errors import EFAULT, ENOSYS, Refused
from systui.services.ports import (
    Blocked,
    DescriptorView,
    Ended,
    Pager,
    ThreadRegisters,
    UserFault,
    UserFrame,
)
from systui.services.state import Stateful
from systui.services.task import Task

MIB = 1 << 20


class SystemOptions(NamedTuple):
    """What a run is made of."""

    program: str = "/home/user/program"
    """The executable's path as the program sees it."""
    image: bytes = b""
    """The executable's bytes, shown at `program` where the tree has nothing there."""
    arguments: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    root: str | None = None
    """Host directory that the program sees, read-only, as `/`; None: a small built-in tree."""
    directory: str = "/home/user"
    """Working directory; `/` where the tree lacks it."""
    stdin: bytes | Callable[[int], bytes] | None = None
    """Bytes of a pipe; or what reads up to n more from one; or None: a terminal typed into."""
    stdout_terminal: bool = True
    stderr_terminal: bool = True
    uid: int = 0
    gid: int = 0
    memory: int = 512 * MIB
    """Bytes of private writable mappings."""
    overlay: int = 64 * MIB
    """Bytes that files written by the program may hold."""
    start_time: int = 1_700_000_000_000_000_000
    """CLOCK_REALTIME at the start, in nanoseconds since 1970."""
    seed: int = 0
    """Of everything random."""


class System(Stateful):
    """One emulated Linux: tasks and what they share.

    `clock` gives nanoseconds since the start, by position; `emit` takes output. Both are the
    machine's, as are `pager` and `thread`, the first task's memory and registers.
    """

    STATE = ("served", "ended")

    def __init__(
        self,
        options: SystemOptions,
        clock: Callable[[], int],
        emit: Callable[[Channel, bytes], None],
        pager: Pager,
        thread: ThreadRegisters,
    ) -> None:
        self.options = options
        self.clock = clock
        self.emit = emit
        self.served = 0
        self.ended: Ended | None = None
        self.task = Task(self, pager, thread)

    @property
    def signal_pending(self) -> bool:
        """A signal waits for `deliver`."""
        return False

    def call(self, number: int, arguments: tuple[int, ...], frame: UserFrame) -> Result:
        """Serve a call: its result, -errno, or Blocked, in which case nothing has changed."""
        found = handler(number)
        if found is None:
            return -ENOSYS
        saved = self.save()
        task = self.task
        task.frame = frame
        try:
            values = [turn(value) for turn, value in zip(found.convert, arguments, strict=False)]
            result = found.function(task, *values)
        except UserFault:
            result = -EFAULT
            self.restore(saved)
        except Refused as refused:
            result = -refused.errno
            self.restore(saved)
        if isinstance(result, Blocked):
            self.restore(saved)
        else:
            self.served += 1
        return result

    def fault(self, vector: int, error_code: int, address: int, frame: UserFrame) -> None:
        """Turn a CPU exception at CPL 3 into a pending signal of the task."""

    def deliver(self, frame: UserFrame) -> None:
        """Deliver pending signals: end the program, or make `frame` enter a handler."""

    def descriptors(self) -> Mapping[int, DescriptorView]:
        """The task's open descriptors."""
        return {}

    def feed(self, data: bytes) -> None:
        """Append to standard input; b"" is end of file."""

    def save(self) -> object:
        """Everything that calls can change, to be given back to `restore`; shares structure."""
        return (super().save(), self.task.save())

    def restore(self, saved: object) -> None:
        """Be exactly as at `save`."""
        own, task = cast("tuple[object, object]", saved)
        super().restore(own)
        self.task.restore(task)
