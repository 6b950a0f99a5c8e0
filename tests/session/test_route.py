"""The map of a call with the way it took: forwards, backwards, by SYSRET and by IRET."""

import debugged
import program_builder

from systui.kernel.flow import Block
from systui.session.debugger import Debugger


def _passed(debugger: Debugger, mark: str) -> list[bool]:
    """Of the blocks with `mark`, whether each was passed."""
    route = debugger.route()
    assert route.flow is not None
    blocks = [block for block in route.flow.blocks if mark in block.marks]
    return [block.address in route.passed for block in blocks]


def _here(debugger: Debugger) -> Block | None:
    route = debugger.route()
    assert route.flow is not None
    blocks = route.flow.blocks
    return next((each for each in blocks if each.address <= route.here < each.end), None)


def test_a_call_by_sysret() -> None:
    debugger = debugged.at_call("accept")
    assert debugger.route().passed == frozenset()
    debugged.walk(debugger)
    assert _passed(debugger, "sysret") == [True]
    assert _passed(debugger, "iret_path") == [False]
    assert _passed(debugger, "sysret_check") == [True] * 6
    assert True not in _passed(debugger, "bad_number")


def test_a_call_by_iret_and_a_bad_number() -> None:
    debugger = debugged.start(program_builder.built("ways"))
    debugged.go_to(debugger, "kill")
    debugged.walk(debugger)
    assert _passed(debugger, "iret_path") == [True]
    assert _passed(debugger, "sysret") == [False]
    debugger.restart()
    debugged.go_to(debugger, "9999")
    debugged.walk(debugger)
    assert True in _passed(debugger, "bad_number")


def test_going_back_takes_back_what_was_passed() -> None:
    debugger = debugged.at_call("accept")
    seen = [debugger.route()]
    for _ in range(60):
        debugger.step()
        seen.append(debugger.route())
    block = _here(debugger)
    assert block is not None
    for route in reversed(seen[:-1]):
        debugger.step_back()
        assert debugger.route() == route


def test_int_0x80_has_a_map_of_its_own() -> None:
    debugger = debugged.at_call("i386:getpid", program_builder.built("gate80"))
    debugger.step()
    route = debugger.route()
    assert route.flow is not None
    assert route.flow.abi == "i386"
    assert _here(debugger) == next(route.flow.blocks)
