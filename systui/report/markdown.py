"""The report as Markdown, for a text that someone goes on writing in."""

from collections.abc import Iterable, Sequence

from systui.present.call import line as call_line
from systui.report.end import sysret_text
from systui.report.page import (
    facts,
    ledger_cells,
    ledger_heads,
    verdict_cells,
    way_heads,
    way_rows,
)
from systui.report.story import Story
from systui.words import _

_SPECIAL = str.maketrans(
    {each: f"\\{each}" for each in "\\`*_{}[]()#+!|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)


def markdown(story: Story) -> str:
    """The whole text."""
    parts = [
        f"# {_plain(call_line(story.call))}\n",
        *(f"- {_plain(label)}: {_plain(value)}" for label, value in facts(story)),
        *_section(_("The way"), _table(way_heads(), way_rows(story))),
        *_section(
            _("The ledger: what became of each register"),
            _table(ledger_heads(), ledger_cells(story)),
        ),
        *_section(_("SYSRET's conditions"), _verdicts(story)),
        *_section(
            _("Notes"), [f"> @{note.position:,}: {_plain(note.text)}\n" for note in story.notes]
        ),
        *_section(_("The program's output"), [f"    {each}" for each in story.output.splitlines()]),
    ]
    return "\n".join(parts) + "\n"


def _verdicts(story: Story) -> list[str]:
    said = sysret_text(story)
    listed = [f"- {mark} {words} @{position}" for mark, words, position in verdict_cells(story)]
    return [f"{said}\n"] * bool(said) + [_plain(line) for line in listed]


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"\n## {_plain(title)}\n", *lines] if lines else []


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    body = [_row(row) for row in rows]
    return [_row(heads), "|" + "---|" * len(heads), *body] if body else []


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """`text` as it is: nothing in it is markup."""
    return text.replace("\n", " ").translate(_SPECIAL)
