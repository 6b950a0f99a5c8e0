"""Tasks side by side: a line for each as it stands, and below a column for each, in time."""

from collections.abc import Iterator, Sequence

from systui.decode.errno import RESTARTS
from systui.model.stop import Task
from systui.present.numbers import errno_text
from systui.present.phase import phase_name
from systui.present.rows import Row, Span, cells, clip, pad, row
from systui.session.lanes import Beat, Lane, Lanes
from systui.words import _

_POSITION = 9
"""Cells of a step's number."""
_LEAST = 26
"""Cells of a column; where they are too many for the pane, it is scrolled sideways."""
_ADDRESS = 16
"""Results that only the kernel sees: the call was interrupted (include/linux/errno.h)."""


def lane_rows(lanes: Lanes) -> tuple[Row, ...]:
    """A heading, and a line for each task: where it stands, its frame and stack, what it does."""
    names = [_named(lane.task) for lane in lanes.lanes]
    phases = [_phase(lane) for lane in lanes.lanes]
    widths = [max(map(cells, (title, *each))) for title, each in _columns(names, phases)]
    head = (
        *(pad(_("task"), widths[0]), pad(_("phase"), widths[1])),
        *(pad("pt_regs", _ADDRESS), pad(_("stack's end"), _ADDRESS), _("does")),
    )
    heading = row(Span("  " + "  ".join(head), "heading"))
    rows = zip(lanes.lanes, names, phases, strict=True)
    return heading, *(
        row(*_lane(lane, pad(name, widths[0]), pad(phase, widths[1])), tag=lane.task.pid)
        for lane, name, phase in rows
    )


def _columns(
    names: Sequence[str], phases: Sequence[str]
) -> tuple[tuple[str, Sequence[str]], tuple[str, Sequence[str]]]:
    return (_("task"), names), (_("phase"), phases)


def _named(task: Task) -> str:
    return f"{task.pid} {task.name}"


def _phase(lane: Lane) -> str:
    if lane.gone:
        return _("ended")
    return "" if lane.phase is None else phase_name(lane.phase)


def _lane(lane: Lane, name: str, phase: str) -> Iterator[Span]:
    yield Span("▶ " if lane.current else "  ", "mark.next")
    yield Span(name + "  ", "strong" if lane.current else "text")
    yield Span(phase + "  ", "phase.here" if lane.current else "muted")
    for address in (lane.frame, lane.stack):
        text = "" if address is None else f"{address:x}"
        yield Span(pad(text, _ADDRESS) + "  ", "text" if lane.current else "muted")
    if lane.waits:
        words = _("{call}, {reason}, since step {step}")
        step = f"{lane.since:,}"
        yield Span(words.format(call=lane.call, reason=lane.waits, step=step), "warning")
    else:
        yield Span(_call(lane.call, lane.arguments), "text")


def beat_rows(lanes: Lanes, size: int, shown: range) -> tuple[Row, ...]:
    """A heading and a line for each beat of `shown`, a column for each task; tags are positions.

    At least `size` cells wide.
    """
    tasks = [lane.task for lane in lanes.lanes]
    each = max(_LEAST, (size - _POSITION - 3) // max(1, len(tasks)) - 1)
    names = "".join(pad(clip(_named(task), each), each) + " " for task in tasks)
    title = _("at step")
    left = " " * (_POSITION - cells(title)) + title
    heading = row(Span(f"  {left} {names}", "heading"))
    return heading, *(_beat(lanes.beats[index], tasks, each, index - lanes.here) for index in shown)


def _beat(beat: Beat, tasks: Sequence[Task], size: int, distance: int) -> Row:
    here = distance == 0
    ahead = distance > 0
    spans = [
        Span("▶ " if here else "  ", "mark.next"),
        Span(f"{beat.position:>{_POSITION},} ", "muted"),
    ]
    for task in tasks:
        if task.pid == beat.task.pid:
            text = clip(_text(beat, size), size)
            spans.append(Span(pad(text, size) + " ", _role(beat, ahead=ahead)))
        else:
            spans.append(Span(pad("┊" if task.pid in beat.waiting else "", size) + " ", "faint"))
    return row(*spans, base="current" if here else "", tag=beat.position)


def _role(beat: Beat, *, ahead: bool) -> str:
    if ahead:
        return "muted"
    if beat.waits:
        return "warning"
    return "error" if beat.error is not None else "text"


def _text(beat: Beat, size: int) -> str:
    """What the task does in this line: the arguments give way to what comes of it."""
    told = " · ".join(_told(beat))
    if beat.ends:
        return _("ends")
    call = _call(beat.call, beat.arguments) if beat.begun else beat.call
    result = _result(beat)
    tail = f" = {result}" if result else ""
    if told:
        tail += f" · {told}"
    if not beat.begun and beat.goes_on and not result:
        return told or _("goes on")
    if cells(call + tail) <= size or call == beat.call:
        return call + tail
    if beat.waits:
        return beat.call + tail
    end = ")" if call.endswith(")") else ""
    room = max(cells(beat.call) + 2, size - cells(tail) - len(end))
    return clip(call, room) + end + tail


def _told(beat: Beat) -> Iterator[str]:
    if beat.goes_on:
        if beat.by is not None:
            yield _("woken by {task}").format(task=beat.by)
        elif beat.why:
            yield {"time": _("its time is up"), "signal": _("woken by a signal")}.get(
                beat.why, beat.why
            )
    if beat.waits:
        yield beat.waits


def _result(beat: Beat) -> str:
    if beat.result is None:
        return ""
    if -beat.result in RESTARTS:
        return _("interrupted")
    return errno_text(beat.result, beat.error)


def _call(name: str, arguments: Sequence[str]) -> str:
    """`bind(3, …)`, `socketcall(SYS_BIND) bind(3, …)`; a sub-call's arguments may be unknown."""
    if not name or ("(" in name and not arguments):
        return name
    return f"{name}({', '.join(arguments)})"
