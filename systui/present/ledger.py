"""The ledger as rows: each user register's value, where it was kept, what became of it."""

from collections.abc import Sequence

from systui.model.frame import LedgerRow
from systui.present.rows import BLANK, Row, Span, cells, clip, hexadecimal, pad, row
from systui.words import _

_NAME = 7
_VALUE = 16
_POSITION_WIDE = 96


def ledger_rows(ledger: Sequence[LedgerRow], size: int) -> tuple[Row, ...]:
    """A heading and a line for each register, in `size` cells."""
    if not ledger:
        return (
            BLANK,
            row(Span(" " + _("No system call yet: the ledger opens with one."), "muted")),
        )
    texts = _columns(size)
    heading = row(
        Span(pad(" " + _("reg"), _NAME), "heading"),
        Span(pad(_("in user"), _VALUE + 2), "heading"),
        Span(pad(_("kept in"), texts[0]), "heading"),
        Span(pad(_("changed by"), texts[1]), "heading"),
        Span(pad(_("restored by"), texts[2]), "heading"),
        Span(_("after"), "heading"),
    )
    return (heading, *(_line(entry, texts, size) for entry in ledger))


def _columns(size: int) -> tuple[int, int, int]:
    """Widths of the three columns of words between the two values."""
    room = size - _NAME - 2 * _VALUE - 3
    kept = max(cells(_("kept in")) + 2, min(18, room // 4))
    least = max(cells(_("changed by")), cells(_("restored by"))) + 2
    changed = max(least, (room - kept) // 2)
    return kept, changed, max(least, room - kept - changed)


def _line(entry: LedgerRow, texts: tuple[int, int, int], size: int) -> Row:
    places = size >= _POSITION_WIDE
    return row(
        Span(pad(" " + entry.register, _NAME), "name"),
        *_value(entry.user_value),
        Span("  "),
        *_kept(entry, texts[0], places),
        _event(entry.clobbered_by, entry.clobbered_at, texts[1], places, "muted"),
        _event(entry.restored_by, entry.restored_at, texts[2], places, "slot.restored"),
        *_after(entry),
        tag=entry.register,
    )


def _kept(entry: LedgerRow, size: int, places: bool) -> tuple[Span, ...]:
    if entry.slot is None:
        return (Span(pad(clip(_("nowhere"), size - 1), size), "warning"),)
    role = "faint" if entry.saved_at is None else "slot.written"
    return (_event(entry.slot, entry.saved_at, size, places, role),)


def _event(text: str | None, position: int | None, size: int, places: bool, role: str) -> Span:
    if text is None:
        return Span(pad("·", size), "faint")
    shown = f"{text} @{position}" if places and position is not None else text
    return Span(pad(clip(shown, size - 1), size), role)


def _value(value: int | None) -> tuple[Span, ...]:
    return (Span("?".rjust(_VALUE), "faint"),) if value is None else hexadecimal(value, _VALUE)


def _after(entry: LedgerRow) -> tuple[Span, ...]:
    if entry.after is None:
        return (Span("·", "faint"),)
    role = "number" if entry.after == entry.user_value else "changed"
    return hexadecimal(entry.after, _VALUE, role)
