"""A call's arguments on the way: what is read of them, when, and what is shown."""

from collections.abc import Sequence
from pathlib import Path

import debugged
import pytest

from systui.examples import path as example
from systui.model.call import Phase, Syscall
from systui.model.snapshot import Snapshot
from systui.model.stop import MemoryRange

SESSIONS = Path(__file__).parents[2] / "sessions"
_BUFFER, _SIZE = 0, 1


def _call(snapshot: Snapshot) -> Syscall:
    assert snapshot.call is not None
    return snapshot.call


def test_what_a_call_fills_in_is_shown_once_it_has() -> None:
    debugger = debugged.at_call("getrandom", example("accept_43"))
    stops = debugged.walk(debugger)
    handler = next(stop for stop in stops if stop.phase is Phase.HANDLER)
    before, after = _call(handler), _call(stops[-1])
    buffer = before.arguments[_BUFFER]
    assert buffer.text == f"{buffer.value:#x}"
    assert after.result == 8
    assert after.arguments[_BUFFER].text.startswith('"\\x')
    assert after.arguments[_SIZE] == before.arguments[_SIZE]
    debugger.seek(handler.stop.position)
    assert _call(debugger.snapshot()).arguments == before.arguments


def test_what_a_call_is_given_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    debugger = debugged.at_call("readlink", example("accept_43"))
    path = _call(debugger.snapshot()).arguments[0]
    reads: list[int] = []
    read = debugger.target.read_memory

    def counted(ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        reads.extend(each.address for each in ranges)
        return read(ranges)

    monkeypatch.setattr(debugger.target, "read_memory", counted)
    for _stop in range(40):
        debugger.step()
        assert _call(debugger.snapshot()).arguments[0].text == '"/proc/self/exe"'
    assert reads.count(path.value) <= 1


def test_a_recording_gone_into_in_the_middle_tells_what_was_given() -> None:
    """What was read where the call began is not known at later stops: it is looked up there."""
    path = SESSIONS / "int80.jsonl.zst"
    debugger = debugged.replay(path)
    debugger.seek(debugger.snapshot().latest)
    while debugger.snapshot().phase is not Phase.EXIT_WORK:
        debugger.step_back()
    position = debugger.snapshot().stop.position
    fresh = debugged.replay(path)
    fresh.seek(position)
    assert [each.text for each in _call(fresh.snapshot()).arguments] == [
        *('"time-asm"', '"timetest"')
    ]
