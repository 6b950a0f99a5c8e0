"""What the headers say made a session makes the same stops again."""

from pathlib import Path

import program_builder
import pytest

from systui.cli import main
from systui.cli.replaying import Replaying
from systui.examples import path as example

SESSIONS = Path(__file__).parents[2] / "sessions"


# Positions are not compared: how long a program's start takes depends on its path's length.
def _stops(path: Path) -> list[tuple[int, str]]:
    debugger = Replaying(path, []).start()
    stops = []
    try:
        while True:
            stop = debugger.stop
            stops.append((stop.pc, debugger.phase.value))
            if debugger.step().position == stop.position:
                return stops
    finally:
        debugger.target.close()


@pytest.mark.parametrize(
    ("name", "options", "program"),
    [
        ("accept_43", ["--follow", "accept"], example("accept_43")),
        ("accept_43-no-pti", ["--no-pti", "--follow", "accept"], example("accept_43")),
        ("ways-kill-iret", ["--follow", "kill"], None),
    ],
)
def test_the_command_makes_the_same_stops(
    tmp_path: Path, name: str, options: list[str], program: Path | None
) -> None:
    path = tmp_path / "again.jsonl.zst"
    program = program or program_builder.built("ways")
    main(["emulate", "--headless", "--record", str(path), *options, str(program)])
    assert _stops(path) == _stops(SESSIONS / f"{name}.jsonl.zst")
