"""The way of a call as a bar of phases: what lies behind, where we are, what lies ahead."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from systui.model.call import Phase
from systui.model.snapshot import Snapshot
from systui.model.stop import Stop
from systui.present.phase import phase_name
from systui.present.rows import Row, Span, cells, row
from systui.words import _

WAY: tuple[Phase, ...] = (
    Phase.USER,
    Phase.ENTRY,
    Phase.DISPATCH,
    Phase.HANDLER,
    Phase.EXIT_WORK,
    Phase.RESTORE,
)
BACK = len(WAY)
"""Index of the last station: user mode again."""

_HALF_WAY = 24
"""Steps after which a phase of unknown length is shown half done: about an entry's pushes."""


@dataclass
class History:
    """At which positions the phases of the calls seen so far begin.

    Grows with what was shown; it makes the bar truer and is never needed to be right.
    """

    starts: dict[tuple[int, int], int] = field(default_factory=dict)
    """(position of the call's `syscall`, station) → lowest position seen there."""
    entries: dict[int, int] = field(default_factory=dict)
    """Position of a call's `syscall` instruction → number of the call."""
    tasks: set[int] = field(default_factory=set)
    """Whose stops were seen, by pid."""

    def record(self, snapshot: Snapshot) -> None:
        """Remember whose stop `snapshot` is, and where it stands on its call's way."""
        self.tasks.add(snapshot.stop.task.pid)
        call = snapshot.call
        if call is None or call.entered_at is None:
            return
        key = call.entered_at, station(snapshot)
        position = snapshot.stop.position
        self.starts[key] = min(self.starts.get(key, position), position)

    def start(self, snapshot: Snapshot, index: int) -> int | None:
        """Where station `index` of the call shown began, if that was seen."""
        call = snapshot.call
        if call is None or call.entered_at is None:
            return None
        return self.starts.get((call.entered_at, index))


def station(snapshot: Snapshot) -> int:
    """Index of the stop's place on the way: a phase's, or `BACK` after the return."""
    call = snapshot.call
    if snapshot.phase is Phase.USER and call is not None and call.result is not None:
        return BACK
    return WAY.index(snapshot.phase)


def progress(snapshot: Snapshot, history: History) -> float:
    """How far the present phase is done, 0 to 1: measured if its end was seen, else a guess."""
    here = station(snapshot)
    start = history.start(snapshot, here)
    if start is None:
        return 0.0
    done = snapshot.stop.position - start
    later = (history.start(snapshot, index) for index in range(here + 1, BACK + 1))
    end = next((position for position in later if position is not None), None)
    if end is not None and end > start:
        return min(1.0, done / (end - start))
    return done / (done + _HALF_WAY)


@dataclass(frozen=True)
class Station:
    """One phase's place on the bar, in cells from the left."""

    index: int
    begin: int
    end: int


def timeline(
    snapshot: Snapshot | None, history: History, size: int
) -> tuple[Row, tuple[Station, ...]]:
    """The bar in `size` cells, and where each phase stands on it."""
    labels = [*(phase_name(phase) for phase in WAY), phase_name(Phase.USER)]
    here = -1 if snapshot is None else station(snapshot)
    done = 0.0 if snapshot is None else progress(snapshot, history)
    texts = [f" {label} " for label in labels]
    left = size - 2 - sum(cells(text) for text in texts)
    several = len(history.tasks) > 1
    facts = next((each for each in _facts(snapshot, several) if cells(each) <= left - BACK), "")
    room = left - cells(facts) if facts else left + 2
    if room < BACK:
        texts = [text.lstrip() for text in texts]
    rails = _share(max(room, BACK), BACK)
    spans: list[Span] = []
    stations: list[Station] = []
    at = 0
    for index, text in enumerate(texts):
        begin = at
        spans.append(Span(text, _label_role(index, here)))
        at += cells(text)
        if index < BACK:
            spans += _rail(index, here, done, rails[index])
            at += rails[index]
        stations.append(Station(index, begin, at))
    spans += [Span(" " * max(0, size - at - cells(facts) - 1)), Span(facts, "muted")]
    return row(*spans), tuple(stations)


def _facts(snapshot: Snapshot | None, several: bool) -> Sequence[str]:
    """What to say of the stop, the fullest first; whose it is where `several` tasks were met."""
    if snapshot is None:
        return ()
    steps = _steps(snapshot)
    if not several:
        return steps
    task = _owner(snapshot.stop)
    return (*(f"{task} · {each}" for each in steps), task, *steps)


def _owner(stop: Stop) -> str:
    """`server 84 · cpu 1`: the task by its name and pid, and where it runs."""
    pid = f" {stop.task.pid}" if stop.task.pid >= 0 else ""
    return _("{task} · cpu {number}").format(task=f"{stop.task.name}{pid}", number=stop.cpu)


def _steps(snapshot: Snapshot) -> tuple[str, ...]:
    position, latest = f"{snapshot.stop.position:,}", f"{snapshot.latest:,}"
    here = _("step {position}").format(position=position)
    if snapshot.stop.position >= snapshot.latest:
        return (here,)
    return (_("step {position} of {latest}").format(position=position, latest=latest), here)


def _share(total: int, parts: int) -> Sequence[int]:
    """`total` cells in `parts` nearly equal lengths."""
    return [total * (index + 1) // parts - total * index // parts for index in range(parts)]


def _label_role(index: int, here: int) -> str:
    if index == here:
        return "phase.here"
    return "phase.done" if index < here else "phase.ahead"


def _rail(index: int, here: int, done: float, length: int) -> list[Span]:
    if index < here:
        return [Span("━" * length, "phase.done")]
    if index > here:
        return [Span("╌" * length, "phase.ahead")]
    passed = min(length - 1, int(done * length))
    return [
        Span("━" * passed, "phase.done"),
        Span("●", "phase.here"),
        Span("╌" * (length - passed - 1), "phase.ahead"),
    ]
