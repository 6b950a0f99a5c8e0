"""A recording as a target: every stop that was recorded, forwards, backwards and at will."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import attrgetter
from pathlib import Path

from systui.arch.spec import Architecture
from systui.model.edit import Edit
from systui.model.errors import NotRecordedError, NotSupportedError, TargetGoneError
from systui.model.stop import MemoryRange, Reason, Registers, Space, Stop, Task
from systui.model.task_log import TaskEvent
from systui.target.protocol import (
    Breakpoint,
    Capability,
    Direction,
    How,
    OutputListener,
    RegisterIs,
    Run,
    Step,
    TargetInfo,
    Watchpoint,
)
from systui.target.recorded.container import Container, open_container
from systui.target.recorded.opening import opened
from systui.target.recorded.segment import Note
from systui.target.recorded.stops import Stops
from systui.words import _

_ENDINGS = frozenset((Reason.EXIT, Reason.OOPS, Reason.SIGNAL))
"""Reasons that end a move wherever they were recorded."""
_LAST_ENDINGS = _ENDINGS | {Reason.BLOCKED, Reason.LIMIT}
"""Reasons that the last stop keeps."""


class RecordedTarget:
    """`Target`, `Seekable` and `Restartable` over a file; `Writable` only to refuse."""

    def __init__(self, container: Container, path: Path) -> None:
        """Read the header and where things are; BadInputError, and `container` is let go."""
        self._container = container
        try:
            self.header, self._arch = opened(container, path)
            self._stops = Stops(container, self._arch, path)
        except BaseException:
            container.close()
            raise
        self.kernel_names = self._stops.kernel_names
        self.program_names = self._stops.program_names
        self._listeners: list[OutputListener] = []
        self._breakpoints: set[Breakpoint] = set()
        self._asked_to_stop = False
        self._closed = False
        self._stop = self._shown(Reason.START)

    @classmethod
    def open(cls, path: Path) -> "RecordedTarget":
        """Open the recording at `path`; BadInputError where it is none or holds no stop."""
        return cls(open_container(path), path)

    def built(self, address: int, size: int) -> bytes | None:
        """What the kernel's image has at run-time `address`, where that is not what ran."""
        return self._stops.built(address, size)

    # --- what it is --------------------------------------------------------------------------

    @property
    def info(self) -> TargetInfo:
        """What was recorded."""
        header = self.header
        return TargetInfo(
            kind="recording",
            arch=header.arch,
            kernel=header.kernel,
            build_id=header.build_id,
            slide=header.slide,
            program=header.program,
            program_slide=header.program_slide,
        )

    @property
    def architecture(self) -> Architecture:
        """The recorded machine's."""
        return self._arch

    @property
    def notes(self) -> Sequence[Note]:
        """What people wrote on stops while it was recorded."""
        return self._stops.index.notes

    def noted(self, position: int) -> str:
        """What people wrote on the stop at `position`. Any thread."""
        return "\n".join(note.text for note in self._stops.index.notes if note.position == position)

    @property
    def whole(self) -> bool:
        """False where the recording was cut off: its end is what was recorded up to there."""
        return self._stops.index.whole

    @property
    def capabilities(self) -> Capability:
        """Going anywhere in what was recorded."""
        return Capability.BACKWARD | Capability.SEEK | Capability.RESTART | Capability.FILTER

    def tasks(self) -> Sequence[Task]:
        """Those that the header names, and those that did something."""
        more = {**self._stops.index.pids, **{task.pid: task for task in self.header.tasks}}
        return tuple(more.values())

    def task_events(self, since: int = -1) -> Sequence[TaskEvent]:
        """What was recorded of it; nothing where there was one task."""
        events = self._stops.index.tasks
        return events[bisect_right(events, since, key=attrgetter("position")) :]

    def cpus(self) -> Sequence[int]:
        """As many as the header says."""
        return range(max(self.header.cpus, 1))

    def current_stop(self) -> Stop:
        """Where it stands."""
        return self._stop

    @property
    def earliest(self) -> int:
        """Position of the first recorded stop."""
        return self._stops.index.earliest

    @property
    def latest(self) -> int:
        """Position of the last recorded stop, as far as the file was looked through."""
        return self._stops.index.latest

    # --- looking -----------------------------------------------------------------------------

    def registers(self, task: Task | None = None) -> Registers:
        """Those of the task that stopped; NotRecordedError for another one."""
        self._check_open()
        if task is not None and task != self._stops.moment.task:
            raise NotRecordedError(_("not recorded: the registers of another task"))
        return Registers(self._stops.moment.values)

    def read_memory(self, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """None for what was not recorded at this stop; NotSupportedError for physical memory."""
        self._check_open()
        return [self._read(each) for each in ranges]

    def read_memory_at(self, position: int, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """As at the stop that was recorded at `position`; None where none was."""
        self._check_open()
        return [self._stops.read_at(position, each.address, each.size) for each in ranges]

    def _read(self, where: MemoryRange) -> bytes | None:
        if where.space is Space.PHYSICAL:
            raise NotSupportedError(_("not recorded: physical memory"))
        if where.size <= 0 or where.address < 0:
            return b"" if where.size == 0 else None
        return self._stops.read(where.address, where.size)

    # --- moving ------------------------------------------------------------------------------

    def resume(self, how: How, task: Task | None = None) -> Stop:
        """Go to the next recorded stop, or on until one that is asked for."""
        self._check_open()
        self._asked_to_stop = False
        if isinstance(how, Step):
            moved = self._stops.go(how.direction)
            return self._arrive(Reason.STEP if moved else self._end(how.direction))
        return self._run_on(how)

    def _run_on(self, how: Run) -> Stop:
        if how.only is not None and how.direction is Direction.BACKWARD:
            raise NotSupportedError(_("a recording filters stops forwards only"))
        mine = {point.address for point in self._breakpoints if self._is_ours(point)}
        while self._stops.go(how.direction):
            values = self._stops.moment.values
            pc = values[self._arch.pc]
            if pc in mine or (pc in how.addresses and _holds(how.only, values)):
                return self._arrive(Reason.BREAKPOINT)
            if how.direction is Direction.FORWARD and self._stops.moment.why.reason in _ENDINGS:
                return self._arrive(Reason.STEP)
            if self._asked_to_stop:
                return self._arrive(Reason.INTERRUPTED)
        return self._arrive(self._end(how.direction))

    def _is_ours(self, point: Breakpoint) -> bool:
        return point.pid is None or point.pid == self._stops.moment.task.pid

    @staticmethod
    def _end(direction: Direction) -> Reason:
        back = direction is Direction.BACKWARD
        return Reason.BEGINNING if back else Reason.END_OF_RECORDING

    def seek(self, position: int) -> Stop:
        """Stand at `position`; ValueError outside earliest…latest, NotRecordedError between."""
        while position > self.latest and self._stops.extend():
            pass
        if not self.earliest <= position <= self.latest:
            raise ValueError(position)
        if not self._stops.seek(position):
            raise NotRecordedError(
                _("not recorded: step {position:,} was passed without a stop").format(
                    position=position
                )
            )
        return self._arrive(Reason.START if position == self.earliest else Reason.STEP)

    def known_before(self, position: int) -> tuple[int, object] | None:
        """What was known at a stop near before `position`; None where that was not put down."""
        self._check_open()
        return self._stops.known_before(position)

    def last_at(self, pc: int, first: int, last: int) -> int | None:
        """The last recorded position from `first` to `last` at which `pc` was next."""
        self._check_open()
        return self._stops.last_at(pc, first, last)

    def addresses(self, first: int, last: int) -> frozenset[int]:
        """The instructions that were next from position `first` to `last`."""
        self._check_open()
        return self._stops.addresses(first, last)

    def restart(self) -> Stop:
        """Stand at the first recorded stop."""
        self._stops.rewind()
        return self._arrive(Reason.START)

    def interrupt(self) -> None:
        """Make a run stop soon. Any thread."""
        self._asked_to_stop = True

    def _arrive(self, reason: Reason) -> Stop:
        self._stop = self._shown(reason)
        if self._listeners:
            for output in self._stops.heard(self._stop.position):
                for listener in self._listeners:
                    listener(output)
        return self._stop

    def _shown(self, reason: Reason) -> Stop:
        """The present stop: come to for `reason`, unless it was recorded with a weightier one."""
        moment = self._stops.moment
        why = moment.why
        forwards = reason not in (Reason.BEGINNING, Reason.START)
        last = _LAST_ENDINGS if reason is Reason.END_OF_RECORDING or self._is_last() else _ENDINGS
        own = forwards and (why.reason in last or (why.leap and reason is Reason.STEP))
        return Stop(
            position=moment.position,
            reason=why.reason if own else reason,
            pc=moment.values[self._arch.pc],
            task=moment.task,
            cpu=moment.cpu,
            detail=why.detail if own else "",
            exit_status=why.exit_status if own else None,
            past=why.past,
            leap=why.leap,
            killed=why.killed if own else None,
            goes_on=why.goes_on and own,
        )

    def _is_last(self) -> bool:
        return self._stops.moment.position == self.latest

    # --- breakpoints -------------------------------------------------------------------------

    def set_breakpoint(self, point: Breakpoint) -> None:
        """Stop where it was recorded that `point` is next."""
        self._breakpoints.add(point)

    def clear_breakpoint(self, point: Breakpoint) -> None:
        """Stop there no more."""
        self._breakpoints.discard(point)

    def set_watchpoint(self, point: Watchpoint) -> None:
        """NotSupportedError: accesses were not recorded."""
        raise NotSupportedError(_("not recorded: accesses to memory, so there is nothing to watch"))

    def clear_watchpoint(self, point: Watchpoint) -> None:
        """NotSupportedError: there are none."""
        raise NotSupportedError(_("not recorded: accesses to memory, so there is nothing to watch"))

    # --- editing -----------------------------------------------------------------------------

    def edits_at(self, position: int) -> Sequence[Edit]:
        """What was changed by hand while it was recorded."""
        return self._stops.index.edits.get(position, ())

    def write_registers(self, values: Mapping[str, int], task: Task | None = None) -> None:
        """NotSupportedError."""
        raise NotSupportedError(_("not recorded: what would come of an edit"))

    def write_memory(self, space: Space, address: int, data: bytes) -> None:
        """NotSupportedError."""
        raise NotSupportedError(_("not recorded: what would come of an edit"))

    # --- input and output --------------------------------------------------------------------

    def send_input(self, data: bytes) -> None:
        """NotSupportedError: what the program read is part of the recording."""
        raise NotSupportedError(_("not recorded: what other input would do"))

    def subscribe(self, listener: OutputListener) -> None:
        """Call `listener` with each piece of output, once it was come by."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Let the file go."""
        self._closed = True
        self._container.close()

    def _check_open(self) -> None:
        if self._closed:
            raise TargetGoneError(_("the recording was closed"))


def _holds(only: RegisterIs | None, values: Mapping[str, int]) -> bool:
    if only is None:
        return True
    value = values.get(only.register)
    return value is not None and value & only.mask == only.value
