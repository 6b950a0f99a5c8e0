"""A recording as a target: every stop that was recorded, forwards, backwards and at will."""

from bisect import bisect_left, bisect_right
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from operator import attrgetter
from pathlib import Path

from systui.arch import BY_NAME
from systui.arch.spec import Architecture
from systui.model.edit import Edit
from systui.model.errors import BadInputError, NotRecordedError, NotSupportedError, TargetGoneError
from systui.model.stop import MemoryRange, Output, Reason, Registers, Space, Stop, Task
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
from systui.target.recorded.format import (
    VERSION,
    DamageError,
    Header,
    Pairs,
    load,
    read_header,
    version_of,
)
from systui.target.recorded.index import Index
from systui.target.recorded.names import Names, facts_of
from systui.target.recorded.pages import Pages
from systui.target.recorded.segment import Moment, Note, Segment, code_of
from systui.words import _

_KEPT_SEGMENTS = 8
_MOST_EMPTY = 64
"""Damaged segments in a row that are passed over."""
_MOST_HEARD = 4096
"""Segments that are looked through for output at once."""
_ENDINGS = frozenset((Reason.EXIT, Reason.OOPS, Reason.SIGNAL))
"""Reasons that end a move wherever they were recorded."""
_LAST_ENDINGS = _ENDINGS | {Reason.BLOCKED, Reason.LIMIT}
"""Reasons that the last stop keeps."""
_NEEDED = frozenset(
    (
        *("rip", "rsp", "rflags", "cs", "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp"),
        *(f"r{number}" for number in range(8, 16)),
    )
)
"""Registers without which a stop tells too little to be decoded."""


