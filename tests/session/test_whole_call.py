"""A whole accept(1, …) followed on the real emulator: every stop, both ways, and from nowhere."""

from collections.abc import Sequence

import debugged
import pytest
from debugged import FILLED

from systui.kernel.checks import CHECKS
from systui.model.frame import LedgerRow, StackKind, Written
from systui.model.snapshot import Snapshot
from systui.session.debugger import Debugger

LANDMARKS = [
    *("user_syscall", "entry", "kernel_cr3", "kernel_stack", "frame_complete", "do_syscall"),
    *("dispatch", "handler", "handler_return", "exit_work", "restore"),
    *["sysret_check"] * 6,
    *("sysret_path", "trampoline", "user_cr3", "sysret", "user_return"),
]


@pytest.fixture(scope="module", params=[True, False], ids=["pti", "no-pti"])
def walked(request: pytest.FixtureRequest) -> tuple[Debugger, list[Snapshot]]:
    debugger = debugged.at_call("accept", pti=request.param)
    return debugger, debugged.walk(debugger)


def test_phases_and_landmarks_come_in_order(walked: tuple[Debugger, list[Snapshot]]) -> None:
    debugged.check_order(*walked, LANDMARKS)


def test_pt_regs_fills_slot_by_slot(walked: tuple[Debugger, list[Snapshot]]) -> None:
    _debugger, stops = walked
    begun = next(stop for stop in stops if stop.landmark and stop.landmark.name == "kernel_stack")
    assert begun.frame is not None
    assert [slot.written for slot in begun.frame.slots] == [Written.NO] * 21
    first = stops.index(begun) + 1
    for count, (stop, name) in enumerate(zip(stops[first:], FILLED, strict=False), 1):
        frame = stop.frame
        assert frame is not None
        assert frame.stack is StackKind.THREAD
        assert frame.just_written == name
        written = [slot.name for slot in frame.slots if slot.written is Written.YES]
        assert written == list(FILLED[:count])
        assert all(slot.value is None for slot in frame.slots if slot.written is Written.NO)
        slot = frame.slot(name)
        assert slot.position == stop.stop.position
        assert slot.by is not None
        assert slot.by.startswith("pushq ")
        assert stop.effect is not None
        assert (stop.effect.kind, stop.effect.parts["slot"]) == ("push_slot", name)
        assert stop.effect.parts["value"] == slot.value
        assert frame.complete == (name == "r15")


def test_the_frame_keeps_what_the_user_had(walked: tuple[Debugger, list[Snapshot]]) -> None:
    _debugger, stops = walked
    user, handler = (
        next(stop for stop in stops if stop.landmark and stop.landmark.name == name)
        for name in ("user_syscall", "handler")
    )
    frame = handler.frame
    assert frame is not None
    for field, register in (("di", "rdi"), ("orig_ax", "rax"), ("sp", "rsp"), ("bx", "rbx")):
        assert frame.slot(field).value == user.registers[register]
    assert frame.slot("ip").value == user.stop.pc + 2
    assert frame.slot("flags").value == user.registers["rflags"]


def test_the_ledger_closes(walked: tuple[Debugger, list[Snapshot]]) -> None:
    _debugger, stops = walked
    rows = {row.register: row for row in stops[-1].ledger}
    assert rows["rax"].user_value == 43
    assert rows["rax"].after == (1 << 64) - 88
    assert rows["rcx"].kept_in is None
    assert rows["rcx"].clobbered_by == "CPU"
    assert rows["rcx"].after == stops[0].stop.pc + 2
    for name in ("rbx", "rdi", "rsi", "rdx", "rsp", "rbp", "r8", "r9", "r12", "r15"):
        row = rows[name]
        assert row.after == row.user_value == stops[0].registers[name]
        assert row.saved_at is not None and row.restored_at is not None
        assert row.saved_at < row.restored_at
        assert row.restored_by == f"popq %{name}"
    assert rows["rip"].restored_by == rows["rflags"].restored_by == "sysretq"


def test_until_its_slot_is_written_rsp_is_in_the_word_that_it_was_parked_in(
    walked: tuple[Debugger, list[Snapshot]],
) -> None:
    _debugger, stops = walked
    places = list(dict.fromkeys(_rsp(each).kept_in for each in stops if each.ledger))
    assert places == ["sp", "cpu_tss_rw+0x14"]  # first where it will be, then where it is
    parked = [_rsp(each) for each in stops if each.ledger and "+" in str(_rsp(each).kept_in)]
    assert parked
    assert all(row.saved_at is not None for row in parked)


def _rsp(snapshot: Snapshot) -> LedgerRow:
    return next(row for row in snapshot.ledger if row.register == "rsp")


def test_sysret_passes_its_checks_in_order(walked: tuple[Debugger, list[Snapshot]]) -> None:
    _debugger, stops = walked
    verdicts = stops[-1].verdicts
    assert tuple(verdict.check for verdict in verdicts) == CHECKS
    assert all(verdict.passed for verdict in verdicts)
    seen = [len(stop.verdicts) for stop in stops]
    assert seen == sorted(seen)


