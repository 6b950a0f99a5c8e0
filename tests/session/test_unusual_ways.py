"""Calls that fault in the kernel, have no handler, or come back by IRET."""

import debugged
import program_builder
import pytest

from systui.model.call import Phase
from systui.model.frame import StackKind, Written
from systui.model.snapshot import Snapshot
from systui.session.debugger import Debugger


@pytest.fixture(scope="module")
def debugger() -> Debugger:
    return debugged.start(program_builder.built("ways"))


def _walked(debugger: Debugger, call: str) -> list[Snapshot]:
    debugger.restart()
    debugged.go_to(debugger, call)
    return debugged.walk(debugger)


def _course(stops: list[Snapshot]) -> list[tuple[Phase, int]]:
    course: list[tuple[Phase, int]] = []
    for stop in stops:
        if not course or course[-1] != (stop.phase, stop.nested):
            course.append((stop.phase, stop.nested))
    return course


def test_a_fault_in_the_handler_has_phases_of_its_own(debugger: Debugger) -> None:
    stops = _walked(debugger, "bind")
    assert _course(stops) == [
        *((Phase.USER, 0), (Phase.ENTRY, 0), (Phase.DISPATCH, 0), (Phase.HANDLER, 0)),
        *((Phase.ENTRY, 1), (Phase.DISPATCH, 1), (Phase.HANDLER, 1), (Phase.EXIT_WORK, 1)),
        *((Phase.RESTORE, 1), (Phase.HANDLER, 0), (Phase.EXIT_WORK, 0), (Phase.RESTORE, 0)),
        (Phase.USER, 0),
    ]
    call = stops[-1].call
    assert call is not None
    assert (call.name, call.errno) == ("bind", "EFAULT")


def test_the_fault_is_told_and_its_frame_is_its_own(debugger: Debugger) -> None:
    stops = _walked(debugger, "bind")
    at = next(index for index, stop in enumerate(stops) if stop.nested)
    effect, frame = stops[at].effect, stops[at].frame
    assert effect is not None
    assert effect.kind == "fault"
    assert effect.parts["vector"] == 14
    assert effect.parts["address"] == 8
    assert effect.parts["from_user"] is False
    assert frame is not None
    assert frame.stack is StackKind.THREAD
    by_cpu = [slot.name for slot in frame.slots if slot.by == "CPU"]
    assert by_cpu == ["ss", "sp", "flags", "cs", "ip", "orig_ax"]
    assert all(slot.written is Written.NO for slot in frame.slots if slot.name not in by_cpu)
    call_frame = stops[at - 1].frame
    assert call_frame is not None
    assert call_frame.address > frame.address
    done = next(stop for stop in stops[at:] if not stop.nested)
    assert done.frame == call_frame._replace(just_written=None) or done.frame is not None
    assert done.frame.address == call_frame.address


@pytest.mark.parametrize(("number", "through_table"), [("9999", False), ("400", True)])
def test_a_number_without_a_handler(debugger: Debugger, number: str, through_table: bool) -> None:
    stops = _walked(debugger, number)
    assert [phase for phase, _nested in _course(stops)] == [
        *(Phase.USER, Phase.ENTRY, Phase.DISPATCH, Phase.EXIT_WORK, Phase.RESTORE, Phase.USER)
    ]
    names = debugged.names(stops)
    assert "handler" not in names
    assert ("dispatch" in names) == through_table
    call = stops[-1].call
    assert call is not None
    assert (call.result, call.errno) == (-38, "ENOSYS")
    checks = [stop.effect for stop in stops if stop.effect and stop.effect.kind == "range_check"]
    assert [check.parts["in_range"] for check in checks] == [through_table]


def test_a_signal_makes_the_way_back_an_iret(debugger: Debugger) -> None:
    stops = _walked(debugger, "kill")
    names = debugged.names(stops)
    assert names[-5:] == ["iret_path", "trampoline", "user_cr3", "iret", "user_return"]
    assert [(each.check, each.passed) for each in stops[-1].verdicts] == [("cx_is_ip", False)]
    assert stops[-1].location.name == "handler"
    rows = {row.register: row for row in stops[-1].ledger}
    assert rows["rip"].restored_by == rows["rsp"].restored_by == "iretq"
    branch = next(
        stop.effect for stop in stops if stop.effect and stop.effect.kind == "sysret_branch"
    )
    assert branch.parts["way"] == "iret"
    assert branch.parts["taken"] is True