class RecordedTarget:
    """`Target`, `Seekable` and `Restartable` over a file; `Writable` only to refuse."""

    def __init__(self, container: Container, path: Path) -> None:
        """Read the header and where things are; BadInputError, and `container` is let go."""
        self._container = container
        self._path = path
        self.kernel_names = Names()
        self.program_names = Names()
        self._code = Pages()
        try:
            self.header, self._arch = self._read_header()
            self._index = Index()
            self._index.load(container)
            self._index.more()
            self._learned = 0
            self._segments: OrderedDict[int, Segment] = OrderedDict()
            self._told: set[int] = set()
            """Segments whose names and code are taken in: once is enough."""
            self._take_in()
        except BaseException:
            container.close()
            raise
        self._listeners: list[OutputListener] = []
        self._pending: deque[Output] = deque()
        self._unheard = 0
        self._breakpoints: set[Breakpoint] = set()
        self._asked_to_stop = False
        self._closed = False
        self._run = 0
        self._segment, self._at = self._first()
        self._stop = self._shown(Reason.START)

    @classmethod
    def open(cls, path: Path) -> "RecordedTarget":
        """Open the recording at `path`; BadInputError where it is none or holds no stop."""
        return cls(open_container(path), path)

    def _read_header(self) -> tuple[Header, Architecture]:
        line = next(self._container.lines(0), b"")
        try:
            said = load(line)
            version = version_of(said)
            if version != VERSION:
                raise BadInputError(
                    _("{path}: a recording of version {version}; this systui reads {ours}").format(
                        path=self._path, version=version, ours=VERSION
                    )
                )
            header = read_header(said)
        except DamageError as error:
            raise BadInputError(
                _("{path}: not a systui recording, or its first line is damaged").format(
                    path=self._path
                )
            ) from error
        arch = BY_NAME.get(header.arch)
        if arch is None:
            raise BadInputError(
                _("{path}: recorded on an architecture that systui does not know").format(
                    path=self._path
                )
            )
        return header, arch

    def _take_in(self) -> None:
        """Learn what the index has come to hold, and put its segments in order."""
        facts = self._index.facts
        for each in facts[self._learned :]:
            self._learn(each)
        self._learned = len(facts)
        self._index.arrange(self._positions_of)

    def _extend(self) -> bool:
        """Look through more of a file without an index, standing where it stood; False: no more."""
        if not self._index.more():
            return False
        self._take_in()
        position = self._moment.position
        self._run = max(self._index.run_at(position), 0)
        found = self._enter(self._run, position)
        if found is not None:  # else the stop was made void later on: it is left by the next move
            self._segment, self._at = found
        return True

    def _first(self) -> tuple[Segment, int]:
        while True:
            for run in range(min(len(self._index.runs), _MOST_EMPTY)):
                found = self._enter(run, None)
                if found is not None:
                    self._run = run
                    return found
            if not self._index.more():
                break
            self._take_in()
        raise BadInputError(_("{path}: no stop was recorded").format(path=self._path))

    # --- segments ----------------------------------------------------------------------------

    def _read_segment(self, number: int) -> Segment:
        """Segment `number`, out of those kept or out of the file."""
        known = self._segments.get(number)
        if known is not None:
            self._segments.move_to_end(number)
            return known
        names = frozenset(self._arch.register_names)
        segment = Segment(names, _NEEDED, self._arch.sp)
        segment.read(self._container.lines(self._index.offsets[number], self._index.end(number)))
        if number not in self._told:
            self._told.add(number)
            for facts in segment.facts:
                self._learn(facts)
        segment.facts.clear()
        self._segments[number] = segment
        if len(self._segments) > _KEPT_SEGMENTS:
            self._segments.popitem(last=False)
        return segment

    def _positions_of(self, number: int) -> list[int]:
        return [moment.position for moment in self._read_segment(number).moments]

    def _learn(self, facts: Pairs) -> None:
        try:
            facts_of(facts, self.kernel_names, self.program_names)
            for address, data in code_of(facts):
                self._code.write(address, data)
        except DamageError:
            return

    def _enter(self, number: int, position: int | None) -> tuple[Segment, int] | None:
        """The stop at `position` of a run (None: its first); None where there is none."""
        run = self._index.runs[number]
        segment = self._read_segment(run.segment)
        wanted = run.first if position is None else position
        at = bisect_left(segment.moments, wanted, key=_position)
        if at == len(segment.moments) or segment.moments[at].position > run.last:
            return None
        if position is not None and segment.moments[at].position != position:
            return None
        return segment, at

    def _go(self, direction: Direction) -> bool:
        """Stand at the next recorded stop; False where there is none."""
        return self._go_forward() if direction is Direction.FORWARD else self._go_back()

    def _go_forward(self) -> bool:
        run, moments = self._index.runs[self._run], self._segment.moments
        if self._at + 1 < len(moments) and moments[self._at + 1].position <= run.last:
            self._at += 1
            return True
        for number in range(self._run + 1, len(self._index.runs))[:_MOST_EMPTY]:
            found = self._enter(number, None)
            if found is not None:
                self._run, (self._segment, self._at) = number, found
                return True
        return self._extend() and self._go_forward()

    def _go_back(self) -> bool:
        run, moments = self._index.runs[self._run], self._segment.moments
        if self._at > 0 and moments[self._at - 1].position >= run.first:
            self._at -= 1
            return True
        for number in range(self._run - 1, -1, -1)[:_MOST_EMPTY]:
            run = self._index.runs[number]
            segment = self._read_segment(run.segment)
            at = bisect_right(segment.moments, run.last, key=_position) - 1
            if at >= 0 and segment.moments[at].position >= run.first:
                self._run, self._segment, self._at = number, segment, at
                return True
        return False

    @property
    def _moment(self) -> Moment:
        return self._segment.moments[self._at]

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
        return self._index.notes

    def noted(self, position: int) -> str:
        """What people wrote on the stop at `position`. Any thread."""
        return "\n".join(note.text for note in self._index.notes if note.position == position)

    @property
    def whole(self) -> bool:
        """False where the recording was cut off: its end is what was recorded up to there."""
        return self._index.whole

    @property
    def capabilities(self) -> Capability:
        """Going anywhere in what was recorded."""
        return Capability.BACKWARD | Capability.SEEK | Capability.RESTART | Capability.FILTER

    def tasks(self) -> Sequence[Task]:
        """Those that the header names, and those that did something."""
        more = {**self._index.pids, **{task.pid: task for task in self.header.tasks}}
        return tuple(more.values())

    def task_events(self, since: int = -1) -> Sequence[TaskEvent]:
        """What was recorded of it; nothing where there was one task."""
        events = self._index.tasks
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
        return self._index.earliest

    @property
    def latest(self) -> int:
        """Position of the last recorded stop, as far as the file was looked through."""
        return self._index.latest

    # --- looking -----------------------------------------------------------------------------

    def registers(self, task: Task | None = None) -> Registers:
        """Those of the task that stopped; NotRecordedError for another one."""
        self._check_open()
        if task is not None and task != self._moment.task:
            raise NotRecordedError(_("not recorded: the registers of another task"))
        return Registers(self._moment.values)

    def read_memory(self, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """None for what was not recorded at this stop; NotSupportedError for physical memory."""
        self._check_open()
        return [self._read(each) for each in ranges]

    def _read(self, where: MemoryRange) -> bytes | None:
        if where.space is Space.PHYSICAL:
            raise NotSupportedError(_("not recorded: physical memory"))
        if where.size <= 0 or where.address < 0:
            return b"" if where.size == 0 else None
        found = self._segment.memory(self._at, where.address, where.size)
        return self._code.read(where.address, where.size) if found is None else found

    # --- moving ------------------------------------------------------------------------------

    def resume(self, how: How, task: Task | None = None) -> Stop:
        """Go to the next recorded stop, or on until one that is asked for."""
        self._check_open()
        self._asked_to_stop = False
        if isinstance(how, Step):
            moved = self._go(how.direction)
            return self._arrive(Reason.STEP if moved else self._end(how.direction))
        return self._run_on(how)

    def _run_on(self, how: Run) -> Stop:
        if how.only is not None and how.direction is Direction.BACKWARD:
            raise NotSupportedError(_("a recording filters stops forwards only"))
        mine = {point.address for point in self._breakpoints if self._is_ours(point)}
        while self._go(how.direction):
            values = self._moment.values
            pc = values["rip"]
            if pc in mine or (pc in how.addresses and _holds(how.only, values)):
                return self._arrive(Reason.BREAKPOINT)
            if how.direction is Direction.FORWARD and self._moment.why.reason in _ENDINGS:
                return self._arrive(Reason.STEP)
            if self._asked_to_stop:
                return self._arrive(Reason.INTERRUPTED)
        return self._arrive(self._end(how.direction))

    def _is_ours(self, point: Breakpoint) -> bool:
        return point.pid is None or point.pid == self._moment.task.pid

    @staticmethod
    def _end(direction: Direction) -> Reason:
        back = direction is Direction.BACKWARD
        return Reason.BEGINNING if back else Reason.END_OF_RECORDING

    def seek(self, position: int) -> Stop:
        """Stand at `position`; ValueError outside earliest…latest, NotRecordedError between."""
        while position > self.latest and self._extend():
            pass
        if not self.earliest <= position <= self.latest:
            raise ValueError(position)
        number = self._index.run_at(position)
        found = self._enter(number, position) if number >= 0 else None
        if found is None:
            raise NotRecordedError(
                _("not recorded: step {position:,} was passed without a stop").format(
                    position=position
                )
            )
        self._run, (self._segment, self._at) = number, found
        return self._arrive(Reason.START if position == self.earliest else Reason.STEP)

    def restart(self) -> Stop:
        """Stand at the first recorded stop."""
        self._segment, self._at = self._first()
        return self._arrive(Reason.START)

    def interrupt(self) -> None:
        """Make a run stop soon. Any thread."""
        self._asked_to_stop = True

    def _arrive(self, reason: Reason) -> Stop:
        self._stop = self._shown(reason)
        self._hear(self._stop.position)
        return self._stop

    def _shown(self, reason: Reason) -> Stop:
        """The present stop: come to for `reason`, unless it was recorded with a weightier one."""
        moment = self._moment
        why = moment.why
        forwards = reason not in (Reason.BEGINNING, Reason.START)
        last = _LAST_ENDINGS if reason is Reason.END_OF_RECORDING or self._is_last() else _ENDINGS
        own = forwards and (why.reason in last or (why.leap and reason is Reason.STEP))
        return Stop(
            position=moment.position,
            reason=why.reason if own else reason,
            pc=moment.values["rip"],
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
        return self._moment.position == self.latest

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
        return self._index.edits.get(position, ())

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

    def _hear(self, position: int) -> None:
        """Give out what was written up to `position`."""
        if not self._listeners:
            return
        index = self._index
        left = _MOST_HEARD
        while (
            left and self._unheard < len(index.output) and index.firsts[self._unheard] <= position
        ):
            if index.output[self._unheard]:
                self._pending += self._read_segment(self._unheard).outputs
                left -= 1
            self._unheard += 1
        while self._pending and self._pending[0].position <= position:
            output = self._pending.popleft()
            for listener in self._listeners:
                listener(output)

    def close(self) -> None:
        """Let the file go."""
        self._closed = True
        self._container.close()

    def _check_open(self) -> None:
        if self._closed:
            raise TargetGoneError(_("the recording was closed"))


def _position(moment: Moment) -> int:
    return moment.position


def _holds(only: RegisterIs | None, values: Mapping[str, int]) -> bool:
    if only is None:
        return True
    value = values.get(only.register)
    return value is not None and value & only.mask == only.value
