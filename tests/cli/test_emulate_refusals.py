"""What `systui emulate` refuses: one clear line, status 2, before anything is shown."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from systui.cli import main
from systui.examples import path as example
from systui.minikernel.eras import TODAY

ACCEPT = str(example("accept_43"))
MINIKERNEL = str(TODAY.path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--headless"], "PROGRAM"),
        ([ACCEPT], "no terminal"),
        (["--headless", "/etc/passwd"], "/etc/passwd: is not an ELF file"),
        (["--headless", "/nonexistent"], "No such file"),
        (["--headless", "--env", "A", ACCEPT], "--env A: write K=V"),
        (["--headless", "--env", "=A", ACCEPT], "--env =A: write K=V"),
        (["--headless", "--json", ACCEPT], "--json needs --follow or --script"),
        (["--headless", "--steps", "lines", ACCEPT], "--steps needs --follow or --script"),
        (["--follow", "43", "--json", ACCEPT], "--json needs --headless"),
        (["--headless", "--steps", "words", ACCEPT], "--steps"),
        (["--headless", "--follow", "acept", ACCEPT], "near to it: accept"),
        (["--headless", "--script", "nowhere", ACCEPT], "no script 'nowhere'"),
        (["--headless", "--root", "/nonexistent", ACCEPT], "/nonexistent"),
        (["--headless", "--frob", ACCEPT], "--frob"),
        (["--headless", "--max-instructions", "0", ACCEPT], "'0' is not a number from 1 on"),
        (["--headless", "--max-memory", "many", ACCEPT], "'many' is not a number from 1 on"),
        (["--headless", "--max-memory", "99999999", ACCEPT], "99999999 MiB"),
        (["--headless", "--foll", "43", ACCEPT], "--foll"),
        (["--headless", "--source", "/nonexistent", ACCEPT], "'/nonexistent' is no directory"),
        (["--headless", "--follow", "", ACCEPT], "write [abi:]number or name"),
        (["--headless", "--kernel", "/etc/passwd", ACCEPT], "/etc/passwd: is no kernel"),
        (["--headless", "--kernel", "/", ACCEPT], "/: is a directory"),
        (
            ["--headless", "--kernel", MINIKERNEL, "--native", "raed", ACCEPT],
            "no system call is named 'raed'; near to it: read",
        ),
    ],
)
def test_one_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["emulate", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.startswith("systui")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_options_behind_the_program_get_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", ACCEPT, "--headless"]) == 2
    assert "--headless stands after PROGRAM" in capsys.readouterr().err


def test_a_terminal_too_small() -> None:
    """On a real terminal, of 40 columns."""
    leader, follower = pty.openpty()
    try:
        os.set_blocking(leader, False)
        subprocess.run(["stty", "cols", "40", "rows", "10"], stdin=follower, check=True)
        ran = subprocess.run(
            [sys.executable, "-c", f"from systui.cli import main; main(['emulate', {ACCEPT!r}])"],
            stdin=follower,
            stdout=follower,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            timeout=30,
        )
    finally:
        os.close(leader)
        os.close(follower)
    assert ran.stderr.decode().startswith("systui: the terminal has 40×10 cells")
    assert ran.stderr.count(b"\n") == 1
