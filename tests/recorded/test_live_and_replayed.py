"""A walk over a recording tells what the same walk told live, stop by stop."""

import json
from pathlib import Path
from typing import Any

import pytest

from systui.cli import main
from systui.examples import path as example


def _stops(printed: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in printed.splitlines()]
    return [line for line in lines if "phase" in line]


@pytest.mark.parametrize("steps", [[], ["--steps", "instructions"]])
@pytest.mark.parametrize("options", [[], ["--no-pti"]])
def test_a_replayed_walk_is_the_live_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], options: list[str], steps: list[str]
) -> None:
    path = tmp_path / "walk.jsonl.zst"
    walk = ["--follow", "write", "--headless", "--json", *steps]
    program = str(example("accept_43"))
    assert main(["emulate", *options, *walk, "--record", str(path), program]) == 0
    live = _stops(capfd.readouterr().out)
    assert main(["replay", str(path), *walk]) == 0
    assert _stops(capfd.readouterr().out) == live