def test_the_call_says_its_result_when_it_is_known(
    walked: tuple[Debugger, list[Snapshot]],
) -> None:
    _debugger, stops = walked
    results = []
    for stop in stops:
        assert stop.call is not None
        assert (stop.call.number, stop.call.name) == (43, "accept")
        assert stop.call.arguments[0].text == "1"
        results.append((stop.call.result, stop.call.errno))
    returned = next(
        index
        for index, stop in enumerate(stops)
        if stop.landmark and stop.landmark.name == "handler_return"
    )
    assert set(results[:returned]) == {(None, None)}
    assert set(results[returned:]) == {(-88, "ENOTSOCK")}


def _kinds(stops: Sequence[Snapshot]) -> list[str]:
    return [stop.effect.kind for stop in stops if stop.effect is not None]


def test_effects_tell_the_switches(walked: tuple[Debugger, list[Snapshot]]) -> None:
    debugger, stops = walked
    kinds = _kinds(stops[1:])
    assert len(kinds) == len(stops) - 1
    pti = "PTI on" in debugger.target.info.kernel
    assert kinds.count("cr3_switch") == (2 if pti else 0)
    assert kinds.count("swapgs") == 2
    assert kinds.count("push_slot") == 21
    assert kinds.count("clear") == 13
    assert kinds.count("sysret_check") == kinds.count("sysret_branch") == 6
    assert kinds.count("restore") == 16
    for once in ("syscall", "sysret", "dispatch", "handler_return", "result", "range_check"):
        assert kinds.count(once) == 1, once
    switches = [
        stop.effect.parts["stack"]
        for stop in stops
        if stop.effect is not None and stop.effect.kind == "stack_switch"
    ]
    assert switches == ["thread", "trampoline"]


def test_back_and_forth_shows_the_same(walked: tuple[Debugger, list[Snapshot]]) -> None:
    debugged.check_back_and_forth(*walked)


def test_a_stop_is_told_without_its_history(walked: tuple[Debugger, list[Snapshot]]) -> None:
    debugger, stops = walked
    for stop in reversed(stops[:-1]):
        debugger._tracker.history.clear()
        debugger.seek(stop.stop.position)
        debugger._tracker.give_up()
        told = debugger.snapshot()
        assert (told.phase, told.landmark, told.nested) == (stop.phase, stop.landmark, stop.nested)
        assert told.stack == stop.stack
        assert (told.frame is None) == (stop.frame is None)
        if told.frame is not None and stop.frame is not None:
            assert (told.frame.address, told.frame.stack) == (stop.frame.address, stop.frame.stack)
            for mine, seen in zip(told.frame.slots, stop.frame.slots, strict=True):
                assert mine._replace(by=None, position=None) == seen._replace(
                    by=None, position=None
                )
                assert mine.by == seen.by or mine.name == "ax"
        assert told.call is not None and stop.call is not None
        assert told.call._replace(entered_at=None) == stop.call._replace(entered_at=None)


def test_a_landmark_tells_what_all_ran_before_it(walked: tuple[Debugger, list[Snapshot]]) -> None:
    debugger, stops = walked
    marks = [stop for stop in stops if stop.landmark is not None]
    by_name = {stop.landmark.name: stop.stop.position for stop in marks if stop.landmark}
    debugger.seek(stops[0].stop.position)
    while debugger.stop.position < by_name["frame_complete"]:
        debugger.step()
    effect = debugger.snapshot(since=by_name["kernel_stack"]).effect
    assert effect is not None
    assert (effect.kind, effect.steps) == ("run", 21)
    assert effect.parts["slots"] == " ".join(FILLED)
    while debugger.stop.position < by_name["user_return"]:
        debugger.step()
    effect = debugger.snapshot(since=by_name["restore"]).effect
    assert effect is not None
    assert effect.parts["checks"] == " ".join(f"{name}=passed" for name in CHECKS)
    assert effect.parts["gs"] == "user"
    assert effect.parts["stack"] == "user"
    assert "rbx" in str(effect.parts["restored"]).split()


def test_a_call_come_upon_in_the_middle_is_watched_from_its_beginning(
    walked: tuple[Debugger, list[Snapshot]],
) -> None:
    _debugger, stops = walked
    pti = "PTI on" in _debugger.target.info.kernel
    debugger = debugged.start(pti=pti)
    handler = next(stop for stop in stops if stop.landmark and stop.landmark.name == "handler")
    debugger.run_to((handler.stop.pc,))
    told = debugger.snapshot()
    same = told._replace(latest=0, stop=handler.stop, effect=None, changed=frozenset())
    assert same == handler._replace(latest=0, effect=None, changed=frozenset())
    assert told.effect is not None
    assert told.effect.kind == "dispatch"