def test_phases_are_told_without_history_on_these_ways_too(debugger: Debugger) -> None:
    for call in ("bind", "9999", "400", "kill"):
        stops = _walked(debugger, call)
        for stop in reversed(stops[:-1]):
            debugger._tracker.history.clear()
            debugger.seek(stop.stop.position)
            debugger._tracker.give_up()
            told = debugger.snapshot()
            assert told.nested == stop.nested, stop.location.name
            assert (told.frame is None) == (stop.frame is None)
            if told.frame is not None and stop.frame is not None:
                assert told.frame.address == stop.frame.address, stop.location.name
            if not stop.nested:
                assert told.phase == stop.phase, stop.location.name


def test_a_call_that_does_not_return(debugger: Debugger) -> None:
    stops = _walked(debugger, "exit")
    assert stops[-1].phase is Phase.HANDLER
    assert stops[-1].stop.exit_status == 7
    assert stops[-1].call is not None
    assert stops[-1].call.result is None


def test_what_a_gate_does_to_the_frame_is_seen(debugger: Debugger) -> None:
    stops = _walked(debugger, "kill")
    served = [stop for stop in stops if stop.effect is not None and stop.effect.kind == "served"]
    assert [stop.effect.parts["symbol"] for stop in served if stop.effect] == [
        *("serve_syscall", "serve_signal")
    ]
    delivered = served[-1]
    assert delivered.effect is not None
    assert delivered.effect.parts["resumes"] == "handler"
    assert delivered.frame is not None
    assert delivered.frame.slot("ip").by == "serve_signal"
    assert delivered.frame.slot("ip").value == stops[-1].stop.pc
    assert delivered.frame.slot("bx").by == "pushq %rbx"


def test_a_fault_of_the_program_moves_its_frame() -> None:
    debugger = debugged.start(program_builder.built("crime", "static"), "write-null")
    entry = debugger.kernel.path.any_exception
    assert entry is not None
    debugger.run_to((entry,))
    debugger.step_back()
    user = debugger.snapshot()
    stops = [user]
    while stops[-1].stop.exit_status is None and len(stops) < 300:
        debugger.step()
        stops.append(debugger.snapshot())
    assert stops[-1].stop.killed is not None
    first = stops[1]
    assert first.effect is not None
    assert first.effect.kind == "fault"
    assert first.effect.parts["address"] == 0x10
    assert first.effect.parts["stack"] == "trampoline"
    assert first.frame is not None
    assert first.frame.stack is StackKind.TRAMPOLINE
    assert first.frame.slot("ip").value == user.stop.pc
    moved = next(stop.frame for stop in stops if stop.frame is not None and stop.frame.moved_from)
    assert moved.moved_from == first.frame.address
    assert moved.stack is StackKind.THREAD
    assert moved.complete
    assert moved.slot("di").value == user.registers["rdi"]
    assert moved.slot("ss").by == "CPU"
    assert moved.slot("di").by == "movq %rdi, 8(%rsp)"
    phases = [phase for phase, _nested in _course(stops)]
    assert phases[:4] == [Phase.USER, Phase.ENTRY, Phase.DISPATCH, Phase.HANDLER]
    for stop in stops[1:60]:
        debugger._tracker.history.clear()
        debugger.seek(stop.stop.position)
        told = debugger.snapshot()
        assert (told.phase, told.nested) == (stop.phase, stop.nested), stop.location.name


@pytest.mark.parametrize(
    ("call", "result", "errno"),
    [("read#1", -4, "EINTR"), ("read#2", None, None), ("read#3", 1, None)],
)
def test_a_signal_s_handler_does_not_hide_the_result(
    call: str, result: int | None, errno: str | None
) -> None:
    """pt_regs.ax is 0 for the handler; the second call is made again and has none yet."""
    debugger = debugged.at_call(call, program_builder.built("interrupted", "static"))
    stops = debugged.walk(debugger)
    assert stops[-1].phase is Phase.USER
    reached = "read" if call == "read#3" else "on_alarm"
    assert stops[-1].location.name.partition("+")[0] == reached
    given = stops[-1].call
    assert given is not None
    assert (given.result, given.errno) == (result, errno)
