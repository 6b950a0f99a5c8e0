"""The asciicast: its form, and that a terminal which plays it shows what systui's screen shows."""

import json
from pathlib import Path
from typing import Any

import pyte
import pytest
from driving import Driver

from systui.cli import main
from systui.cli.replaying import Replaying, find
from systui.model.errors import TargetError
from systui.tui.app import SystuiApp
from systui.tui.casting import pictures
from systui.tui.moves import seek

SIZE = (100, 30)
SESSION = "ways-kill-iret"


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    path = tmp_path_factory.mktemp("cast") / "call.cast"
    size = "x".join(map(str, SIZE))
    assert main(["report", SESSION, "--size", size, "-o", str(path)]) == 0
    return _lines(path)


def test_it_is_an_asciicast_of_version_3(film: list[Any]) -> None:
    header, *events = film
    assert header["version"] == 3
    assert header["term"] == {"cols": 100, "rows": 30, "type": "xterm-256color"}
    assert "kill" in header["title"]
    assert {event[1] for event in events} == {"o", "m", "x"}
    assert all(len(event) == 3 and 0 <= event[0] < 10 for event in events)
    assert 20 < sum(event[0] for event in events) < 200
    assert [event[2] for event in events if event[1] == "m"][:3] == ["user", "entry", "dispatch"]
    assert events[-1][1:] == ["x", "0"]


def test_a_stop_that_does_not_come_on_the_screen() -> None:
    start = Replaying(find(SESSION), []).start
    with pytest.raises(TargetError, match="step 5 did not come on the screen"):
        pictures(start, "ways", SIZE, None, [5])


async def _shown(position: int) -> tuple[list[str], list[list[str]]]:
    """The screen's lines at `position`, and their cells' colours, by the app itself."""
    app = SystuiApp(Replaying(find(SESSION), []).start, title="ways", theme_name=None)
    async with app.run_test(size=SIZE) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()
        app.run_mover(seek(position - 1), "goto")
        await driver.settled()
        app.move("instruction")
        await driver.settled()
        strips = app.screen._compositor.render_strips()
    texts = [strip.text for strip in strips]
    inks = [
        [
            style.color.get_truecolor().hex[1:] if style and style.color else "default"
            for text, style, _control in strip
            for _character in text
        ]
        for strip in strips
    ]
    return texts, inks


async def test_a_terminal_shows_what_the_screen_shows(
    film: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = pyte.Screen(*SIZE)
    stream = pyte.Stream(screen)
    for event in film[1:]:
        if event[1] == "o":
            stream.feed(event[2])
    header_line = screen.display[1]
    step = next(word for word in header_line.replace(",", "").split() if word.isdigit())
    texts, inks = await _shown(int(step))
    assert [line.rstrip() for line in screen.display] == [line.rstrip() for line in texts]
    for row, colours in enumerate(inks):
        drawn = [screen.buffer[row][column].fg for column in range(len(colours))]
        seen = [column for column, character in enumerate(texts[row]) if character.strip()]
        assert [drawn[column] for column in seen] == [colours[column] for column in seen], row


@pytest.mark.parametrize("size", ["10x10", "axb", "120", "99999x30", "-5x20", "60x18x2"])
def test_a_size_that_is_none(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", SESSION, "--format", "cast", "--size", size]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_without_a_place_or_a_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", SESSION]) == 2
    assert main(["report", SESSION, "--format", "md", "--theme", "dark"]) == 2
    capsys.readouterr()
    assert main(["report", SESSION, "--format", "md"]) == 0
    assert capsys.readouterr().out.startswith("# kill")
