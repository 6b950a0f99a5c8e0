"""Tasks side by side: the TCP pair, live, backwards, recorded, and where only stops are known."""

from pathlib import Path

import debugged
import program_builder
import pytest

from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.model.call import Phase
from systui.model.stop import Task
from systui.model.task_log import Deed
from systui.session.debugger import Debugger
from systui.session.lanes import Beat, Lanes
from systui.target.recordable import Recordable

CLIENT, SERVER = 1000, 1001


def _pair() -> Debugger:
    return debugged.start(program_builder.built("tcppair", "static"))


def _calls(lanes: Lanes, pid: int) -> list[str]:
    return [beat.call for beat in lanes.beats if beat.task.pid == pid and beat.begun]


def _beat(lanes: Lanes, pid: int, call: str) -> Beat:
    return next(each for each in lanes.beats if each.task.pid == pid and each.call == call)


@pytest.fixture(scope="module")
def ended() -> Debugger:
    debugger = _pair()
    debugger.resume()
    return debugger


def test_server_and_client_side_by_side(ended: Debugger) -> None:
    lanes = ended.lanes()
    server = _calls(lanes, SERVER)
    wanted = ["socket", "setsockopt", "bind", "listen", "write", "accept", "recvfrom"]
    assert server[server.index("socket") :][: len(wanted)] == wanted
    client = _calls(lanes, CLIENT)
    assert [call for call in client if call in {"socket", "connect", "sendto", "recvfrom"}] == [
        *("socket", "connect", "sendto", "recvfrom")
    ]
    accept = _beat(lanes, SERVER, "accept")
    assert accept.begun
    assert "connection" in accept.waits
    assert SERVER in _beat(lanes, CLIENT, "connect").waiting
    woken = next(
        each
        for each in lanes.beats
        if each.goes_on and each.position > accept.position and each.task.pid == SERVER
    )
    assert woken.by == CLIENT
    assert woken.result is not None
    assert woken.result > 0
    assert [beat.position for beat in lanes.beats] == sorted(beat.position for beat in lanes.beats)


def test_what_pointers_led_to_is_told_as_it_was_at_the_call(ended: Debugger) -> None:
    lanes = ended.lanes()
    arguments = " ".join(_beat(lanes, CLIENT, "connect").arguments)
    assert 'sin_addr=inet_addr("127.0.0.1")' in arguments
    assert '"hello"' in " ".join(_beat(lanes, CLIENT, "sendto").arguments)


def test_a_sub_call_is_told_with_its_own_arguments() -> None:
    program = program_builder.built("tcppair", "static32")
    debugger = debugged.start(program)
    debugger.resume()
    calls = [each for each in debugger.lanes().beats if each.call == "socketcall(SYS_BIND) bind"]
    assert [each.task.pid for each in calls] == [SERVER]
    assert 'sin_addr=inet_addr("127.0.0.1")' in " ".join(calls[0].arguments)


def test_each_call_is_where_the_follower_finds_it(ended: Debugger) -> None:
    debugger = _pair()
    debugged.go_to(debugger, "connect")
    assert debugger.stop.task.pid == CLIENT
    position = debugger.stop.position
    assert _beat(ended.lanes(), CLIENT, "connect").position == position
    debugged.walk(debugger)
    call = debugger.snapshot().call
    assert call is not None
    assert call.entered_at == position


def test_each_task_has_a_frame_of_its_own_which_is_its_pt_regs(ended: Debugger) -> None:
    debugger = _pair()
    debugged.go_to(debugger, "connect")
    connect = debugger.stop.position
    while debugger.phase is not Phase.HANDLER:
        debugger.step()
    frame = debugger.snapshot().frame
    assert frame is not None
    client, server = debugger.lanes().lanes
    assert (client.task.pid, server.task.pid) == (CLIENT, SERVER)
    assert client.current
    assert (client.phase, client.frame) == (Phase.HANDLER, frame.address)
    assert (server.phase, server.call) == (Phase.HANDLER, "accept")
    assert server.waits
    assert server.since is not None
    assert server.since < connect
    assert None not in (server.frame, server.stack, client.stack)
    assert server.frame != client.frame
    assert server.stack != client.stack


