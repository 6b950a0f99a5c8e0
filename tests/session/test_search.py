"""Searching forwards and backwards, in the emulator and in a recording of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from systui.cli.emulation import Emulation, Wanted
from systui.cli.replaying import Replaying, find
from systui.examples import path as example
from systui.follow.call import CallSpec
from systui.follow.finder import Search
from systui.model.call import Phase
from systui.model.errors import BadInputError, NotFoundError
from systui.session.debugger import Debugger
from systui.session.search import Query
from systui.target.protocol import Direction

BACK = Direction.BACKWARD


@pytest.fixture(params=["emulator", "recording", "guest"])
def debugger(request: pytest.FixtureRequest) -> Iterator[Debugger]:
    """Stands at the program's `syscall` of accept."""
    if request.param == "emulator":
        made = Emulation(Wanted(Path(str(example("accept_43"))))).start()
    else:
        name = {"recording": "accept_43", "guest": "accept_43-debian-6.1"}[request.param]
        made = Replaying(find(name), []).start()
    Search(made, CallSpec.parse("accept", made.kernel.table), lambda: None).run()
    yield made
    made.target.close()


def _query(debugger: Debugger, text: str) -> Query:
    return Query.parse(text, debugger.kernel.arch)


def test_when_a_slot_was_written(debugger: Debugger) -> None:
    query = _query(debugger, "pt_regs.ax")
    written = [debugger.search(query).position for _time in range(2)]
    for position in written:
        frame = debugger.seek(position) and debugger.snapshot().frame
        assert frame is not None
        assert frame.just_written == "ax"
    first, last = written
    assert debugger.seek(first) and debugger.snapshot().phase in (Phase.ENTRY, Phase.DISPATCH)
    frame = debugger.seek(last) and debugger.snapshot().frame
    assert frame is not None
    assert frame.slot("ax").value == (1 << 64) - 88
    assert debugger.search(query, BACK).position == first


def test_back_from_after_the_call_to_the_write_of_its_result(debugger: Debugger) -> None:
    query = _query(debugger, "pt_regs->ax")
    debugger.search(query)
    there = debugger.search(query).position
    debugger.search(_query(debugger, "user"))
    assert debugger.phase is Phase.USER
    assert debugger.search(query, BACK).position == there


def test_the_next_change_of_a_register_and_the_last(debugger: Debugger) -> None:
    query = _query(debugger, "rsp")
    stops = []
    for _time in range(5):
        before = debugger.target.registers()["rsp"]
        stops.append(debugger.search(query).position)
        assert debugger.target.registers()["rsp"] != before
    back = [debugger.search(query, BACK).position for _time in range(4)]
    assert back == stops[-2::-1]


def test_phases_come_in_order_and_back(debugger: Debugger) -> None:
    query = _query(debugger, "phase")
    phases: list[Phase] = []
    while not phases or phases[-1] is not Phase.USER:
        debugger.search(query)
        phases.append(debugger.phase)
    assert list(dict.fromkeys(phases)) == [
        *(Phase.ENTRY, Phase.DISPATCH, Phase.HANDLER, Phase.EXIT_WORK, Phase.RESTORE, Phase.USER)
    ]
    debugger.search(_query(debugger, "handler"), BACK)
    landmark = debugger.landmark
    assert landmark is not None
    assert landmark.name == "handler"


def test_what_does_not_come_leaves_everything_as_it_was(debugger: Debugger) -> None:
    debugger.search(_query(debugger, "handler"))
    position = debugger.stop.position
    with pytest.raises(NotFoundError, match="fs_base"):
        debugger.search(_query(debugger, "fs_base"))
    assert debugger.stop.position == position


@pytest.mark.parametrize("text", ["", "xyz", "pt_regs.", "pt_regs.nothing", "phase 3", "\x1b[31m"])
def test_what_cannot_be_searched_for(debugger: Debugger, text: str) -> None:
    with pytest.raises(BadInputError):
        _query(debugger, text)
