"""What is passed over in a long recorded call is as if it had been watched step by step."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program_builder import built

from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.cli.replaying import Replaying
from systui.decode.access import stored_at, stores
from systui.model.operation import MemoryOperand
from systui.model.stop import Reason, Stop
from systui.session.debugger import Debugger
from systui.session.skim import Skimmer
from systui.target.protocol import Guard, How, Step
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
    debugger, _target = _replayed(path)
    shown: list[object] = []
    debugger.seek(position)
    for move in (lambda: None, debugger.step_back, debugger.step_back, debugger.line):
        move()
        shown += [debugger.snapshot(), debugger.route(), debugger.backtrace()]
    debugger.seek(position - 700)
    shown.append(debugger.snapshot())
    debugger.target.close()
    return shown


def test_it_is_shown_as_if_watched(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _debugger, target = _replayed(session)
    last = target.latest
    positions = (last - 40, last - 200, last - 1500)
    short = [_looked_at(session, each) for each in positions]
    monkeypatch.setattr(Skimmer, "pass_over", lambda _self, _until: False)
    assert [_looked_at(session, each) for each in positions] == short
    target.close()


def test_few_steps_are_watched(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    debugger, target = _replayed(session)
    steps, resume = [], target.resume

    def counted(how: How) -> Stop:
        steps.append(how)
        return resume(how)

    monkeypatch.setattr(target, "resume", counted)
    debugger.seek(target.latest - 200)
    call = debugger.snapshot().call
    assert call is not None
    assert call.name == "writev"
    assert call.entered_at is not None
    assert target.latest - call.entered_at > 2500
    assert len(steps) < 500
    target.close()


def _reached(path: Path, start: int, guard: Guard) -> int:
    """Where `skim` leads from `start`."""
    _debugger, target = _replayed(path)
    target.seek(start)
    moved = target.skim(target.latest, guard)
    position = target.current_stop().position
    assert moved is (position > start)
    target.close()
    return position


def _comes(debugger: Debugger, guard: Guard, spared: int) -> bool:
    """Whether the present stop is one at which something comes that `guard` names."""
    values = debugger.target.registers().values
    operation = debugger.kernel.path.listing.operation(values["rip"])
    if any(values[name] != value for name, value in guard.fixed.items()):
        return True
    if values["rsp"] > guard.highest or values["rip"] == spared:
        return True
    if operation is None or stored_at(operation) is None:  # it stores nothing, or pushes it
        return False
    return any(each.address in guard.memory for each in stores(operation, values))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_that_matters_is_passed(session: Path, data: st.DataObject) -> None:
    debugger, target = _replayed(session)
    start = target.latest - data.draw(st.integers(300, 2900))
    debugger.seek(start)
    values = target.registers().values
    name = data.draw(st.sampled_from(("cs", "rbx", "r12", "r14", "rcx", "r10")))
    above = data.draw(st.sampled_from((0, 8, 64, 512, 4096)))
    word = values["rsp"] + data.draw(st.sampled_from((-512, -160, -96, -8, 64, 256, 4096)))
    debugger.seek(start + data.draw(st.integers(1, 250)))
    spared = target.registers().values["rip"]
    debugger.seek(start)
    listing = debugger.kernel.path.listing

    def places(addresses: Iterable[int]) -> list[tuple[int, MemoryOperand]]:
        found = ((each, listing.operation(each)) for each in addresses)
        operands = ((at, None if each is None else stored_at(each)) for at, each in found)
        return [(at, each) for at, each in operands if each is not None]

    guard = Guard(
        {name: values[name]},
        values["rsp"] + above,
        range(word, word + 8),
        lambda addresses: addresses & {spared},
        places,
    )
    end = _reached(session, start, guard)
    while target.current_stop().position < end:
        assert not _comes(debugger, guard, spared), target.current_stop()
        target.resume(Step())
    target.close()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_where_an_instruction_was_last_is_found(session: Path, data: st.DataObject) -> None:
    _debugger, target = _replayed(session)
    first = data.draw(st.integers(target.earliest, target.latest - 1))
    last = data.draw(st.integers(first, min(first + 600, target.latest)))
    positions = range(first, last + 1)
    walked = [(target.registers_at(each) or {})["rip"] for each in positions]
    sought = data.draw(st.sampled_from((*walked, 0x1234)))
    found = [each for each, pc in zip(positions, walked, strict=True) if pc == sought]
    assert target.last_at(sought, first, last) == (found[-1] if found else None)
    target.close()
