"""The emulated kernel's state as a program sees it, and the way into its calls."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from systui.model.stop import Channel
from systui.services.compat.dispatch import handler as compat_handler
from systui.services.content import Content
from systui.services.dispatch import Result, handler
from systui.services.errors import EFAULT, ENOBUFS, ENOSYS, ERESTARTSYS, Refused
from systui.services.host import HostTree, Input
from systui.services.nodes import S_IFREG, Node, Tree, split
from systui.services.openfile import (
    O_LARGEFILE,
    O_RDONLY,
    O_RDWR,
    O_WRONLY,
    OpenFile,
    OpenFiles,
    describe,
    open_new,
)
from systui.services.ports import (
    Blocked,
    DescriptorView,
    Ended,
    Pager,
    ThreadRegisters,
    UserFault,
    UserFrame,
)
from systui.services.proc import ProcTree
from systui.services.state import Map, Stateful
from systui.services.task import Task
from systui.services.terminal import Terminal
from systui.services.trees import TERMINAL, builtin, devices
from systui.services.vfs import ROOT, FileSystem
from systui.services.words import stopped_by

MIB = 1 << 20
MAX_BUFFERED = 32 * MIB
"""Bytes in all pipes and sockets."""
_FEW_BUFFERS = 100
"""That many cannot hold more."""
_PER_CALL = 1024
"""About what a call that stores nothing leaves different in a snapshot."""
_MASK64 = (1 << 64) - 1


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
    machine's, as are `pager` and `thread`, the first task's memory and registers. OSError where
    the root directory cannot be opened.
    """

    STATE = (
        *("served", "ended", "slept", "realtime_offset", "random_state", "input_position"),
        *("pipes", "sockets", "next_object", "hostname", "written"),
    )

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
        """Calls answered so far: the services' own measure of when."""
        self.ended: Ended | None = None
        self.slept = 0
        """Nanoseconds that passed in waiting."""
        self.realtime_offset = options.start_time
        self.random_state = options.seed
        self.input_position = 0
        self.pipes: Map[int, Any] = Map()
        self.sockets: Map[int, Any] = Map()
        self.next_object = 1
        self.hostname = "systui"
        self.written = 0
        """Bytes that files, pipes and sockets were given so far."""
        self.input = Input(options.stdin)
        self.host = None if options.root is None else HostTree(options.root)
        self.files = self._file_system()
        self.open = OpenFiles()
        self.task = Task(self, pager, thread)
        self.terminal = Terminal(self.task.group)
        self._settle()

    # setting up

    def _file_system(self) -> FileSystem:
        options = self.options
        main: Tree = self.host or builtin(options.start_time)
        terminal = options.stdin is None or options.stdout_terminal or options.stderr_terminal
        dev = devices(options.start_time, terminal)
        limit = options.overlay + len(options.image) + MIB
        proc = ProcTree(self)
        now = self._now
        return FileSystem(main, dev, proc, limit, now)

    def _now(self) -> int:
        return self.task.now() if hasattr(self, "task") else self.options.start_time

    def _settle(self) -> None:
        """Put the program into the tree, the task into its directory, and open 0, 1 and 2."""
        directory, name = split(self.options.program)
        parent = self._directory(directory)
        if self.files.child(parent, name) is None:
            node = Node(S_IFREG | 0o755, 0, Content.of(self.options.image))
            self.files.make(self.task, parent, name, node)
        try:
            found = self.files.find(self.task, ROOT, self.options.directory)
        except Refused:
            found = ROOT
        self.task.cwd = found if self.files.get(found).is_directory else ROOT
        self._open_streams()

    def _directory(self, path: str) -> str | int:
        """The directory at `path`, made where it is missing."""
        at: str | int = ROOT
        for name in [part for part in path.split("/") if part]:
            below = self.files.child(at, name)
            if below is None:
                below = self.files.make(self.task, at, name, Node(0o040755, 0))
            at = below
        return at

    def _open_streams(self) -> None:
        flags = O_LARGEFILE
        terminal = OpenFile("tty", flags | O_RDWR, "stdout", TERMINAL)
        pipe = OpenFile("input", flags | O_RDONLY, 0, "pipe:[1]")
        open_new(self.task, terminal if self.options.stdin is None else pipe, False)
        streams = (
            ("stdout", self.options.stdout_terminal),
            ("stderr", self.options.stderr_terminal),
        )
        for number, (name, is_terminal) in enumerate(streams, 2):
            out = OpenFile("output", flags | O_WRONLY, name, f"pipe:[{number}]")
            open_new(self.task, terminal._replace(key=name) if is_terminal else out, False)

    def close(self) -> None:
        """Let go of the host."""
        if self.host is not None:
            self.host.close()

    # the way in

    @property
    def signal_pending(self) -> bool:
        """A signal waits for `deliver`."""
        return self.task.signals.deliverable

    @property
    def stopped(self) -> Blocked | None:
        """Set while a signal such as SIGSTOP keeps the program from going on."""
        signal = self.task.signals.stopped
        return Blocked(stopped_by(signal)) if signal else None

    def tick(self) -> None:
        """Let timers that are due send their signals."""
        self.task.run_timers()

    def next_timer(self) -> int | None:
        """The clock's value at which a timer is due next; None while none is armed."""
        expiries = [timer.expiry for timer in self.task.timers if timer.expiry]
        return min(expiries) - self.slept if expiries else None

    def call(
        self, number: int, arguments: tuple[int, ...], frame: UserFrame, compat: bool = False
    ) -> Result:
        """Serve a call, of 32 bits if `compat`: its result, -errno, or Blocked.

        Where it is Blocked nothing has changed.

        What would wait is interrupted where a timer will send a signal; only the user's input is
        waited for whatever the timers say, for no time passes meanwhile.
        """
        if self.stopped is not None:
            return self.stopped
        found = compat_handler(number) if compat else handler(number)
        if found is None:
            self.served += 1
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
            if not refused.keep:
                self.restore(saved)
        if isinstance(result, Blocked):
            self.restore(saved)
            if result.wants_input or task.wait(None) != "signal":
                return result
            result = -ERESTARTSYS
        self.served += 1
        task.run_timers()
        return result

    def fault(self, vector: int, error_code: int, address: int, frame: UserFrame) -> None:
        """Turn a CPU exception at CPL 3 into a pending signal of the task."""
        from systui.services import faults

        faults.raise_signal(self.task, vector, error_code, address, frame)

    def deliver(self, frame: UserFrame) -> None:
        """Deliver pending signals: end the program, or make `frame` enter a handler."""
        self.task.frame = frame
        self.task.signals.deliver(frame)

    def descriptors(self) -> Mapping[int, DescriptorView]:
        """The task's open descriptors."""
        return describe(self, self.task)

    def feed(self, data: bytes) -> None:
        """Append to standard input; b"" is end of file."""
        self.input.feed(data, self.served)

    def forget_typed(self) -> None:
        """A fresh run begins: what was typed into the last one is not typed into this one."""
        if self.input.interactive:
            self.input = Input(None)

    @property
    def stored(self) -> int:
        """A count that only grows: what two snapshots can hold apart is at most its difference."""
        return self.written + self.served * _PER_CALL

    # what calls share

    def check_buffers(self) -> None:
        """Refused(ENOBUFS) where pipes and sockets together hold all that they may."""
        if len(self.pipes) + len(self.sockets) < _FEW_BUFFERS:
            return
        waiting = sum(len(pipe.data) for pipe in self.pipes.values())
        waiting += sum(socket.waiting for socket in self.sockets.values())
        if waiting > MAX_BUFFERED:
            raise Refused(ENOBUFS)

    def random_bytes(self, size: int) -> bytes:
        """The next random bytes (splitmix64)."""
        words = []
        for _ in range((size + 7) // 8):
            self.random_state = (self.random_state + 0x9E3779B97F4A7C15) & _MASK64
            word = self.random_state
            word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) & _MASK64
            word = ((word ^ word >> 27) * 0x94D049BB133111EB) & _MASK64
            words.append((word ^ word >> 31).to_bytes(8, "little"))
        return b"".join(words)[:size]

    def new_object(self) -> int:
        """A number for a new pipe or socket, its inode number too."""
        self.next_object += 1
        return 1000 + self.next_object

    # snapshots

    def save(self) -> object:
        """Everything that calls can change, to be given back to `restore`; shares structure."""
        return (
            super().save(),
            self.task.save(),
            self.files.save(),
            self.open.save(),
            self.terminal.save(),
        )

    def restore(self, saved: object) -> None:
        """Be exactly as at `save`."""
        own, task, files, opened, terminal = cast("tuple[object, ...]", saved)
        super().restore(own)
        self.task.restore(task)
        self.files.restore(files)
        self.open.restore(opened)
        self.terminal.restore(terminal)
