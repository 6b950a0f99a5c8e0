"""The screen as an SVG: one rectangle or text a run of cells, the same on every machine.

The file stands alone: it names no font to fetch, and holds the text as text.
"""

import re
from errno import EEXIST
from html import escape
from pathlib import Path
from typing import Any

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.app import App

from systui.present.rows import cells
from systui.tui.colours import ANSI, hexadecimal
from systui.words import _

_CELL_WIDTH = 9.03
_CELL_HEIGHT = 19
_SIZE = 15
_MOST_FILES = 10_000
TERMINAL = "#14171d"
"""The ground of a terminal whose colours nobody chose."""


def picture(app: App[Any]) -> str:
    """What `app` shows now, as SVG text."""
    columns, rows = app.size
    ground = TERMINAL if app.no_color else app.screen.styles.background.hex
    body: list[str] = []
    for y, line in enumerate(lines(app)):
        x = 0
        for text, style, _control in line:
            body += _run(text, style or Style(), x, y, app.console.color_system)
            x += cells(text)
    width, height = columns * _CELL_WIDTH, rows * _CELL_HEIGHT
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}" font-family="DejaVu Sans Mono, monospace" '
        f'font-size="{_SIZE}">\n<rect width="100%" height="100%" fill="{ground}"/>\n'
    )
    return head + "\n".join(body) + "\n</svg>\n"


def lines(app: App[Any]) -> list[list[Segment]]:
    """The segments of every line of the screen, as they go to the terminal."""
    return [list(strip.simplify()) for strip in app.screen._compositor.render_strips()]


def save(svg: str, program: str) -> Path:
    """Write `svg` to a new file in the working directory, named after `program`.

    Never over another file; OSError where it cannot be written.
    """
    name = Path(program).name or "systui"
    for number in range(1, _MOST_FILES):
        path = Path(f"{name}-{number}.svg")
        try:
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(svg)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(EEXIST, _("there are too many pictures already"), f"{name}-*.svg")


def colours(style: Style, system: str | None) -> tuple[str, str]:
    """The ink and the ground of a run; an empty ground is the terminal's own."""
    ink, ground = _colour(style.color, "#cccccc", system), _colour(style.bgcolor, "", system)
    return (ground or TERMINAL, ink) if style.reverse else (ink, ground)


def _run(text: str, style: Style, x: int, y: int, system: str | None) -> list[str]:
    """One run of cells that look alike."""
    ink, ground = colours(style, system)
    left, top, width = x * _CELL_WIDTH, y * _CELL_HEIGHT, cells(text) * _CELL_WIDTH
    parts = []
    if ground:
        parts.append(
            f'<rect x="{left:.1f}" y="{top}" width="{width + 0.3:.1f}" height="{_CELL_HEIGHT}" '
            f'fill="{ground}"/>'
        )
    for begin, shown in _pieces(text):
        wide = cells(shown) != len(shown)
        spread = f' textLength="{cells(shown) * _CELL_WIDTH:.1f}"' if wide else ""
        parts.append(
            f'<text xml:space="preserve" x="{left + begin * _CELL_WIDTH:.1f}" y="{top + 14.5}" '
            f'fill="{ink}"{spread}{_weight(style)}>{escape(shown)}</text>'
        )
    return parts


def _pieces(text: str) -> list[tuple[int, str]]:
    """What of a run has ink, with its cell; word by word where some characters are wide."""
    if cells(text) == len(text):
        shown = text.strip()
        return [(len(text) - len(text.lstrip()), shown)] if shown else []
    words = re.finditer(r"\S+", text)
    return [(cells(text[: word.start()]), word[0]) for word in words]


def _weight(style: Style) -> str:
    attributes = ""
    if style.bold:
        attributes += ' font-weight="bold"'
    if style.italic:
        attributes += ' font-style="italic"'
    if style.underline:
        attributes += ' text-decoration="underline"'
    if style.dim:
        attributes += ' opacity="0.6"'
    return attributes


def _colour(colour: Color | None, default: str, system: str | None) -> str:
    """As a terminal of that colour system shows it; the sixteen as the VGA's text mode has them."""
    if colour is None or colour.is_default:
        return default
    if system == "standard":
        number = colour.downgrade(ColorSystem.STANDARD).number
        return hexadecimal(list(ANSI.values())[number or 0])
    if system == "256":
        return colour.downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex
    return colour.get_truecolor().hex
