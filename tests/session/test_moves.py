"""Moving: lines, calls, functions, breakpoints, both ways."""

import debugged
import pytest

from systui.model.call import Phase
from systui.model.errors import NotSupportedError
from systui.model.stop import Reason
from systui.session.debugger import Debugger
from systui.target.protocol import Direction

BACK = Direction.BACKWARD


@pytest.fixture
def debugger() -> Debugger:
    return debugged.at_call("accept")


def _line(debugger: Debugger) -> tuple[str, int]:
    source = debugger.snapshot().location.source
    assert source is not None
    return source.file.rsplit("/")[-1], source.line


def _name(debugger: Debugger) -> str:
    return debugger.snapshot().location.name


def _address(debugger: Debugger, symbol: str) -> int:
    address = debugger.kernel.path.address(symbol)
    assert address is not None
    return address


def test_over_a_syscall_comes_out_behind_it(debugger: Debugger) -> None:
    call = debugger.stop
    debugger.over()
    assert debugger.stop.pc == call.pc + 2
    assert debugger.phase is Phase.USER
    snapshot = debugger.snapshot()
    assert snapshot.call is not None
    assert snapshot.call.errno == "ENOTSOCK"
    assert snapshot.verdicts or snapshot.landmark is not None


def test_lines_into_the_kernel_and_back_again(debugger: Debugger) -> None:
    seen = []
    for _ in range(60):
        debugger.line()
        seen.append((debugger.stop.position, _line(debugger)))
    assert seen[0][1][0] == "entry_64.S"
    assert len({line for _position, line in seen}) > 50
    for position, line in reversed(seen[:-1]):
        debugger.line(BACK)
        assert (debugger.stop.position, _line(debugger)) == (position, line)


def test_over_calls_in_both_directions(debugger: Debugger) -> None:
    debugger.run_to((_address(debugger, "do_syscall_64"),))
    positions = []
    while _name(debugger).startswith("do_syscall_64"):
        positions.append(debugger.stop.position)
        debugger.over()
    assert len(positions) >= 4
    assert debugger.phase is Phase.RESTORE
    debugger.over(BACK)
    assert debugger.stop.position == positions[0] - 1
    debugger.seek(positions[-1])
    back = [positions[-1]]
    while debugger.stop.position > positions[0]:
        debugger.over(BACK)
        back.append(debugger.stop.position)
        assert _name(debugger).startswith("do_syscall_64")
    assert set(back) >= set(positions)


def test_finish_leaves_each_function_in_turn(debugger: Debugger) -> None:
    debugger.run_to((_address(debugger, "fdget"),))
    names = []
    for _ in range(6):
        debugger.finish()
        names.append(_name(debugger).split("+")[0])
    assert names == [
        *("__sys_accept4", "__x64_sys_accept", "do_syscall_x64", "do_syscall_64"),
        *("entry_SYSCALL_64_after_hwframe", "main"),
    ]


def test_finish_backwards_goes_to_the_call(debugger: Debugger) -> None:
    call = debugger.stop.position
    debugger.run_to((_address(debugger, "fdget"),))
    debugger.step()
    debugger.step()
    for name in ("__sys_accept4", "__x64_sys_accept", "do_syscall_x64", "do_syscall_64"):
        debugger.finish(BACK)
        snapshot = debugger.snapshot()
        assert snapshot.location.name.split("+")[0] == name
        assert snapshot.instruction is not None
        assert snapshot.instruction.mnemonic == "callq"
    debugger.finish(BACK)
    debugger.finish(BACK)
    assert debugger.stop.position == call


def test_a_breakpoint_in_the_handler_knows_the_frame() -> None:
    debugger = debugged.start()
    handler = _address(debugger, "__x64_sys_accept")
    assert debugger.toggle_breakpoint(handler)
    assert debugger.breakpoints == {handler}
    debugger.resume()
    snapshot = debugger.snapshot()
    assert snapshot.stop.reason is Reason.BREAKPOINT
    assert snapshot.landmark is not None
    assert snapshot.landmark.name == "handler"
    assert snapshot.frame is not None
    assert snapshot.frame.complete
    assert snapshot.frame.slot("di").by == "pushq %rdi"
    assert snapshot.call is not None
    assert snapshot.call.name == "accept"
    assert not debugger.toggle_breakpoint(handler)
    debugger.resume()
    assert debugger.stop.reason is Reason.EXIT


