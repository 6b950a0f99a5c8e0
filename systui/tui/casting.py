"""The screen over a recording, stop by stop and without a terminal: what one would be sent."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from rich.color import ColorSystem
from rich.style import Style
from textual.pilot import Pilot
from textual.strip import Strip

from systui.kernel.harmless import harmless
from systui.model.errors import TargetError
from systui.present.rows import cells
from systui.session.debugger import Debugger
from systui.tui.app import SystuiApp
from systui.tui.moves import seek
from systui.words import _

_PATIENCE = 2000
"""Looks at whether a stop is shown, before that is given up: at least 10 s."""
_LOOK_AGAIN = 0.005
_FULL_COLOUR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
_BEGIN = "\x1b[?25l\x1b[0m\x1b[2J"
"""No cursor, an empty screen."""


class Cell(NamedTuple):
    """What one cell of the screen holds; the second one of a wide character holds nothing."""

    text: str
    style: Style


Screen = list[list[Cell]]


def pictures(
    create: Callable[[], Debugger],
    title: str,
    size: tuple[int, int],
    theme_name: str | None,
    positions: Sequence[int],
) -> list[str]:
    """What a terminal of `size` columns and lines is sent for each of `positions`, in turn.

    Each says what differs from the one before; the first begins with an empty screen. Raises what
    `create` raises; BadInputError for a bad theme, TargetError where a position is not shown.
    """
    before = dict(os.environ)
    os.environ.update(_FULL_COLOUR)
    os.environ.pop("NO_COLOR", None)
    sent: list[str] = []
    try:
        app = SystuiApp(create, title=title, theme_name=theme_name)

        async def play(pilot: Pilot[Any]) -> None:
            screen: Screen = []
            await _settled(pilot, app)
            for position in positions:
                await _stand_at(pilot, app, position)
                new = [_cells(strip) for strip in _strips(app)]
                sent.append((_BEGIN if not sent else "") + "".join(_changes(screen, new)))
                screen = new
            app.exit(0)

        app.run(headless=True, size=size, auto_pilot=play)
    finally:
        os.environ.clear()
        os.environ.update(before)
    if app.error is not None:
        raise app.error
    return sent


async def _stand_at(pilot: Pilot[Any], app: SystuiApp, position: int) -> None:
    """Have the stop at `position` shown; TargetError where that does not come about."""
    shown = app.main.shown
    if shown is not None and position == shown.stop.position + 1:
        app.move("instruction")
    else:
        app.run_mover(seek(position), "goto")
    await _settled(pilot, app)
    if app.main.shown is None or app.main.shown.stop.position != position:
        raise TargetError(
            _("step {position:,} did not come on the screen, so there is no cast").format(
                position=position
            )
        )


async def _settled(pilot: Pilot[Any], app: SystuiApp) -> None:
    """Wait, within our patience, until nothing runs and what there is has been painted."""
    for _look in range(_PATIENCE):
        await pilot.pause()
        if app.main.shown is not None and app.steering.running is None:
            await pilot.pause()
            return
        await pilot.pause(_LOOK_AGAIN)


def _strips(app: SystuiApp) -> list[Strip]:
    return app.screen._compositor.render_strips()


def _cells(strip: Strip) -> list[Cell]:
    """The strip cell by cell."""
    found: list[Cell] = []
    for text, style, control in strip:
        if control:
            continue
        for character in harmless(text):
            size = cells(character)
            if size == 0 and found:
                found[-1] = found[-1]._replace(text=found[-1].text + character)
                continue
            found.append(Cell(character, style or Style()))
            found += [Cell("", style or Style())] * (size - 1)
    return found


def _changes(before: Screen, after: Screen) -> Iterator[str]:
    """Sequences that make `before` into `after`, a run of cells a line."""
    for row, line in enumerate(after):
        old = before[row] if row < len(before) else []
        changed = [at for at, cell in enumerate(line) if at >= len(old) or old[at] != cell]
        if not changed:
            continue
        first, last = changed[0], changed[-1]
        while first > 0 and not line[first].text:
            first -= 1
        yield f"\x1b[{row + 1};{first + 1}H"
        for style, run in groupby(line[first : last + 1], key=lambda cell: cell.style):
            text = "".join(cell.text for cell in run)
            yield style.render(text, color_system=ColorSystem.TRUECOLOR)
