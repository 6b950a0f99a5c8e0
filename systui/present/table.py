"""The system call table as rows: number, name, handler, arguments; matches set apart."""

from collections.abc import Sequence

from systui.model.call import SyscallRow
from systui.present.rows import Row, Span, clip, pad, row, width
from systui.words import _

_NUMBER = 4
_NAME = 24
_HANDLER = 30
_WIDE = 78


def table_rows(
    rows: Sequence[SyscallRow], query: str, current: int | None, size: int
) -> tuple[Row, ...]:
    """`rows` in lines of `size` cells; the call under way is marked, `query`'s matches too."""
    wanted = query.strip().lower()
    return tuple(_line(entry, wanted, entry.number == current, size) for entry in rows)


def _line(entry: SyscallRow, wanted: str, here: bool, size: int) -> Row:
    spans = [
        Span("▶" if here else " ", "mark.next"),
        *_marked(f"{entry.number:>{_NUMBER}}", wanted, "number"),
        Span("  "),
        *_marked(clip(entry.name, _NAME), wanted, "symbol.strong" if here else "symbol"),
    ]
    _fill(spans, 1 + _NUMBER + 2 + _NAME)
    if size >= _WIDE and entry.entry is not None:
        handler = entry.symbol or entry.entry
        spans.append(Span(pad(clip(handler, _HANDLER), _HANDLER) + " ", "muted"))
    room = size - width(spans)
    spans.append(Span(clip(arguments(entry), room), "faint" if entry.entry is None else "muted"))
    return row(*spans, tag=entry.number)


def arguments(entry: SyscallRow) -> str:
    """The names of a call's arguments, or why there are none."""
    if entry.entry is None:
        return _("no handler: -ENOSYS")
    if entry.parameters is None:
        return _("arguments not known")
    if not entry.parameters:
        return "—"
    return ", ".join(parameter.name for parameter in entry.parameters)


def _marked(text: str, wanted: str, role: str) -> list[Span]:
    """`text` with its first match of `wanted` in a role of its own."""
    at = text.lower().find(wanted) if wanted else -1
    if at < 0:
        return [Span(text, role)]
    end = at + len(wanted)
    parts = (Span(text[:at], role), Span(text[at:end], "match"), Span(text[end:], role))
    return [part for part in parts if part.text]


def _fill(spans: list[Span], column: int) -> None:
    spans.append(Span(" " * max(1, column - width(spans))))
