"""A target around a target that writes down what passes through.

While nothing is recorded it only passes on. While something is, each new stop becomes a line of
the file (docs/session-format.md) before the caller gets it; what is read of memory at that stop
beyond the fixed set follows as a line of its own before the next one.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from systui.arch import BY_NAME
from systui.model.edit import Edit
from systui.model.errors import unwritable
from systui.model.stop import MemoryRange, Output, Registers, Space, Stop, Task
from systui.model.task_log import TaskEvent
from systui.target.protocol import (
    Anticipating,
    Breakpoint,
    Capability,
    Commandable,
    How,
    OutputListener,
    Restartable,
    Seekable,
    Target,
    TargetInfo,
    TasksLogged,
    Watchpoint,
    Writable,
)
from systui.target.recording.chronicle import Chronicle
from systui.target.recording.constants import Constants, Views

Told = Callable[[str], None]
"""Takes one line for a person: why recording ended before it was asked to."""


class Recorder:
    """`Target` around `target`; made by `recordable`, which adds what `target` can do besides."""

    def __init__(self, target: Target, views: Views, command: str | None) -> None:
        self._target = target
        self._views = views
        self._command = command
        self._constants = Constants(views, BY_NAME[target.info.arch].kernel_start)
        self._chronicle: Chronicle | None = None
        self._registers: Registers | None = None
        self._notes: dict[int, str] = {}
        self.problem: str | None = None
        """Why the last recording ended by itself; None where it did not."""
        target.subscribe(self._heard)

    # --- recording ---------------------------------------------------------------------------

    @property
    def path(self) -> Path | None:
        """The file being written; None while nothing is recorded."""
        return None if self._chronicle is None else self._chronicle.path

    def start_recording(self, path: Path) -> None:
        """Record from the present stop on, to `path`; BadInputError where that cannot be."""
        self.stop_recording()
        self.problem = None
        self._notes = {}
        self._chronicle = Chronicle.begin(
            path, self._target, self._views, self._constants, self._command
        )
        self._arrived(self._target.current_stop())

    def stop_recording(self) -> int:
        """End the file properly; returns how many stops it holds, 0 where none was written."""
        chronicle, self._chronicle = self._chronicle, None
        if chronicle is None:
            return 0
        try:
            chronicle.end()
        except OSError as error:
            self.problem = str(unwritable(chronicle.path, error))
        finally:
            chronicle.close()
        return chronicle.stops

    def settle(self) -> None:
        """Put down the stop, where that waits for the next move."""
        self._write(Chronicle.settle)

    @property
    def curious(self) -> bool:
        """What is known at the present stop is to go into the file."""
        return self._chronicle is not None and self._chronicle.curious

    def know(self, known: Mapping[str, object]) -> None:
        """Put it down."""
        self._write(lambda chronicle: chronicle.know(known))

    def edited(self, edits: Sequence[Edit]) -> None:
        """Put down what was changed by hand at the present stop."""
        self._write(lambda chronicle: chronicle.edited(edits))

    def note(self, text: str) -> None:
        """Put a person's note on the present stop into the recording."""
        position = self._target.current_stop().position
        self._write(lambda chronicle: chronicle.note(position, text))
        self._notes[position] = "\n".join(filter(None, (self.noted(position), text)))

    def noted(self, position: int) -> str:
        """What was noted on the stop at `position` while it was recorded. Any thread."""
        return self._notes.get(position, "")

    def _write(self, write: Callable[[Chronicle], None]) -> None:
        """Write; a full disk ends the recording, never the debugging."""
        chronicle = self._chronicle
        if chronicle is None:
            return
        try:
            write(chronicle)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        chronicle, self._chronicle = self._chronicle, None
        if chronicle is not None:
            self.problem = str(unwritable(chronicle.path, error))
            chronicle.close()

    def _arrived(self, stop: Stop) -> Stop:
        self._registers = None
        if self._chronicle is not None:
            values = self.registers().values
            self._write(lambda chronicle: self._stopped(chronicle, stop, values))
            self._tell_tasks()
        return stop

    def _stopped(self, chronicle: Chronicle, stop: Stop, values: Mapping[str, int]) -> None:
        """Write the stop."""
        chronicle.take(stop, values)
        chronicle.settle()

    def _tell_tasks(self) -> None:
        """Put down what tasks did meanwhile, where the target knows."""

    def _left(self) -> None:
        self._write(Chronicle.leave)

    def _heard(self, output: Output) -> None:
        self._write(lambda chronicle: chronicle.output(output))

    # --- what it is --------------------------------------------------------------------------

    @property
    def info(self) -> TargetInfo:
        """The target's."""
        return self._target.info

    @property
    def capabilities(self) -> Capability:
        """The target's."""
        return self._target.capabilities

    def tasks(self) -> Sequence[Task]:
        """The target's."""
        return self._target.tasks()

    def cpus(self) -> Sequence[int]:
        """The target's."""
        return self._target.cpus()

    def current_stop(self) -> Stop:
        """The target's."""
        return self._target.current_stop()

    # --- looking and moving ------------------------------------------------------------------

    def registers(self, task: Task | None = None) -> Registers:
        """The target's; read once a stop while recording."""
        if task is not None or self._chronicle is None:
            return self._target.registers(task)
        if self._registers is None:
            self._registers = self._target.registers()
        return self._registers

    def read_memory(self, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """The target's."""
        found = self._target.read_memory(ranges)
        if self._chronicle is None:
            for each, data in zip(ranges, found, strict=True):
                self._constants.take(each.address, data)
        else:
            try:
                self._chronicle.seen(ranges, found)
            except OSError as error:
                self._fail(error)
        return found

    def resume(self, how: How, task: Task | None = None) -> Stop:
        """The target's."""
        self._left()
        return self._arrived(self._target.resume(how, task))

    def interrupt(self) -> None:
        """The target's. Any thread."""
        self._target.interrupt()

    # --- the rest ----------------------------------------------------------------------------

    def set_breakpoint(self, point: Breakpoint) -> None:
        """The target's."""
        self._target.set_breakpoint(point)

    def clear_breakpoint(self, point: Breakpoint) -> None:
        """The target's."""
        self._target.clear_breakpoint(point)

    def set_watchpoint(self, point: Watchpoint) -> None:
        """The target's."""
        self._target.set_watchpoint(point)

    def clear_watchpoint(self, point: Watchpoint) -> None:
        """The target's."""
        self._target.clear_watchpoint(point)

    def send_input(self, data: bytes) -> None:
        """The target's."""
        self._target.send_input(data)

    def subscribe(self, listener: OutputListener) -> None:
        """The target's."""
        self._target.subscribe(listener)

    def close(self) -> None:
        """Let go of the target, and end the recording."""
        try:
            self._target.close()
        finally:
            self._end()

    def _end(self) -> None:
        self.stop_recording()


class _Seeks(Recorder):
    """Around a target that is `Seekable`."""

    _target: Seekable  # type: ignore[assignment]

    @property
    def earliest(self) -> int:
        """The target's."""
        return self._target.earliest

    @property
    def latest(self) -> int:
        """The target's."""
        return self._target.latest

    def seek(self, position: int) -> Stop:
        """The target's."""
        self._left()
        return self._arrived(self._target.seek(position))


class _Writes(Recorder):
    """Around a target that is `Writable`: an edit voids what was recorded of later stops."""

    _target: Writable  # type: ignore[assignment]

    def write_registers(self, values: Mapping[str, int], task: Task | None = None) -> None:
        """The target's."""
        self._target.write_registers(values, task)
        self._edited()

    def write_memory(self, space: Space, address: int, data: bytes) -> None:
        """The target's."""
        self._target.write_memory(space, address, data)
        self._edited()

    def _edited(self) -> None:
        stop = self.current_stop()
        self._write(lambda chronicle: chronicle.void_from(stop.position))
        self._arrived(stop)


class _Commands(Recorder):
    """Around a target that is `Commandable`: a command may have changed anything here."""

    _target: Commandable  # type: ignore[assignment]

    def command(self, line: str) -> str:
        """The target's."""
        self._left()
        said = self._target.command(line)
        stop = self.current_stop()
        self._write(lambda chronicle: chronicle.void_from(stop.position))
        self._arrived(stop)
        return said


class _Anticipates(Recorder):
    """Around a target that is `Anticipating`: the fixed set comes along with the registers."""

    _target: Anticipating  # type: ignore[assignment]

    def _stopped(self, chronicle: Chronicle, stop: Stop, values: Mapping[str, int]) -> None:
        """The line is made while the guest does the next step, or once somebody rests here."""
        chronicle.take(stop, values)

    def _left(self) -> None:
        if self._chronicle is not None:
            self._target.anticipate(self._chronicle.ahead(), super()._left)

    def close(self) -> None:
        """End the recording while the target goes."""
        self._target.anticipate((), self._end)
        super().close()


class _Restarts(Recorder):
    """Around a target that is `Restartable`: a fresh run voids all that was recorded."""

    _target: Restartable  # type: ignore[assignment]

    def restart(self) -> Stop:
        """The target's."""
        self._left()
        stop = self._target.restart()
        self._notes = {}
        self._write(lambda chronicle: chronicle.void_from(0))
        return self._arrived(stop)


class _LogsTasks(Recorder):
    """Around a target that is `TasksLogged`."""

    _target: TasksLogged  # type: ignore[assignment]

    def task_events(self, since: int = -1) -> Sequence[TaskEvent]:
        """The target's."""
        return self._target.task_events(since)

    def _tell_tasks(self) -> None:
        """Put down what tasks did meanwhile."""
        chronicle = self._chronicle
        fresh = () if chronicle is None else self.task_events(chronicle.tasks_until)
        if fresh:
            self._write(lambda chronicle: chronicle.tasks(fresh))


def recordable(target: Target, views: Views, command: str | None = None) -> Recorder:
    """A recorder around `target` that answers to the same protocols.

    `command`: the command line, for the headers.
    """
    added = {
        _Seeks: Seekable,
        _Writes: Writable,
        _Restarts: Restartable,
        _Commands: Commandable,
        _LogsTasks: TasksLogged,
        _Anticipates: Anticipating,
    }
    bases = tuple(base for base, kind in added.items() if isinstance(target, kind))
    made: type[Recorder] = type("Recorder", (*bases, Recorder), {})
    return made(target, views, command)
