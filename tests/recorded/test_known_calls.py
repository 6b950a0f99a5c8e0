"""Jumps into long recorded calls: what was known there is as if all had been watched."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_play import plain, play
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program_builder import built

from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.cli.replaying import Replaying
from systui.model.stop import Reason, Stop
from systui.session import retrace
from systui.session.debugger import Debugger
from systui.target.protocol import How
from systui.target.recorded.target import RecordedTarget


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lengthy") / "call.jsonl.zst"
    debugger = Emulation(Wanted(built("lengthy"), recording=Recording(path, None))).start()
    while debugger.step().reason is Reason.STEP:
        pass
    debugger.target.close()
    return path


def _replayed(path: Path) -> tuple[Debugger, RecordedTarget]:
    debugger = Replaying(path, []).start()
    target = debugger.target
    assert isinstance(target, RecordedTarget)
    return debugger, target


def _looked_at(path: Path, position: int) -> list[object]:
    """All that is shown at `position`, and after steps and jumps from there."""
    debugger, target = _replayed(path)
    shown: list[object] = []
    debugger.seek(position)
    for move in (lambda: None, debugger.step_back, debugger.step_back, debugger.line):
        move()
        shown += [debugger.snapshot(), debugger.route(), debugger.backtrace()]
    debugger.seek(position - 700)
    shown += [debugger.snapshot(), debugger.route()]
    target.close()
    return shown


def _unknown(_target: RecordedTarget, _position: int) -> None:
    """Nothing was put down."""


@pytest.mark.parametrize("back", [40, 200, 255, 256, 257, 319, 320, 321, 1500])
def test_it_is_shown_as_if_watched(
    session: Path, back: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _debugger, target = _replayed(session)
    position = target.latest // 256 * 256 - back
    told = _looked_at(session, position)
    monkeypatch.setattr(RecordedTarget, "known_before", _unknown)
    assert _looked_at(session, position) == told
    target.close()


def _steps(session: Path, position: int) -> tuple[int, int | None]:
    """How many steps are taken to show a stop, and where its call came in."""
    debugger, target = _replayed(session)
    steps: list[How] = []
    resume = target.resume

    def counted(how: How) -> Stop:
        steps.append(how)
        return resume(how)

    target.resume = counted  # type: ignore[method-assign, assignment]
    debugger.seek(position)
    call = debugger.snapshot().call
    target.close()
    assert call is not None
    assert call.name == "writev"
    return len(steps), call.entered_at


def test_few_steps_are_watched(session: Path) -> None:
    _debugger, target = _replayed(session)
    position = target.latest - 200
    count, entered_at = _steps(session, position)
    assert entered_at is not None
    assert position - entered_at > 2300
    assert count <= 64
    target.close()


def test_a_call_is_known_whole_whatever_its_length(
    session: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrace, "_FARTHEST", 100)
    _debugger, target = _replayed(session)
    position = target.latest - 200
    assert _steps(session, position)[1] is not None
    monkeypatch.setattr(RecordedTarget, "known_before", _unknown)
    assert _steps(session, position)[1] is None
    target.close()


def _with_known(lines: bytes, change: Callable[[object], object]) -> bytes:
    """`lines` without their index, what was known in them changed."""
    kept = []
    for line in lines.splitlines(keepends=True):
        if line.startswith(b'{"known":'):
            said = {"known": change(json.loads(line)["known"])}
            kept.append(json.dumps(said, separators=(",", ":")).encode() + b"\n")
        elif not line.startswith((b'{"segments":', b'{"end":')):
            kept.append(line)
    return b"".join(kept)


@pytest.mark.parametrize(
    "change",
    [
        lambda _said: None,
        lambda _said: {"ways": 7},
        lambda said: {"ways": said["ways"] * 20},
        lambda said: {"ways": [{**way, "phase": "nowhere"} for way in said["ways"]]},
        lambda said: {"ways": [{**way, "entry": "1234"} for way in said["ways"]]},
        lambda said: {"ways": [{**way, "slots": {"nothing": ["x", 1]}} for way in said["ways"]]},
    ],
    ids=["null", "no list", "many", "phase", "entry", "slot"],
)
def test_nonsense_is_not_believed(
    session: Path, tmp_path: Path, change: Callable[[object], object]
) -> None:
    path = tmp_path / "nonsense.jsonl"
    path.write_bytes(_with_known(plain(session), change))
    _debugger, target = _replayed(path)
    _count, entered_at = _steps(path, target.latest - 200)
    assert entered_at is not None  # it was watched from its entry
    target.close()


def test_lies_are_played(session: Path, tmp_path: Path) -> None:
    lies: dict[str, object] = {
        "frame": "ffffffffffffffff",
        "level": "0",
        "handler": "1",
        "result": "8000000000000000",
    }
    lies |= {"entered_at": 1 << 62, "handler_at": 1 << 62, "before": []}
    path = tmp_path / "lies.jsonl"

    def lie(said: object) -> object:
        assert isinstance(said, dict)
        return {"ways": [{**way, **lies} for way in said["ways"]]}

    path.write_bytes(_with_known(plain(session), lie))
    assert play(path) > 0
    debugger, target = _replayed(path)
    for position in range(target.latest - 2000, target.latest, 97):
        debugger.seek(position)
        assert debugger.snapshot().stop.position == position
        debugger.route()
        debugger.backtrace()
    target.close()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_past_is_told_as_it_is_walked(session: Path, data: st.DataObject) -> None:
    debugger, target = _replayed(session)
    first = data.draw(st.integers(target.earliest, target.latest - 1))
    last = data.draw(st.integers(first, min(first + 600, target.latest)))
    debugger.seek(first)
    walked = [debugger.stop.pc]
    while debugger.stop.position < last:
        walked.append(debugger.step().pc)
    sought = data.draw(st.sampled_from((*walked, 0x1234)))
    found = [first + at for at, pc in enumerate(walked) if pc == sought]
    assert target.last_at(sought, first, last) == (found[-1] if found else None)
    assert target.addresses(first, last) == frozenset(walked)
    target.close()
