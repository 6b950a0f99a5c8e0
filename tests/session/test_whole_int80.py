"""link, number 9, and accept by socketcall, followed by `int $0x80` as accept is by `syscall`."""

import json

import debugged
import pytest
from debugged import FILLED

from systui.cli import main
from systui.examples import path as example
from systui.model.frame import StackKind, Written
from systui.model.snapshot import Snapshot
from systui.present.effect import sentence
from systui.session.debugger import Debugger

LANDMARKS = [
    *("user_syscall", "entry", "kernel_cr3", "kernel_stack", "frame_complete", "do_syscall"),
    *("dispatch", "handler", "served", "handler_return", "exit_work", "restore"),
    *("iret_path", "trampoline", "user_cr3", "iret", "user_return"),
]
BY_CPU = ("ss", "sp", "flags", "cs", "ip")
Walked = tuple[Debugger, list[Snapshot]]


@pytest.fixture(scope="module", params=[True, False], ids=["pti", "no-pti"])
def walked(request: pytest.FixtureRequest) -> Walked:
    debugger = debugged.at_call("i386:link", example("int80"), pti=request.param)
    return debugger, debugged.walk(debugger)


def _at(stops: list[Snapshot], name: str) -> Snapshot:
    return next(stop for stop in stops if stop.landmark and stop.landmark.name == name)


def test_phases_and_landmarks_come_in_order(walked: Walked) -> None:
    debugged.check_order(*walked, LANDMARKS)


def test_the_cpu_pushes_five_words_on_the_trampoline_stack(walked: Walked) -> None:
    _debugger, stops = walked
    entry = _at(stops, "entry")
    assert entry.frame is not None
    assert entry.frame.stack is StackKind.TRAMPOLINE
    written = [slot.name for slot in entry.frame.slots if slot.written is Written.YES]
    assert tuple(written) == BY_CPU
    assert {entry.frame.slot(name).by for name in BY_CPU} == {"CPU"}
    assert entry.effect is not None
    assert entry.effect.kind == "gate"
    assert entry.effect.parts["stack"] == "trampoline"
    assert (entry.effect.parts["number"], entry.effect.parts["name"]) == (9, "link")
    assert entry.registers["rcx"] == stops[0].registers["rcx"]
    assert not entry.registers["rflags"] & 1 << 9


def test_the_frame_is_built_anew_on_the_thread_stack(walked: Walked) -> None:
    _debugger, stops = walked
    begun = _at(stops, "kernel_stack")
    assert begun.frame is not None
    assert begun.frame.stack is StackKind.THREAD
    assert begun.frame.moved_from == _at(stops, "entry").frame.address  # type: ignore[union-attr]
    assert [slot.written for slot in begun.frame.slots] == [Written.NO] * 21
    first = stops.index(begun) + 1
    for count, (stop, name) in enumerate(zip(stops[first:], FILLED, strict=False), 1):
        assert stop.frame is not None
        assert stop.frame.just_written == name
        written = [slot.name for slot in stop.frame.slots if slot.written is Written.YES]
        assert written == list(FILLED[:count])
    handler = _at(stops, "handler")
    assert handler.frame is not None
    user = stops[0].registers
    for field, register in (("bx", "rbx"), ("cx", "rcx"), ("r11", "r11"), ("sp", "rsp")):
        assert handler.frame.slot(field).value == user[register]
    assert handler.frame.slot("orig_ax").value == 9
    assert handler.frame.slot("ip").value == stops[0].stop.pc + 2


def test_no_register_is_said_to_be_lost(walked: Walked) -> None:
    _debugger, stops = walked
    pushes = [stop.effect for stop in stops if stop.effect and stop.effect.kind == "push_slot"]
    said = {effect.parts["slot"]: sentence(effect) for effect in pushes}
    assert "argument 2 stands" in said["cx"]
    assert "the user's r11, to be the same after the call" in said["r11"]


def test_the_ledger_closes_with_nothing_lost(walked: Walked) -> None:
    _debugger, stops = walked
    rows = {row.register: row for row in stops[-1].ledger}
    assert rows["rax"].kept_in == "orig_ax"
    assert rows["rax"].after == (1 << 64) - 2
    for name in ("rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r10", "r11", "r15", "rsp"):
        row = rows[name]
        assert row.after == row.user_value == stops[0].registers[name]
        assert row.saved_at is not None
        assert row.restored_at is not None
        assert row.saved_at < row.restored_at
    assert rows["rip"].restored_by == rows["rsp"].restored_by == "iretq"


def test_the_call_is_told_by_its_own_table(walked: Walked) -> None:
    _debugger, stops = walked
    for stop in stops:
        assert stop.call is not None
        assert (stop.call.abi, stop.call.number, stop.call.name) == ("i386", 9, "link")
        assert [each.text for each in stop.call.arguments] == ['"time-asm"', '"timetest"']
    assert stops[-1].call is not None
    assert (stops[-1].call.result, stops[-1].call.errno) == (-2, "ENOENT")
    assert _at(stops, "handler").location.symbol == "__ia32_sys_link"


def test_back_and_forth_shows_the_same(walked: Walked) -> None:
    debugged.check_back_and_forth(*walked)


def test_a_stop_is_told_without_its_history(walked: Walked) -> None:
    debugger, stops = walked
    for stop in reversed(stops[:-1]):
        debugger._tracker.history.clear()
        debugger.seek(stop.stop.position)
        debugger._tracker.give_up()
        told = debugger.snapshot()
        here = stop.location.name, stop.stop.position
        assert (told.phase, told.landmark) == (stop.phase, stop.landmark), here
        assert (told.frame is None) == (stop.frame is None), here
        if told.frame is not None and stop.frame is not None:
            assert told.frame.address == stop.frame.address, here
            for mine, seen in zip(told.frame.slots, stop.frame.slots, strict=True):
                assert (mine.written, mine.value) == (seen.written, seen.value), (here, mine.name)
        assert told.call is not None
        assert told.call.name == "link"


@pytest.mark.parametrize("spelled", ["i386:accept", "i386:SYS_ACCEPT", "i386:socketcall"])
def test_a_sub_call_is_found_by_its_name(spelled: str) -> None:
    debugger = debugged.at_call(spelled, example("int80"))
    call = debugger.snapshot().call
    assert call is not None
    assert call.number == 102
    assert call.sub is not None
    assert (call.sub.selector, call.sub.name) == ("SYS_ACCEPT", "accept")
    assert [each.text for each in call.sub.arguments] == ["1", "NULL", "NULL"]
    stops = debugged.walk(debugger)
    assert _at(stops, "handler").location.symbol == "__ia32_compat_sys_socketcall"
    assert stops[-1].call is not None
    assert stops[-1].call.errno == "ENOTSOCK"


def test_json_has_the_way_in_and_the_sub_call(capsys: pytest.CaptureFixture[str]) -> None:
    program = str(example("int80"))
    assert main(["emulate", "--headless", "--json", "--follow", "i386:accept", program]) == 0
    stops = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    calls = [stop["syscall"] for stop in stops if stop.get("syscall")]
    assert calls[-1]["abi"] == "i386"
    assert calls[-1]["sub"]["selector"] == "SYS_ACCEPT"
    assert calls[-1]["sub"]["args"][0]["text"] == "1"
