"""The text of a trace: made to be read on a terminal and to be pasted into a report.

Every line is a Row of at most `WIDTH` cells; whoever prints gives the roles their looks.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from systui.model.call import Phase
from systui.model.code import SourceLine, SourceText
from systui.model.frame import PtRegs, Slot, Written
from systui.model.snapshot import Snapshot
from systui.model.stop import Output
from systui.present import call as call_line
from systui.present.built import as_built
from systui.present.edits import by_whom
from systui.present.effect import sentence
from systui.present.effect_checks import check_words
from systui.present.kernel_name import kernel_name
from systui.present.ledger import ledger_rows
from systui.present.output import output_lines
from systui.present.phase import phase_begins, phase_name
from systui.present.registers import stack_title
from systui.present.rows import BLANK, Row, Span, cells, clip, pad, row, visible, width
from systui.present.wrap import wrap
from systui.target.protocol import TargetInfo
from systui.words import _

WIDTH = 98
_INDEX = 8
_LABEL = 8
_INDENT = _INDEX + 2
_CODE = 38
"""Cells for an instruction, where its source line stands beside it."""


class Heading(NamedTuple):
    """What a trace is of."""

    title: str
    program: str
    call: str
    """Empty where none was named."""
    script: str
    """Empty where there is none."""


def header(heading: Heading, info: TargetInfo) -> Iterator[Row]:
    """The lines before the first stop."""
    yield row(Span(heading.title, "strong"))
    yield BLANK
    facts = [
        (_("program"), heading.program),
        (_("kernel"), kernel_name(info.kernel)),
    ]
    if heading.script:
        facts.append((_("call"), heading.call or _("as the script says")))
        facts.append((_("script"), heading.script))
    elif heading.call:
        facts.append((_("call"), heading.call))
    for name, value in facts:
        yield row(Span("  " + pad(name, 10), "muted"), Span(visible(value)))


class StopRows:
    """The lines of one stop after the other; knows what the ones before have said."""

    def __init__(self) -> None:
        self._phase: Phase | None = None
        self._frame: PtRegs | None = None

    def rows(self, snapshot: Snapshot, note: str | None) -> Iterator[Row]:
        """A phase's heading where one begins, then the stop."""
        if snapshot.phase is not self._phase:
            yield from section(phase_name(snapshot.phase))
            self._phase = snapshot.phase
            begins = phase_begins(snapshot)
            if begins:
                yield from paragraph(begins, "muted")
        yield BLANK
        yield _title(snapshot)
        if snapshot.effect is not None:
            yield from _labelled(_("ran"), sentence(snapshot.effect), "text")
        yield from self._slots(snapshot)
        if note is not None:
            for line in note.split("\n"):
                yield from _labelled(_("note"), line, "effect")
        yield from _next(snapshot)

    def _slots(self, snapshot: Snapshot) -> Iterator[Row]:
        """The slots of pt_regs whose value came or changed since the stop shown before."""
        before, frame = self._frame, snapshot.frame
        self._frame = frame
        if frame is None or snapshot.nested:
            return
        known = {} if before is None else {slot.name: _fact(slot.value) for slot in _kept(before)}
        fresh = [slot for slot in _kept(frame) if known.get(slot.name) != _fact(slot.value)]
        told = snapshot.effect is not None and snapshot.effect.kind in _SLOT_EFFECTS
        if len(fresh) > told:
            text = "  ".join(f"{slot.name}={_fact(slot.value)}" for slot in fresh)
            yield from _labelled("pt_regs", text, "slot.written")


_SLOT_EFFECTS = frozenset(("push_slot", "store_slot", "result"))
"""Effects whose sentence names the one slot that they store."""


def _kept(frame: PtRegs) -> list[Slot]:
    return [slot for slot in frame.slots if slot.written is Written.YES]


def _fact(value: int | None) -> str:
    return "?" if value is None else f"{value:#x}"


def section(name: str) -> Iterator[Row]:
    """A heading across the page."""
    yield BLANK
    text = f"── {name} "
    yield row(Span(text + "─" * (WIDTH - cells(text)), "heading"))


def paragraph(text: str, role: str = "text") -> Iterator[Row]:
    """A sentence as lines."""
    for line in wrap(visible(text), WIDTH - 4):
        yield row(Span("  "), Span(line, role))


