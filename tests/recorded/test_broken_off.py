"""A full disk, a killed systui, a lost target: what was recorded up to there replays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from systui.cli import main
from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.cli.replaying import Replaying
from systui.examples import path as example
from systui.model.errors import TargetGoneError
from systui.model.stop import Stop
from systui.target.protocol import How
from systui.target.recorded.target import RecordedTarget
from systui.target.recorder import Recorder

PROGRAM = Path(str(example("accept_43")))
SUFFIXES = pytest.mark.parametrize("suffix", ["jsonl", "jsonl.zst"])
_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from systui.cli import main
sys.exit(main(sys.argv[2:]))
"""
_KILLED = """
import os, signal, sys
from pathlib import Path
from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
made = Recording(Path(sys.argv[2]), None)
debugger = Emulation(Wanted(Path(sys.argv[1]), recording=made)).start()
for _step in range(int(sys.argv[3])):
    debugger.step()
    print(debugger.stop.position, f"{debugger.stop.pc:x}", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def _stops(path: Path) -> list[tuple[int, int]]:
    debugger = Replaying(path, []).start()
    found = []
    try:
        while True:
            stop = debugger.stop
            found.append((stop.position, stop.pc))
            if debugger.step().position == stop.position:
                return found
    finally:
        debugger.target.close()


@SUFFIXES
def test_a_full_disk_ends_the_recording_and_not_the_walk(tmp_path: Path, suffix: str) -> None:
    whole, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    walk = ["emulate", "--follow", "accept", "--headless", "--record"]
    assert main([*walk, str(whole), str(PROGRAM)]) == 0
    limit = whole.stat().st_size * 2 // 3
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(limit), *walk, str(cut), str(PROGRAM)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "Hello accept" in done.stdout
    assert done.stderr.startswith("systui: the recording ended early")
    assert len(done.stderr.splitlines()) == 1
    assert cut.stat().st_size <= limit
    there, kept = _stops(whole), _stops(cut)
    assert 20 < len(kept) < len(there)
    assert kept == there[: len(kept)]


def test_a_device_is_no_place_for_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", "--headless", "--record", "/dev/full", str(PROGRAM)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@SUFFIXES
def test_kill_9_loses_nothing_that_was_seen(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"killed.{suffix}"
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(PROGRAM), str(path), "700"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    seen = [
        (int(words[0]), int(words[1], 16)) for words in map(str.split, done.stdout.splitlines())
    ]
    assert _stops(path)[1:] == seen
    target = RecordedTarget.open(path)
    assert not target.whole
    target.close()


@SUFFIXES
def test_a_lost_target_leaves_a_whole_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = tmp_path / f"lost.{suffix}"
    debugger = Emulation(Wanted(PROGRAM, recording=Recording(path, None))).start()
    recorder = debugger.target
    assert isinstance(recorder, Recorder)
    for _step in range(40):
        debugger.step()

    def gone(_how: How, _task: object = None) -> Stop:
        raise TargetGoneError("the guest is gone")

    monkeypatch.setattr(recorder._target, "resume", gone)
    with pytest.raises(TargetGoneError):
        debugger.step()
    recorder.close()
    assert [position for position, _pc in _stops(path)] == list(range(41))
    target = RecordedTarget.open(path)
    assert target.whole
    target.close()


def test_a_directory_that_went_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none" / "file.jsonl"
    assert main(["emulate", "--headless", "--record", str(path), str(PROGRAM)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not os.path.exists(path)  # noqa: PTH110
