"""Commands that look at frames, and choose the one whose registers are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.console.expression import evaluate
from systui.console.places import spelled
from systui.console.registry import Command
from systui.model.errors import BadInputError
from systui.present.rows import Row, Span, row
from systui.words import _

if TYPE_CHECKING:
    from systui.console.console import Console, Line
    from systui.session.backtrace import CallFrame


def _backtrace(console: Console, line: Line) -> None:
    frames = console.frames
    if line.rest:
        count = evaluate(line.rest, console.scope).number or 0
        frames = frames[:count] if count >= 0 else frames[count:]
    for frame in frames:
        console.show([frame_row(console, frame, selected=frame.number == console.selected)])


def frame_row(console: Console, frame: CallFrame, *, selected: bool) -> Row:
    """One frame on a line: number, ring, address, name, line, how it was found."""
    digits = 2 * console.debugger.kernel.arch.word
    role = "ring.kernel" if frame.in_kernel else "ring.user"
    source = spelled(frame.location.source)
    return row(
        Span(f"{'▸' if selected else ' '}#{frame.number:<3}", role),
        Span(f"{frame.location.address:0{digits}x} ", "muted"),
        Span(frame.location.name, "strong"),
        Span(f"  {source}" if source else "", "text"),
        Span(f"  {how_text(frame.how)}" if how_text(frame.how) else "", "faint"),
        base="cursor" if selected else "",
        tag=frame.number,
    )


def how_text(how: str) -> str:
    """How a frame was found, in words; empty for the usual ways."""
    return {
        "code": _("by its code"),
        "frame pointer": _("guessed by the frame pointer"),
        "pt_regs": _("by pt_regs"),
    }.get(how, "")


def _frame(console: Console, line: Line) -> None:
    if line.rest:
        number = evaluate(line.rest, console.scope).number
        console.select(0 if number is None else number)
    tell_frame(console)


def _up(console: Console, line: Line, by: int) -> None:
    count = evaluate(line.rest, console.scope).number or 0 if line.rest else 1
    last = len(console.frames) - 1
    here, wanted = console.selected, console.selected + by * count
    if here == (last if by > 0 else 0):
        raise BadInputError(_("this is the outermost frame") if by > 0 else _("this is frame 0"))
    console.select(max(0, min(last, wanted)))
    tell_frame(console)


def tell_frame(console: Console) -> None:
    """Show the frame that is looked at, with its source line."""
    frame = console.frame
    console.show([frame_row(console, frame, selected=False)])
    line = console.debugger.source_line(frame.location)
    if line is not None and frame.location.source is not None:
        console.say(f"{frame.location.source.line:>6}  {line.expandtabs(8).rstrip()}", "code")


def commands() -> tuple[Command, ...]:
    """All of them, in the chosen language."""
    group = _("Looking")
    return (
        Command(
            "backtrace",
            ("bt", "where"),
            "[N]",
            _("Show the frames, kernel and program."),
            _backtrace,
            group,
        ),
        Command("frame", ("f",), "[N]", _("Look at a frame."), _frame, group),
        Command(
            "up", (), "[N]", _("Look at the caller's frame."), lambda c, a: _up(c, a, 1), group
        ),
        Command(
            "down", (), "[N]", _("Look at the called frame."), lambda c, a: _up(c, a, -1), group
        ),
    )