def test_running_inside_a_call_keeps_what_was_seen(debugger: Debugger) -> None:
    entered = debugger.stop.position
    debugger.run_to(debugger.kernel.path.landmarks)
    while debugger.landmark is None or debugger.landmark.name != "handler":
        debugger.step()
    debugger.run_to(debugger.kernel.handler_returns)
    snapshot = debugger.snapshot()
    assert snapshot.call is not None
    assert snapshot.call.errno == "ENOTSOCK"
    assert snapshot.frame is not None
    assert snapshot.frame.slot("di").position is not None
    assert snapshot.phase is Phase.EXIT_WORK
    debugger.resume()
    assert debugger.stop.reason is Reason.EXIT
    assert debugger.stop.position > entered


def test_observers_see_every_step_of_a_walk(debugger: Debugger) -> None:
    seen: list[int] = []
    debugger.add_observer(lambda stop: seen.append(stop.position))
    start = debugger.stop.position
    debugger.line()
    debugger.line()
    assert seen == list(range(start + 1, debugger.stop.position + 1))


def test_restart_begins_anew(debugger: Debugger) -> None:
    debugger.line()
    debugger.restart()
    snapshot = debugger.snapshot()
    assert snapshot.stop.reason is Reason.START
    assert snapshot.call is None
    assert snapshot.ledger == ()


def test_an_interrupt_before_a_move_ends_it(debugger: Debugger) -> None:
    position = debugger.stop.position
    debugger.interrupt()
    assert debugger.resume().reason is Reason.INTERRUPTED
    assert debugger.stop.position == position
    assert debugger.resume().reason is Reason.EXIT


def test_lines_of_the_program_pass_over_code_without_lines(debugger: Debugger) -> None:
    debugger.over()
    lines = [_line(debugger)]
    while debugger.stop.exit_status is None and lines[-1][0] == "accept_43.c":
        debugger.line()
        lines.append(_line(debugger))
    assert [line for line in lines if line[0] == "accept_43.c"] == [
        *(("accept_43.c", 8), ("accept_43.c", 9), ("accept_43.c", 10))
    ]
    assert debugger.stop.reason is Reason.EXIT


def test_over_walks_main_line_by_line() -> None:
    debugger = debugged.start()
    main = debugger.program.image.symbol("main") if debugger.program else None
    assert main is not None
    debugger.run_to((main.address,))
    lines = []
    while debugger.stop.exit_status is None:
        lines.append(_line(debugger)[1])
        debugger.over()
    assert lines == [5, 6, 8, 9, 10]


def test_finish_in_the_programs_code(debugger: Debugger) -> None:
    puts = debugger.program.image.symbol("puts") if debugger.program else None
    assert puts is not None
    debugger.run_to((puts.address,))
    inside = debugger.stop.position
    debugger.step()
    debugger.step()
    debugger.finish()
    assert _name(debugger).startswith("main+")
    assert debugger.stop.position > inside
    debugger.over(BACK)
    assert debugger.stop.position < inside


def test_finish_without_symbols_frees_the_stack(debugger: Debugger) -> None:
    puts = debugger.program.image.symbol("puts") if debugger.program else None
    assert puts is not None
    debugger.run_to((puts.address,))
    debugger._tracker.program = None
    for _ in range(6):
        debugger.step()
    level = debugger.target.registers()["rsp"]
    debugger.finish()
    assert debugger.target.registers()["rsp"] > level
    debugger._tracker.program = debugger.program
    assert _name(debugger).startswith("main+")


def test_a_target_that_cannot_seek_says_so(debugger: Debugger) -> None:
    class Plain:
        """A target without a past."""

    debugger.target = Plain()  # type: ignore[assignment]
    with pytest.raises(NotSupportedError):
        debugger.seek(0)
    with pytest.raises(NotSupportedError):
        debugger.restart()


def test_what_ran_last_is_told_after_a_leap() -> None:
    debugger = debugged.start()
    debugger.toggle_breakpoint(_address(debugger, "__x64_sys_accept"))
    debugger.resume()
    leapt = debugger.snapshot().ran
    assert leapt is not None
    assert debugger.stop.reason is Reason.BREAKPOINT
    debugger.step_back()
    assert debugger.stop.pc == leapt.address
    debugger.step()
    assert debugger.snapshot().ran == leapt
