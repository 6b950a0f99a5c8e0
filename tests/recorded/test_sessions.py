"""The shipped recordings: every follow script that fits, and all their stops."""

import json
import shlex
from pathlib import Path

import pytest

from systui.cli import main
from systui.cli.replaying import Replaying, shipped
from systui.follow import reader
from systui.follow.call import CallSpec
from systui.follow.runner import run
from systui.model.call import Phase
from systui.model.snapshot import Snapshot
from systui.target.recorded.target import RecordedTarget

SESSIONS = Path(__file__).parents[2] / "sessions"
FILES = sorted(SESSIONS.glob("*.jsonl.zst"))
SCRIPTS = ["syscall", "stack", "exit"]


def _call(path: Path) -> str:
    target = RecordedTarget.open(path)
    command = shlex.split(target.header.command or "")
    target.close()
    return command[command.index("--follow") + 1]


def test_there_are_sessions_of_the_kinds_that_are_promised() -> None:
    names = {name for name, _command in shipped()}
    assert {"accept_43", "accept_43-no-pti", "ways-bind-efault", "ways-kill-iret"} <= names
    assert {"accept_43-debian-6.1", "accept_43-debian-6.1-no-pti"} <= names
    assert {"accept_43-3.10", "link-3.18-i386"} <= names
    made = {command.split()[1] for _name, command in shipped()}
    assert made == {"emulate", "boot"}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".jsonl.zst"))
def test_every_script_walks_every_session(path: Path, script: str) -> None:
    debugger = Replaying(path, []).start()
    shown: list[Snapshot] = []
    try:
        outcome = run(
            debugger,
            reader.load(reader.find(script)),
            CallSpec.parse(_call(path), debugger.kernel.table),
            lambda snapshot, note: shown.append(snapshot),
            lambda: False,
        )
    finally:
        debugger.target.close()
    assert outcome.walked, outcome.reason
    assert shown[-1].phase is Phase.USER or script == "stack"
    assert all(snapshot.instruction is not None for snapshot in shown)
    assert all(snapshot.location.symbol is not None for snapshot in shown)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".jsonl.zst"))
def test_all_stops_are_printed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--headless", "--json", str(path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    stops = [line for line in lines if "index" in line and "phase" in line]
    assert len(stops) > 40
    assert [stop["index"] for stop in stops] == sorted({stop["index"] for stop in stops})
    assert {"entry", "dispatch", "restore"} <= {stop["phase"] for stop in stops}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".jsonl.zst"))
def test_back_and_forth_is_the_same(path: Path) -> None:
    debugger = Replaying(path, []).start()
    try:
        there = [debugger.step() for _ in range(40)]
        back = [debugger.step_back() for _ in range(39)]
        assert [stop.position for stop in reversed(back)] == [s.position for s in there[:-1]]
        for stop in there:
            assert debugger.seek(stop.position).pc == stop.pc
    finally:
        debugger.target.close()


def test_nothing_of_the_recording_machine_travels() -> None:
    for path in FILES:
        target = RecordedTarget.open(path)
        text = " ".join(str(line) for _offset, line in target._container.scan())
        assert "texts" not in text
        assert "/tmp" not in text
        assert "/home" not in text
        target.close()
