"""The ledger as rows: each user register's value, where it was kept, what became of it."""

from collections.abc import Sequence
from typing import NamedTuple

from systui.model.frame import LedgerRow
from systui.model.snapshot import Verdict
from systui.present.edits import by_whom
from systui.present.rows import BLANK, Row, Span, cells, clip, hexadecimal, pad, row, width
from systui.words import _

_NAME = 8
_SLOT_NAME = 9
"""Cells of the longest field name and a gap."""
_DIGITS, _DIGITS_32 = 12, 8
"""Hexadecimal digits of a user address, and of a 32-bit program's; wider values widen columns."""
_SMALLEST_ERROR = -4095
"""MAX_ERRNO, include/linux/err.h: results from here to -1 are shown as the errors they are."""
_POSITION_WIDE = 96


class _Columns(NamedTuple):
    """Widths in cells."""

    value: int
    kept: int
    changed: int
    restored: int
    positions: bool
    """Whether the steps at which things happened are told too."""


def verdict_rows(verdicts: Sequence[Verdict], size: int) -> tuple[Row, ...]:
    """SYSRET's eligibility checks as far as they are done, on as few lines as they fit."""
    if not verdicts:
        return ()
    lines = [[Span(" SYSRET  ", "heading")]]
    for verdict in verdicts:
        mark, role = ("✓", "slot.restored") if verdict.passed else ("✗", "error")
        spans = [Span(f"{_check(verdict.check)} ", "text"), Span(mark, role), Span("  ")]
        if width((*lines[-1], *spans)) > size:
            lines.append([Span(" " * width(lines[0][:1]))])
        lines[-1] += spans
    return tuple(row(*line) for line in lines)


def _check(name: str) -> str:
    """A check in a few signs; the names are `Verdict.check`'s."""
    return {
        "cx_is_ip": "RCX = RIP",
        "canonical": _("canonical"),
        "cs": "CS",
        "r11_is_flags": "R11 = RFLAGS",
        "rf_tf": _("no RF, TF"),
        "ss": "SS",
    }.get(name, name)


def ledger_rows(ledger: Sequence[LedgerRow], size: int) -> tuple[Row, ...]:
    """A heading and a line for each register, in `size` cells."""
    if not ledger:
        return (
            BLANK,
            row(Span(" " + _("No system call yet: the ledger opens with one."), "muted")),
        )
    columns = _columns(ledger, size)
    heading = (
        (" " + _("reg"), _NAME),
        (_("in user"), columns.value + 2),
        (_("kept in"), columns.kept),
        (_("changed by"), columns.changed),
        (_("restored by"), columns.restored),
        (_("after"), columns.value),
    )
    return (
        row(*(Span(pad(text, width), "heading") for text, width in heading)),
        *(_line(entry, columns) for entry in ledger),
    )


def _columns(ledger: Sequence[LedgerRow], size: int) -> _Columns:
    values = [value for entry in ledger for value in (entry.user_value, entry.after)]
    value = max((len(shown_value(value)) for value in values if value is not None), default=0)
    value = _DIGITS_32 if value <= _DIGITS_32 else max(_DIGITS, value)
    room = size - _NAME - 2 * value - 2
    kept = max(cells(_("kept in")) + 2, _SLOT_NAME, min(18, room // 4))
    least = max(cells(_("changed by")), cells(_("restored by"))) + 1
    changed = max(least, (room - kept) // 2)
    restored = max(least, room - kept - changed)
    return _Columns(value, kept, changed, restored, size >= _POSITION_WIDE)


def _line(entry: LedgerRow, columns: _Columns) -> Row:
    return row(
        Span(pad(" " + entry.register, _NAME), "name"),
        *_value(entry.user_value, columns.value),
        Span("  "),
        _kept(entry, columns),
        _event(entry.clobbered_by, entry.clobbered_at, columns.changed, columns, "muted"),
        _event(entry.restored_by, entry.restored_at, columns.restored, columns, "slot.restored"),
        *_after(entry, columns.value),
        tag=entry.register,
    )


def _kept(entry: LedgerRow, columns: _Columns) -> Span:
    if entry.kept_in is None:
        role = "muted" if entry.preserved else "warning"
        return Span(pad(clip(unkept(entry), columns.kept - 1), columns.kept), role)
    role = "faint" if entry.saved_at is None else "slot.written"
    return _event(entry.kept_in, entry.saved_at, columns.kept, columns, role)


def unkept(entry: LedgerRow) -> str:
    """Words for a register for which the entry has no place."""
    return _("by C code") if entry.preserved else _("nowhere")


def _event(text: str | None, position: int | None, size: int, columns: _Columns, role: str) -> Span:
    if text is None:
        return Span(pad("·", size), "faint")
    text, told = by_whom(text), columns.positions and position is not None
    return Span(pad(clip(f"{text} @{position}" if told else text, size - 1), size), role)


def shown_value(value: int | None) -> str:
    """An error as the negative number it is, anything else in hexadecimal; `?` if not known."""
    if value is None:
        return "?"
    for bits in (64, 32):
        if _SMALLEST_ERROR <= value - (1 << bits) < 0:
            return str(value - (1 << bits))
    return f"{value:x}"


def _value(value: int | None, digits: int, role: str = "number") -> tuple[Span, ...]:
    if value is None:
        return (Span("?".rjust(digits), "faint"),)
    text = shown_value(value)
    if text.startswith("-"):
        return (Span(text.rjust(digits), role),)
    return hexadecimal(value, digits, role)


def _after(entry: LedgerRow, digits: int) -> tuple[Span, ...]:
    if entry.after is None:
        return (Span("·", "faint"),)
    return _value(entry.after, digits, "number" if entry.after == entry.user_value else "changed")
