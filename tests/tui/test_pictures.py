"""Pictures of the screen, each looked at once by a person and compared since.

`SYSTUI_DRAW=1 pytest tests/tui/test_pictures.py` draws them anew; look at them before committing.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gallery import STATES
from rich.style import Style
from still import still
from textual.app import App

from systui import words
from systui.tui.colours import contrast, rgb
from systui.tui.picture import TERMINAL, colours, lines, picture

KEPT = Path(__file__).parent / "snapshots"
READS = 3.0
"""The least contrast of anything that can be read; test_theme.py asks more of most roles."""

MADE = {
    "building-80x24-dark": ("w", "3"),
    "building-80x24-light": (),
    "building-80x24-dark-16": ("w", "3"),
    "building-80x24-dark-zh": ("w", "3"),
    "building-100x30-mono-none": (),
    "building-100x30-colour-blind": (),
    "building-120x40-dark": (),
    "building-120x40-light": (),
    "building-120x40-high-contrast": (),
    "building-120x40-colour-blind": (),
    "building-120x40-dark-16": (),
    "building-120x40-dark-256": (),
    "building-120x40-light-16": (),
    "building-200x60-light": (),
    "no-source-120x40-dark": (),
    "no-source-80x24-light": (),
    "no-call-yet-80x24-dark": (),
    "no-call-yet-120x40-light": (),
    "no-call-yet-200x60-high-contrast-16": (),
    "running-80x24-dark": (),
    "running-120x40-light": (),
    "interrupted-100x30-dark": (),
    "interrupted-80x24-high-contrast-256": (),
    "ended-200x60-dark": (),
    "ended-120x40-dark-zh": ("l",),
    "ended-100x30-light": ("l",),
    "killed-120x40-dark": (),
    "killed-80x24-light-zh": (),
    "long-80x24-dark": ("tab",),
    "long-100x30-light": ("w", "3"),
    "long-120x40-dark-zh": ("o",),
    "long-200x60-colour-blind-256": (),
    "help-100x30-light": ("question_mark",),
    "help-80x24-dark-zh": ("question_mark",),
    "palette-80x24-dark": ("ctrl+p", "b", "a", "c", "k"),
    "palette-120x40-dark-16": ("ctrl+p",),
    "panes-100x30-dark": ("w", "down", "down", "space"),
    "search-120x40-dark": ("slash", "s", "o", "c", "k"),
    "search-100x30-colour-blind-16": ("slash", "s", "o", "c", "k", "down"),
    "asked-80x24-light": ("F", "x", "enter"),
    "zoomed-80x24-high-contrast": ("w", "3", "z"),
    "empty-80x24-light": (),
}
"""By name (state or what is shown, size, theme, colours, language): the keys pressed then."""
SHOWN = {"help": "building", "palette": "building", "panes": "building", "search": "building"}
SHOWN |= {"asked": "building", "zoomed": "building"}
COLOURS = {"16": ("xterm", ""), "256": ("xterm-256color", ""), "": ("xterm", "truecolor")}


@pytest.fixture
def look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a picture, its terminal and language set up."""
    name: str = request.param
    last = name.rpartition("-")[2]
    terminal, colours_said = COLOURS.get(last, COLOURS[""])
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("COLORTERM", colours_said)
    if last == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    words.use("zh" if last == "zh" else "en")
    yield name
    words.use("en")


@pytest.mark.parametrize("look", MADE, indirect=True)
async def test_the_screen_is_as_it_was_looked_at(look: str, tmp_path: Path) -> None:
    state, size, theme = parts(look)
    columns, rows = map(int, size.split("x"))
    async with still(*STATES[SHOWN.get(state, state)], size=(columns, rows), theme=theme) as (
        app,
        pilot,
    ):
        if state == "running":
            app.main.header.say_running(
                words._("running for {seconds} s · Esc stops it").format(seconds=12)
            )
        for key in MADE[look]:
            await pilot.press(key)
        await pilot.pause()
        if app.screen is app.main:  # what a dialog covers is meant to step back
            assert unreadable(app) == []
        assert [len(line) for line in wide_lines(app)] == [columns] * rows
        compare(look, picture(app), tmp_path)


def parts(name: str) -> tuple[str, str, str]:
    """State, size and theme of a picture."""
    words_of = name.split("-")
    at = next(index for index, word in enumerate(words_of) if word[0].isdigit())
    rest = words_of[at + 1 :]
    if rest[-1] in {"16", "256", "zh", "none"}:
        rest.pop()
    return "-".join(words_of[:at]), words_of[at], "-".join(rest)


def unreadable(app: App[Any]) -> list[str]:
    """What has letters or digits and does not stand out from its ground."""
    system, found = app.console.color_system, []
    for line in lines(app):
        for text, style, _control in line:
            ink, ground = colours(style or Style(), system)
            legible = contrast(rgb(ink), rgb(ground or TERMINAL)) >= READS
            if any(letter.isalnum() for letter in text) and not (legible or app.no_color):
                found.append(f"{text!r}: {ink} on {ground}")
    return found


def wide_lines(app: App[Any]) -> list[str]:
    """The lines, a wide character as two."""
    from systui.present.rows import cells

    return ["".join(" " * cells(piece.text) for piece in line) for line in lines(app)]


def test_every_picture_kept_is_compared() -> None:
    assert {path.stem for path in KEPT.glob("*.svg")} == set(MADE)


def compare(name: str, drawn: str, directory: Path) -> None:
    """Fail where the kept picture differs from `drawn`; the new one then lies in `directory`."""
    kept = KEPT / f"{name}.svg"
    if os.environ.get("SYSTUI_DRAW"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(drawn, encoding="utf-8")
    if not kept.exists() or drawn != kept.read_text(encoding="utf-8"):
        now = directory / f"{name}.svg"
        now.write_text(drawn, encoding="utf-8")
        raise AssertionError(f"{kept.name} looks different now: compare {kept} with {now}")