def test_backwards_it_is_as_it_was(ended: Debugger) -> None:
    latest = ended.stop.position
    before = ended.lanes()
    begun = _beat(before, SERVER, "accept").position
    ended.seek(begun)
    assert _at(ended.lanes(), SERVER) == ("", "", False)
    ended.seek(begun + 1)
    assert _at(ended.lanes(), SERVER) == ("accept", "", False)
    ended.seek(_beat(before, CLIENT, "connect").position)
    lanes = ended.lanes()
    assert lanes.beats == before.beats
    assert lanes.beats[lanes.here].call == "connect"
    assert _at(lanes, SERVER)[0] == "accept"
    assert _at(lanes, SERVER)[1]
    ended.seek(0)
    assert [lane.task.pid for lane in ended.lanes().lanes] == [CLIENT]
    ended.seek(latest)
    assert ended.lanes() == before
    assert _at(before, SERVER) == ("", "", True)


def _at(lanes: Lanes, pid: int) -> tuple[str, str, bool]:
    lane = next(lane for lane in lanes.lanes if lane.task.pid == pid)
    return lane.call, lane.waits, lane.gone


def test_an_edit_forgets_what_will_not_come() -> None:
    debugger = _pair()
    debugger.resume()
    debugger.seek(_beat(debugger.lanes(), CLIENT, "connect").position)
    assert _calls(debugger.lanes(), CLIENT)[-1] == "exit_group"
    debugger.write_register("rax", 39)
    assert _calls(debugger.lanes(), CLIENT)[-1] == "socket"
    debugger.step()
    assert _calls(debugger.lanes(), CLIENT)[-1] == "getpid"
    debugger.restart()
    assert debugger.lanes().beats == ()


def test_a_refused_call_has_its_result_by_the_next_one() -> None:
    debugger = debugged.start()
    debugger.resume()
    accept = _beat(debugger.lanes(), CLIENT, "accept")
    assert (accept.result, accept.error) == (-88, "ENOTSOCK")


def test_a_recording_has_them_too(tmp_path: Path) -> None:
    program = program_builder.built("tcppair", "static")
    debugger = Emulation(Wanted(program, (), recording=Recording(None, None))).start()
    assert isinstance(debugger.target, Recordable)
    path = tmp_path / "pair.jsonl.zst"
    debugged.go_to(debugger, "connect")
    debugger.target.start_recording(path)
    debugged.walk(debugger)
    live = debugger.lanes()
    debugger.target.stop_recording()
    replayed = debugged.replay(path)
    replayed.seek(debugger.stop.position)
    assert replayed.lanes() == live
    replayed.restart()
    client, server = replayed.lanes().lanes
    assert (client.current, server.call) == (True, "accept")


def test_of_one_task_nothing_is_written(tmp_path: Path) -> None:
    debugger, target = debugged.recorded()
    path = tmp_path / "one.jsonl"
    target.start_recording(path)
    debugger.resume()
    target.stop_recording()
    assert b'{"tasks":' not in path.read_bytes()


def test_where_no_target_tells_it_is_what_stops_showed() -> None:
    debugger, _target = debugged.recorded()
    debugged.go_to(debugger, "accept")
    debugged.walk(debugger)
    begun, done = debugger._tracker.seen.events()
    assert (begun.deed, begun.number, begun.task) == (Deed.CALLS, 43, Task(CLIENT, "accept_43"))
    assert (done.deed, done.result, done.frame) == (Deed.RETURNS, -88, begun.frame)
    snapshot = debugger.snapshot()
    assert snapshot.call is not None
    assert snapshot.call.entered_at == begun.position
