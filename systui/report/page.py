"""The report as one HTML page: no script, nothing from elsewhere, every text escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from systui.model.frame import LedgerRow
from systui.present.call import line as call_line
from systui.present.edits import by_whom
from systui.present.effect_checks import check_words
from systui.present.kernel_name import kernel_name
from systui.present.ledger import shown_value, unkept
from systui.present.phase import phase_name
from systui.report.end import end_text, sysret_text
from systui.report.pictures import depth_chart, frame_picture
from systui.report.story import Station, Story
from systui.words import _, plural


def html(story: Story, language: str) -> str:
    """The whole page; `language` is its `lang`."""
    title = call_line(story.call)
    body = "".join(
        (
            f"<h1><code>{escape(title)}</code></h1>",
            _facts(story),
            _section(_("The way"), _way(story)),
            _section(_("pt_regs, step by step"), _frame(story)),
            _section(_("The ledger: what became of each register"), _ledger(story)),
            _section(_("SYSRET's conditions"), _verdicts(story)),
            _section(_("Depth of the kernel stack"), _depth(story)),
            _section(_("Notes"), _notes(story)),
            _section(_("The program's output"), _output(story)),
        )
    )
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_style()}</style></head><body>{body}</body></html>\n"
    )


def _style() -> str:
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>" if content else ""


def facts(story: Story) -> list[tuple[str, str]]:
    """What was recorded, as pairs of label and value."""
    said = [
        (_("program"), story.program),
        ("SHA-256", story.program_hash or ""),
        (_("kernel"), kernel_name(story.kernel)),
        ("build-id", story.build_id or ""),
        (_("recorded by"), story.command or ""),
        (_("steps"), f"{story.stations[0].position:,} – {story.stations[-1].position:,}"),
        (_("beginning"), "" if story.whole else _("not recorded: told is what came after it")),
        (_("end"), end_text(story)),
        (_("not told"), _others(story)),
    ]
    return [(label, value) for label, value in said if value]


def _others(story: Story) -> str:
    if not story.others:
        return ""
    return plural(
        "{count} further call of this recording",
        "{count} further calls of this recording",
        story.others,
    ).format(count=story.others)


def _facts(story: Story) -> str:
    return (
        "<dl>"
        + "".join(f"<dt>{escape(a)}</dt><dd><code>{escape(b)}</code></dd>" for a, b in facts(story))
        + "</dl>"
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], kinds: Sequence[str]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}">{escape(cell)}</td>' for kind, cell in zip(kinds, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def way_heads() -> tuple[str, ...]:
    """The columns of the way."""
    return (_("step"), _("phase"), _("landmark"), _("place"), _("source"), _("what ran last"))


def way_rows(story: Story) -> list[tuple[str, ...]]:
    """The stops of the way that stand out."""
    return [
        (
            f"{each.position:,}",
            _phase(each),
            each.landmark or "",
            each.place,
            each.source,
            each.effect,
        )
        for each in standing_out(story.stations)
    ]


def _phase(station: Station) -> str:
    name = phase_name(station.phase)
    if not station.nested:
        return name
    return _("{phase} of a fault or an interrupt").format(phase=name)


def standing_out(stations: Sequence[Station]) -> list[Station]:
    """The first and the last stop, and those with a name or where something came in between."""
    nested = [0, *(each.nested for each in stations)]
    return [
        each
        for before, each in zip(nested, stations, strict=False)
        if each.landmark
        or each.edits
        or each.nested != before
        or each in (stations[0], stations[-1])
    ]


def _way(story: Story) -> str:
    step, phase, landmark, place, source, effect = way_heads()
    heads = (step, f"{phase} · {landmark}", f"{place} · {source}", effect)
    rows = "".join(
        f'<tr><td class="n">{escape(cells[0])}</td>'
        f"<td>{escape(cells[1])}<small><code>{escape(cells[2])}</code></small></td>"
        f"<td><code>{escape(cells[3])}</code><small><code>{escape(cells[4])}</code></small></td>"
        f"<td>{escape(cells[5])}</td></tr>"
        for cells in way_rows(story)
    )
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    return f'<table class="way"><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>'


def _frame(story: Story) -> str:
    picture = frame_picture(story.pictures)
    if not picture:
        return ""
    kinds = (
        ("written", _("written")),
        ("unwritten", _("not written yet")),
        ("unknown", _("unknown")),
        ("restored", _("read back")),
        ("fresh", _("changed by this step")),
    )
    key = "".join(f'<span><i class="{kind}"></i>{escape(text)}</span>' for kind, text in kinds)
    return f'<div class="key">{key}</div><div class="wide">{picture}</div>'


def ledger_heads() -> tuple[str, ...]:
    """The columns of the ledger."""
    return (
        *(_("register"), _("in user"), _("kept in"), _("changed by")),
        *(_("restored by"), _("after")),
    )


def ledger_cells(story: Story) -> list[tuple[str, ...]]:
    """The ledger's rows."""

    def unseen(row: LedgerRow) -> str | None:
        return None if row.after in (None, row.user_value) else "?"

    back = any(row.after is not None for row in story.ledger)

    def event(text: str | None, position: int | None) -> str:
        if text is None:
            return ""
        text = by_whom(text)
        return text if position is None else f"{text} @{position:,}"

    return [
        (
            row.register,
            shown_value(row.user_value),
            event(row.kept_in or unkept(row), row.saved_at),
            event(row.clobbered_by or unseen(row), row.clobbered_at),
            event(row.restored_by, row.restored_at),
            shown_value(row.after) if back else "–",
        )
        for row in story.ledger
    ]


def _ledger(story: Story) -> str:
    return _table(ledger_heads(), ledger_cells(story), ("m",) * 6) if story.ledger else ""


def verdict_cells(story: Story) -> list[tuple[str, str, str]]:
    """SYSRET's conditions: a mark, the words, the step."""
    return [
        (
            "✓" if each.passed else "✗",
            check_words(each.check, each.passed),
            f"{each.position:,}",
        )
        for each in story.verdicts
    ]


def _verdicts(story: Story) -> str:
    rows = (
        f'<tr><td class="{"yes" if mark == "✓" else "no"}">{mark}</td>'
        f'<td>{escape(words)}</td><td class="n">{position}</td></tr>'
        for mark, words, position in verdict_cells(story)
    )
    body, said = "".join(rows), sysret_text(story)
    return (f"<p>{escape(said)}</p>" if said else "") + (
        f"<table><tbody>{body}</tbody></table>" if body else ""
    )


def _depth(story: Story) -> str:
    chart = depth_chart(story)
    words = _("Bytes below pt_regs on the thread's stack, over the recorded stops of the call.")
    return f'<p>{escape(words)}</p><div class="wide">{chart}</div>' if chart else ""


def _notes(story: Story) -> str:
    return "".join(
        f"<blockquote><p><code>@{note.position:,}</code> {escape(note.text)}</p></blockquote>"
        for note in story.notes
    )


def _output(story: Story) -> str:
    return f"<pre>{escape(story.output)}</pre>" if story.output else ""
