"""The top line: what is debugged on the left, the call under way on the right."""

from systui.model.call import Syscall
from systui.present import call as calls
from systui.present.rows import Span, cells, clip, width
from systui.words import _

_NAME = "systui"


def header_spans(
    title: str, call: Syscall | None, running: str, size: int, *, recording: bool = False
) -> list[Span]:
    """The line in `size` cells; the call gives way before the title does, numbers stay whole."""
    name = Span(f" {_NAME} ", "bar.name")
    if recording:
        left = [name, Span(_("● rec") + " ", "error"), Span(f" {title}", "bar.muted")]
    else:
        left = [name, Span(f" {title}", "bar.muted")]
    room = size - width(left) - 3
    text = running or ("" if call is None else _call(call, max(room, size // 2)))
    if width(left) + cells(text) + 2 > size:
        left[-1] = Span(clip(left[-1].text, size - width(left[:-1]) - cells(text) - 3), "bar.muted")
    fill = max(1, size - width(left) - cells(text) - 1)
    return [*left, Span(" " * fill), Span(text, "warning" if running else "strong"), Span(" ")]


def _call(call: Syscall, room: int) -> str:
    """The call in `room` cells: arguments are left out from the end where it is too long."""
    text = f"{call.number} {calls.line(call)}"
    if cells(text) <= room:
        return text
    result = calls.line(call).removeprefix(calls.head(call))
    head = f"{call.number} {calls.head(call)}"
    shown = clip(head, room - cells(result) - 1)
    return f"{shown}){result}" if "(" in shown else clip(head, room)