def _title(snapshot: Snapshot) -> Row:
    """Index, symbol and landmark; the source place at the right."""
    location = snapshot.location
    left = [
        Span(f"{snapshot.stop.position:>{_INDEX}}  ", "muted"),
        Span(clip(location.name, 48), "strong"),
    ]
    if snapshot.landmark is not None:
        left.append(Span(f"  [{snapshot.landmark.name}]", "accent"))
    if snapshot.nested:
        left.append(Span("  " + _("(a fault or interrupt on the way)"), "warning"))
    place = "" if location.source is None else _place(location.source)
    right = Span(clip(place, WIDTH - width(left) - 1), "muted")
    return row(*left, Span(" " * (WIDTH - width(left) - cells(right.text))), right)


def _place(source: SourceLine) -> str:
    return f"{source.file}:{source.line}"


def _labelled(label: str, text: str, role: str) -> Iterator[Row]:
    head = pad(label, _LABEL)
    for line in wrap(visible(text), WIDTH - _INDENT - _LABEL):
        yield row(Span(" " * _INDENT), Span(head, "muted"), Span(line, role))
        head = " " * _LABEL


def _next(snapshot: Snapshot) -> Iterator[Row]:
    """The instruction that runs next, and beside it the source line that it belongs to."""
    if snapshot.instruction is None:
        return
    spans = [
        Span(" " * _INDENT),
        Span(pad(_("next"), _LABEL), "muted"),
        Span(clip(snapshot.instruction.text, _CODE), "code"),
    ]
    line = source_line(snapshot.location.source, snapshot.source_text)
    if line is not None:
        room = WIDTH - _INDENT - _LABEL - _CODE - 3
        gap = " " * (_CODE - cells(spans[-1].text))
        shown = clip(visible(" ".join(line.split())), room)
        spans += [Span(f"{gap} │ ", "muted"), Span(shown, "code")]
    yield row(*spans)
    if snapshot.instruction.built is not None:
        built = Span(clip(as_built(snapshot.instruction), WIDTH - _INDENT - _LABEL), "warning")
        yield row(Span(" " * (_INDENT + _LABEL)), built)


def source_line(source: SourceLine | None, text: SourceText | None) -> str | None:
    """The text of a source line, where it can be had."""
    if source is None or text is None or not 0 < source.line <= len(text.lines):
        return None
    return text.lines[source.line - 1]


def output_rows(pieces: Sequence[Output], title: str) -> Iterator[Row]:
    """What the program wrote, in its order: `| ` marks standard output, `! ` standard error."""
    if not pieces:
        return
    yield from section(title)
    for spans in output_lines(pieces):
        is_error = any(span.role == "stderr" for span in spans)
        yield row(Span("! " if is_error else "| ", "muted"), *spans)


def summary(snapshot: Snapshot, frame: PtRegs | None) -> Iterator[Row]:
    """What the whole call amounts to: frame, ledger, conditions, result."""
    if frame is not None:
        yield from _frame_table(frame)
    if snapshot.ledger:
        yield from section(_("the ledger: what became of each register"))
        yield from ledger_rows(snapshot.ledger, WIDTH)
    if snapshot.verdicts:
        yield from section(_("SYSRET's conditions"))
        for verdict in snapshot.verdicts:
            mark = Span("  ✓ ", "strong") if verdict.passed else Span("  ✗ ", "warning")
            words = check_words(verdict.check, verdict.passed)
            at = _("index {position}").format(position=verdict.position)
            yield row(mark, Span(pad(words, 56)), Span(at, "muted"))
    if snapshot.call is not None:
        yield from section(_("result"))
        yield from paragraph(call_line.line(snapshot.call), "strong")


def _frame_table(frame: PtRegs) -> Iterator[Row]:
    yield from section(
        _("pt_regs at {address}, on the {stack}").format(
            address=f"{frame.address:#x}", stack=stack_title(frame.stack)
        )
    )
    for slot in frame.slots:
        digits = frame.digits
        value = f"{slot.value:0{digits}x}" if slot.value is not None else "?" * digits
        if slot.written is Written.NO:
            value = _("not written")
        by = by_whom(slot.by or "")
        at = "" if slot.position is None else _("index {position}").format(position=slot.position)
        yield row(
            Span(f"  +{slot.address - frame.address:<4} ", "muted"),
            Span(pad(slot.name, 9), "name"),
            Span(pad(value, 18), "number"),
            Span(pad(clip(by, 44), 46)),
            Span(at, "muted"),
        )
