"""Walks over recordings that end in the middle of a call: they end there and say so."""

import subprocess
import sys
from pathlib import Path

import pytest

from systui import examples
from systui.cli import main

PROGRAM = Path(examples.__file__).parent / "accept_43"
WALKS = (
    ("44", "call 44 sendto never came: the recording ends at step "),
    ("43", "the recording ends at step "),
    ("43#2", "after it had come 1 time"),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "whole.jsonl"
    assert (
        main(["emulate", "--follow", "43", "--headless", "--record", str(path), str(PROGRAM)]) == 0
    )
    return path.read_bytes()


@pytest.mark.parametrize(("call", "said"), WALKS)
@pytest.mark.parametrize("share", [0.4, 0.5, 0.7])
def test_a_follow_ends_with_the_recording(
    whole: bytes, share: float, call: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_bytes(whole[: int(len(whole) * share)])
    done = subprocess.run(
        [sys.executable, "-m", "systui", "replay", "--headless", "--follow", call, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
