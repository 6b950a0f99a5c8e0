"""Walks over recordings that end in the middle of a call: they end there and say so."""

import subprocess
import sys
from pathlib import Path

import pytest

from systui import examples
from systui.cli import main
from systui.cli.replaying import Replaying, find
from systui.console.console import Console
from systui.console.dump import read_dump
from systui.present.dump import dump_rows

PROGRAM = Path(examples.__file__).parent / "accept_43"
WALKS = (
    ("44", "call 44 sendto is not recorded: the recording ends at step "),
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


def test_a_call_that_was_passed_over_is_not_said_never_to_have_come(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["replay", "--headless", "--follow", "write", "accept_43"]) == 1
    said = capsys.readouterr().err
    assert said == "systui: call 1 write is not recorded: the program exited with status 0\n"


def test_memory_that_was_not_recorded_is_not_said_to_be_unreadable() -> None:
    debugger = Replaying(find("accept_43"), []).start()
    try:
        console = Console(debugger)
        for line, said in (
            ("p *(int *)0x10", "not recorded: memory at 0x10"),
            ("p/s *(char **)0x10", "not recorded: memory at 0x10"),
            ("x/2x 0x10", "not recorded"),
            ("set $rax = 1", "not recorded: what would come of an edit"),
        ):
            assert said in "\n".join(row.text for row in console.run(line, lambda: False))
        shown = dump_rows(read_dump(console, "0x10", 0, 1, 16), None, 8)
        assert "not recorded" in shown[0].text
        assert len(shown[0].text) < 80
    finally:
        debugger.target.close()
