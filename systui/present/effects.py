"""The lines under the source: what ran last, in words, and why the target stands."""

from systui.model.snapshot import Snapshot
from systui.present.edits import MARK, edits_sentence
from systui.present.effect import sentence
from systui.present.notice import notice
from systui.present.phase import phase_begins, phase_name
from systui.present.rows import Row, Span, clip, row, width
from systui.present.wrap import wrap
from systui.words import _

_MARK = " ✓ "


def effect_rows(snapshot: Snapshot, size: int, height: int, note: str = "") -> tuple[Row, ...]:
    """At most `height` lines of `size` cells: a notice, the walk's `note`, what ran last."""
    rows: list[Row] = []
    said = notice(snapshot)
    if said:
        rows += _wrapped([Span(" ● ", "warning")], said, size, "strong", height)
    if note:
        left = height - len(rows)
        rows += _wrapped([Span(" » ", "accent")], note, size, "text", max(1, left - 1))
    by_hand = edits_sentence(snapshot.edits)
    if by_hand and height > len(rows):
        rows += _wrapped([Span(f" {MARK} ", "changed")], by_hand, size, "strong", 1)
    begins = phase_begins(snapshot)
    if height > len(rows):
        left = height - len(rows)
        rows += _effect(snapshot, size, left - 1 if begins and left > 1 else left)
    if begins and height > len(rows):
        head = [Span(" ▸ ", "phase.here"), Span(phase_name(snapshot.phase) + ": ", "strong")]
        rows += _wrapped(head, begins, size, "text", height - len(rows))
    return tuple(rows[:height])


def _effect(snapshot: Snapshot, size: int, height: int) -> list[Row]:
    effect = snapshot.effect
    if effect is None:
        if snapshot.stop.position or notice(snapshot):
            return []
        text = _("The program's first instruction is next. s steps, F follows a system call.")
        return _wrapped([Span("   ")], text, size, "effect", height)
    return _wrapped([Span(_MARK, "effect.mark")], sentence(effect), size, "effect", height)


def _wrapped(head: list[Span], text: str, size: int, role: str, height: int) -> list[Row]:
    """`text` after `head`, over up to `height` lines that start below one another."""
    indent = width(head)
    room = max(20, size - indent - 1)
    lines = list(wrap(text, room))
    if len(lines) > height:
        lines = [*lines[: height - 1], clip(f"{lines[height - 1]} {lines[height]}", room)]
    rows = [row(*head, Span(lines[0], role))] if lines else []
    return rows + [row(Span(" " * indent), Span(line, role)) for line in lines[1:]]
