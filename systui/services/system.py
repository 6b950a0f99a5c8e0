"""The emulated kernel's state as a program sees it, and the way into its calls."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from systui.model.stop import Channel
from systui.services import scheduler
from systui.services.compat.dispatch import handler as compat_handler
from systui.services.dispatch import Handler, Result, handler
from systui.services.errors import EFAULT, ENOBUFS, ENOSYS, ERESTARTSYS, Refused
from systui.services.host import HostTree, Input
from systui.services.memory import TASK_SIZE, AddressSpace
from systui.services.narrow import UNDER_64, Narrow
from systui.services.openfile import (
    OpenFiles,
    describe,
)
from systui.services.options import MIB, SystemOptions
from systui.services.ports import (
    Blocked,
    DescriptorView,
    Ended,
    Happened,
    Loader,
    Pager,
    Sleeps,
    ThreadRegisters,
    UserFault,
    UserFrame,
)
from systui.services.process import FIRST_PID, NO_TIMERS, Actions, Files, Place, Process
from systui.services.settling import file_system, settle
from systui.services.state import Map, Stateful
from systui.services.task import Task, Waiting
from systui.services.terminal import Terminal
from systui.services.words import stopped_by, waits_for_time

MAX_BUFFERED = 32 * MIB
"""Bytes in all pipes and sockets."""
_FEW_BUFFERS = 100
"""That many cannot hold more."""
_PER_CALL = 1024
"""About what a call that stores nothing leaves different in a snapshot."""
_MASK64 = (1 << 64) - 1


class TaskWatcher(Protocol):
    """Told who waits and who goes on, also in time that is run through again."""

    def waits(self, task: Task, reason: str) -> None:
        """The call of `task` cannot be answered yet, and others may have the CPU."""

    def goes_on(self, task: Task, why: str, by: int | None) -> None:
        """What `task` waited for has come: `time`, a `signal`, or by the doing of another one."""

    def ends(self, task: Task) -> None:
        """It is no more."""


class System(Stateful):
    """One emulated Linux: tasks and what they share.

    `clock` gives nanoseconds since the start, by position; `emit` takes output. Both are the
    machine's, as are `pager` and `thread`, the first task's memory and registers. OSError where
    the root directory cannot be opened.
    """

    STATE = (
        *("served", "ended", "slept", "realtime_offset", "random_state", "input_position"),
        *("pipes", "sockets", "epolls", "counters", "next_object", "hostname", "written"),
        *("changes", "changed_by", "slice_end"),
        *("task", "tasks", "processes", "next_pid", "outcome"),
    )

    watcher: TaskWatcher | None = None
    """Told who waits and who goes on."""

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
        self._emit = emit
        self._trying = False
        """A call is only tried: what it says is not said."""
        self.served = 0
        """Questions answered so far: the services' own measure of when."""
        self.changes, self.changed_by = 0, (FIRST_PID, 0)
        """Grows with whatever may let a waiting task go on; the task whose doing the last of it
        was, and what it was before that."""
        self.ended: Ended | None = None
        """How it all ended: the last task is gone, or what is left waits for ever."""
        self.slept = 0
        """Nanoseconds that passed in waiting."""
        self.realtime_offset = options.start_time
        self.random_state = options.seed
        self.input_position = 0
        self.pipes: Map[int, Any] = Map()
        self.sockets: Map[int, Any] = Map()
        self.epolls: Map[int, Any] = Map()
        self.counters: Map[int, Any] = Map()
        self.next_object = 1
        self.hostname = "systui"
        self.written = 0
        """Bytes that files, pipes and sockets were given so far."""
        self.input = Input(options.stdin)
        self.host = None if options.root is None else HostTree(options.root)
        self.files = file_system(self, self._now)
        self.open = OpenFiles()
        self.thread = thread
        self.loader: Loader | None = None
        """Lays programs into memory for execve; None: there is none."""
        self.tell: Callable[[Happened], None] | None = None
        """Told what comes to tasks; while someone is, signals are as under ptrace."""
        self.multitasking = False
        """The kernel can switch between tasks."""
        self.first = FIRST_PID
        """The process that the run began with."""
        self.outcome: Ended | None = None
        """How that one ended."""
        self.next_pid = FIRST_PID
        self.slice_end = 0
        """The position at which the running task has had its share."""
        process = Process(self.new_pid(), FIRST_PID - 1, options.program)
        memory = AddressSpace(pager, options.memory, self._user_end())
        self.task = Task(self, process, memory, Files(0), Place(), Actions())
        """Who has the CPU."""
        self.tasks: Map[int, Task] = Map({process.pid: self.task})
        self.processes: Map[int, Process] = Map({process.pid: process})
        self.terminal = Terminal(self.task.group)
        settle(self)

    def _now(self) -> int:
        return self.task.now() if hasattr(self, "task") else self.options.start_time

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

    @property
    def alone(self) -> bool:
        """There is one task: nobody could use the time while it waits."""
        return len(self.tasks) <= 1

    def run_timers(self) -> None:
        """Let timers that are due send their signals."""
        for process in self.processes.values():
            if process.timers != NO_TIMERS:
                thread = self.thread_of(process)
                if thread is not None:
                    thread.run_timers()

    def thread_of(self, process: Process) -> Task | None:
        """The first thread of a process that lives."""
        threads = (task for task in self.tasks.values() if task.process is process)
        return min(threads, key=lambda task: task.tid, default=None)

    @property
    def share_is_over(self) -> bool:
        """The running task should give way to others."""
        over = self.clock() >= self.slice_end
        return over and not self.alone and scheduler.others_may_run(self)

    def next_timer(self) -> int | None:
        """The clock's value at which a timer is due next, or another task's turn."""
        expiries = [
            timer.expiry - self.slept
            for process in self.processes.values()
            if process.timers != NO_TIMERS
            for timer in process.timers
            if timer.expiry
        ]
        if not self.alone and scheduler.others_may_run(self):
            expiries.append(self.slice_end)
        return min(expiries, default=None)

    def schedule(self) -> Task | Blocked:
        """Give the CPU to the task whose turn it is; Blocked, and no change, where none can run."""
        saved = self.save()
        chosen = scheduler.choose(self)
        if isinstance(chosen, Blocked) and self.ended is None:
            self.restore(saved)
        else:
            self.served += 1
        return chosen

    @property
    def narrow(self) -> Narrow:
        """What a 32-bit program finds."""
        return self.options.narrow

    def _user_end(self) -> int:
        return TASK_SIZE if self.narrow is UNDER_64 else self.narrow.end

    def call(
        self, number: int, arguments: tuple[int, ...], frame: UserFrame, compat: bool = False
    ) -> Result:
        """Serve a call, of 32 bits if `compat`: its result, -errno, or Blocked.

        Where it is Blocked nothing has changed.

        What would wait is interrupted where a timer will send a signal; only the user's input is
        waited for whatever the timers say, for no time passes meanwhile.
        """
        if self.stopped is not None and self.alone:
            return self.stopped
        found = compat_handler(number) if compat else handler(number)
        if found is None:
            self.served += 1
            return -ENOSYS
        task = self.task
        task.frame = frame
        result, mask = self._attempt(task, found, arguments)
        if isinstance(result, Blocked):
            if not self._is_interrupted(task, result, mask):
                if not self.alone:
                    self._wait(task, Waiting(number, arguments, result, mask, 0, 0, compat))
                return result
            result = -ERESTARTSYS
        self.served += 1
        self.change()
        task.waiting = task.until = None
        self.run_timers()
        return result

    def change(self) -> None:
        """The running task did what may let others go on."""
        if self.changed_by[0] != self.task.tid:
            self.changed_by = self.task.tid, self.changes
        self.changes += 1

    def _attempt(
        self, task: Task, found: Handler, arguments: tuple[int, ...]
    ) -> tuple[Result, int]:
        """Run a call's handler: its result, Blocked with all put back, and the signals that it
        keeps off meanwhile.
        """
        saved = self.save()
        mask = task.signals.blocked
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
        except Sleeps as sleep:
            result = Blocked(waits_for_time(), deadline=sleep.deadline)
        if isinstance(result, Blocked):
            mask = task.signals.blocked
            self.restore(saved)
        return result, mask

    def _is_interrupted(self, task: Task, blocked: Blocked, mask: int) -> bool:
        """Whether a signal ends the wait: one that is there, or will be by a timer."""
        if not self.alone:
            return bool(task.signals.pending_mask & ~mask)
        return not blocked.wants_input and task.wait(None) == "signal"

    def _wait(self, task: Task, waiting: Waiting) -> None:
        before = task.waiting
        if self.watcher is not None:
            self.watcher.waits(task, waiting.blocked.reason)
        since = self.served if before is None else before.since
        task.waiting = waiting._replace(since=since, tried=self.changes)
        task.until = waiting.blocked.deadline
        self.served += 1

    def would_block(self, task: Task) -> bool:
        """Whether the call that `task` waits with cannot be answered yet either."""
        waiting = task.waiting
        if waiting is None:
            return False
        found = compat_handler(waiting.number) if waiting.compat else handler(waiting.number)
        if found is None:
            return False
        saved = self.save()
        self._trying = task.user.trying = True
        try:
            result, _mask = self._attempt(task, found, waiting.arguments)
        finally:
            self._trying = task.user.trying = False
        self.restore(saved)
        return isinstance(result, Blocked)

    def emit(self, channel: Channel, data: bytes) -> None:
        """Output of the program."""
        if not self._trying:
            self._emit(channel, data)

    def fault(self, vector: int, error_code: int, address: int, frame: UserFrame) -> None:
        """Turn a CPU exception at CPL 3 into a pending signal of the task."""
        from systui.services import faults

        faults.raise_signal(self.task, vector, error_code, address, frame)

    def deliver(self, frame: UserFrame) -> None:
        """Deliver pending signals: end the process, or make `frame` enter a handler."""
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

    def new_pid(self) -> int:
        """The next task's number."""
        self.next_pid += 1
        return self.next_pid - 1

    def new_object(self) -> int:
        """A number for a new pipe or socket, its inode number too."""
        self.next_object += 1
        return 1000 + self.next_object

    # snapshots

    def save(self) -> object:
        """Everything that calls can change, to be given back to `restore`; shares structure."""
        return (
            super().save(),
            tuple([(part, part.save()) for part in self._parts()]),
            self.files.save(),
            self.open.save(),
            self.terminal.save(),
        )

    def _parts(self) -> list[Stateful]:
        """What tasks consist of, each once."""
        if self.alone and len(self.processes) <= 1:
            return _parts_of(self.task)
        parts: dict[Stateful, None] = dict.fromkeys(self.processes.values())
        for task in (self.task, *self.tasks.values()):
            parts.update(dict.fromkeys(_parts_of(task)))
        return list(parts)

    def restore(self, saved: object) -> None:
        """Be exactly as at `save`."""
        own, parts, files, opened, terminal = cast("tuple[Any, ...]", saved)
        super().restore(own)
        for part, state in parts:
            part.restore(state)
        self.files.restore(files)
        self.open.restore(opened)
        self.terminal.restore(terminal)


def _parts_of(task: Task) -> list[Stateful]:
    return [
        *(task, task.signals, task.memory, task.files, task.place, task.actions),
        task.process,
    ]
