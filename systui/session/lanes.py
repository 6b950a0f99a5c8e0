"""Tasks side by side: where each is at a stop, and what they did to each other around it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from systui.decode.errno import errno_of
from systui.decode.forms.line import Call
from systui.kernel.subcalls import sub_call
from systui.model.call import Phase
from systui.model.stop import Task
from systui.model.task_log import Deed, TaskEvent
from systui.session.tracker import Tracker
from systui.target.protocol import TasksLogged

_PAGE = 4096
_BEFORE, _AFTER, _GRID = 600, 300, 300
"""Events that are told of, around the stop; which ones changes every so many."""
_position = attrgetter("position")


class Beat(NamedTuple):
    """One line of what tasks did: a deed of one task, or some that nothing came between."""

    position: int
    task: Task
    call: str
    """`bind`, `socketcall(SYS_BIND) bind`: the call it is about; empty where that is not known."""
    arguments: tuple[str, ...]
    begun: bool
    """The call begins here."""
    waits: str = ""
    """What it waits for from here on."""
    goes_on: bool = False
    why: str = ""
    """`time` or `signal`, where that is why it goes on."""
    by: int | None = None
    """Whose doing that was, by pid."""
    result: int | None = None
    error: str | None = None
    ends: bool = False
    waiting: frozenset[int] = frozenset()
    """The tasks that wait meanwhile, by pid."""


class Lane(NamedTuple):
    """One task at the stop."""

    task: Task
    current: bool
    gone: bool = False
    frame: int | None = None
    """The address of its pt_regs."""
    stack: int | None = None
    """The end of its kernel stack: the pages that the frame lies in."""
    phase: Phase | None = None
    """None where it is not known."""
    call: str = ""
    """The call that it is in."""
    arguments: tuple[str, ...] = ()
    waits: str = ""
    since: int | None = None
    """Since which position it waits."""


class Lanes(NamedTuple):
    """All tasks."""

    lanes: tuple[Lane, ...]
    """By pid."""
    beats: tuple[Beat, ...]
    """In time; the same object as long as nothing in it has changed."""
    here: int
    """The last of `beats` that has come; -1 before the first."""


class _State(NamedTuple):
    """What is known of a task after one of its events."""

    position: int
    call: str = ""
    arguments: tuple[str, ...] = ()
    waits: str = ""
    since: int | None = None
    gone: bool = False
    frame: int | None = None


class Weaving:
    """The lanes of one tracker's target; what was told is told anew only when more is known."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._told: Sequence[TaskEvent] = ()
        self._beats: tuple[Beat, ...] = ()
        self._states: dict[int, list[_State]] = {}
        self._tasks: dict[int, Task] = {}

    def lanes(self) -> Lanes:
        """Tasks as they are at the tracker's stop."""
        tracker = self._tracker
        target = tracker.target
        events: Sequence[TaskEvent] = ()
        if isinstance(target, TasksLogged):
            events = target.task_events()
        logged = len(events) > 0
        self._tell(self._window(events if logged else tracker.seen.events()))
        stop = tracker.stop
        tasks = {**self._tasks, **{task.pid: task for task in (*target.tasks(), stop.task)}}
        found = (self._lane(tasks[pid], logged) for pid in sorted(tasks))
        here = bisect_right(self._beats, stop.position, key=_position) - 1
        return Lanes(tuple(lane for lane in found if lane is not None), self._beats, here)

    def _window(self, events: Sequence[TaskEvent]) -> Sequence[TaskEvent]:
        at = bisect_left(events, self._tracker.stop.position, key=_position)
        begin = max(0, at - _BEFORE) // _GRID * _GRID
        return events[begin : begin + _BEFORE + _AFTER + _GRID]

    # --- telling -----------------------------------------------------------------------------

    def _tell(self, events: Sequence[TaskEvent]) -> None:
        if events == self._told:
            return
        self._told = events
        self._states, self._tasks = {}, {event.task.pid: event.task for event in events}
        beats: list[Beat] = []
        for event in events:
            state = self._after(event)
            self._states.setdefault(event.task.pid, []).append(state)
            waiting = frozenset(pid for pid, each in self._states.items() if each[-1].waits)
            beat = self._beat(event, state)._replace(waiting=waiting)
            joined = _joined(beats[-1], beat) if beats else None
            if joined is None:
                beats.append(beat)
            else:
                beats[-1] = joined
        self._beats = tuple(beats)

    def _last(self, pid: int) -> _State:
        states = self._states.get(pid)
        return states[-1] if states else _State(-1)

    def _after(self, event: TaskEvent) -> _State:
        before = self._last(event.task.pid)
        frame = before.frame if event.frame is None else event.frame
        match event.deed:
            case Deed.CALLS:
                return _State(event.position, *self._call(event), frame=frame)
            case Deed.WAITS:
                return before._replace(
                    position=event.position, waits=event.text, since=event.position, frame=frame
                )
            case Deed.GOES_ON:
                return before._replace(position=event.position, waits="", since=None)
            case Deed.RETURNS:
                return _State(event.position, frame=frame)
        return _State(event.position, gone=True, frame=frame)

    def _call(self, event: TaskEvent) -> tuple[str, tuple[str, ...]]:
        row = self._tracker.kernel.calls(event.abi).by_number(event.number)
        if row is None:
            return f"syscall_{event.number:#x}", ()
        sub = sub_call(row.name, event.values[0]) if event.values else None
        name = row.name if sub is None else f"{row.name}({sub.selector}) {sub.name}"
        if event.told or sub is not None:
            return name, event.told
        bits = self._tracker.kernel.arch.convention(event.abi).bits
        return name, Call(row.name, (*event.values, 0), _unread, row.parameters, bits).spelled

    def _beat(self, event: TaskEvent, state: _State) -> Beat:
        before = self._states[event.task.pid][-2:][0]
        call, arguments = (state.call or before.call), (state.arguments or before.arguments)
        result = event.result
        return Beat(
            *(event.position, event.task, call, arguments, event.deed is Deed.CALLS),
            *(state.waits, event.deed is Deed.GOES_ON, event.text, event.by, result),
            None if result is None else errno_of(result),
            state.gone,
        )

    # --- now ---------------------------------------------------------------------------------

    def _lane(self, task: Task, logged: bool) -> Lane | None:
        """None for a task that has not begun."""
        tracker = self._tracker
        position, current = tracker.stop.position, task.pid == tracker.stop.task.pid
        states: Sequence[_State] = self._states.get(task.pid, ())
        at = bisect_left(states, position, key=_position)
        state = states[at - 1] if at else _State(-1)
        frame = state.frame or (states[0].frame if states else None)
        phase = None
        if current:
            ways = tracker.track.ways
            frame, phase = (ways[0].frame if ways else None) or frame, tracker.phase
        elif not at and logged and not self._lives(task):
            return None
        elif logged and not state.gone:
            phase = Phase.HANDLER if state.waits else Phase.EXIT_WORK
        end = None if frame is None else frame + tracker.arch.pt_regs.size
        return Lane(
            *(task, current, state.gone, frame, None if end is None else -(-end // _PAGE) * _PAGE),
            *(phase, state.call, state.arguments, state.waits, state.since),
        )

    def _lives(self, task: Task) -> bool:
        return any(task.pid == each.pid for each in self._tracker.target.tasks())


def _unread(_address: int, _size: int) -> None:
    """What memory held then is not known any more."""


def _joined(before: Beat, after: Beat) -> Beat | None:
    """One line for two: a call with its end or its wait, the end of a wait with the call's."""
    if before.task.pid != after.task.pid or before.waits or after.begun or after.goes_on:
        return None
    if before.result is not None or after.ends or not (before.begun or before.goes_on):
        return None
    return before._replace(
        waits=after.waits, result=after.result, error=after.error, waiting=after.waiting
    )
