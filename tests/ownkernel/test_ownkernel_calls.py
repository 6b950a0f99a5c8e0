"""Following calls through real, unbooted kernels: what runs, what is served, what is shown."""

import debugged
import own_kernels
import program_builder
import pytest

from systui.model.call import Phase
from systui.model.stop import Channel, Output, Reason
from systui.session.debugger import Debugger
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Direction, Run, Step

LANDMARKS_6_1 = [
    *("user_syscall", "entry", "kernel_stack", "frame_complete", "do_syscall", "dispatch"),
    *("handler", "handler_return", "exit_work", "restore", *["sysret_check"] * 6),
    *("sysret_path", "trampoline", "sysret", "user_return"),
]


def _finish(target: EmulatorTarget) -> tuple[bytes, int | None]:
    heard: list[Output] = []
    target.subscribe(heard.append)
    stop = target.resume(Run())
    while stop.goes_on:
        stop = target.resume(Run())
    assert stop.reason is Reason.EXIT, stop
    out = b"".join(each.data for each in heard if each.channel is Channel.STDOUT)
    return out, stop.exit_status


def _at_accept(series: str, *, pti: bool = False) -> Debugger:
    made = own_kernels.debugger(series, pti=pti)
    debugged.go_to(made, "43")
    return made


@pytest.mark.parametrize("pti", [False, True], ids=["as-compiled", "pti"])
def test_the_labs_call_takes_the_landmarks_of_its_kernel(pti: bool) -> None:
    snapshots = debugged.walk(_at_accept("6.1", pti=pti))
    expected = list(LANDMARKS_6_1)
    if pti:
        expected.insert(expected.index("kernel_stack"), "kernel_cr3")
        expected.insert(expected.index("sysret"), "user_cr3")
    assert debugged.names(snapshots) == expected


def test_a_kernel_that_checks_in_c_has_one_check_less_to_show() -> None:
    names = debugged.names(debugged.walk(_at_accept("6.12")))
    assert names[-4:] == ["sysret_path", "trampoline", "sysret", "user_return"]
    assert names.index("handler") < names.index("handler_return")


@pytest.mark.parametrize("series", own_kernels.SERIES)
def test_accept_on_a_terminal_is_refused_by_the_kernels_own_code(series: str) -> None:
    snapshots = debugged.walk(_at_accept(series))
    own = {each.location.symbol for each in snapshots if each.phase is Phase.HANDLER}
    assert {"__x64_sys_accept", "__sys_accept4", "sock_from_file"} & own >= {"__x64_sys_accept"}
    last = snapshots[-1]
    assert last.registers["rax"] == (1 << 64) - 88
    frame = next(each.frame for each in reversed(snapshots) if each.frame is not None)
    assert all(slot.written for slot in frame.slots)


@pytest.mark.parametrize("series", own_kernels.SERIES)
def test_every_register_comes_back(series: str) -> None:
    snapshots = debugged.walk(_at_accept(series))
    before, after = snapshots[0].registers, snapshots[-1].registers
    changed = {name for name in before.values if before[name] != after.values.get(name)}
    assert changed <= {"rax", "rcx", "r11", "rip", "cr2", "gs_base", "kernel_gs_base"}


def test_going_back_gives_the_same_stops() -> None:
    made = _at_accept("6.1")
    forwards = [made.stop, *(made.step() for _ in range(300))]
    backwards = [made.stop, *(made.target.resume(Step(Direction.BACKWARD)) for _ in range(300))]
    assert [each.pc for each in backwards] == [each.pc for each in reversed(forwards)]


def test_a_served_call_is_one_step_at_its_handler() -> None:
    made = own_kernels.debugger("6.1")
    debugged.go_to(made, "brk")
    snapshots = debugged.walk(made)
    inside = [each for each in snapshots if each.phase is Phase.HANDLER]
    assert [each.location.symbol for each in inside] == ["__x64_sys_brk"]
    after = snapshots[snapshots.index(inside[0]) + 1]
    assert after.effect is not None
    assert after.effect.kind == "served"


def test_an_oops_is_caught_and_the_call_served() -> None:
    program = program_builder.built("behaviour", "static")
    options = EmulatorOptions(pti=False, stdin=b"", native=frozenset({"brk"}))
    target = own_kernels.start("6.1", program, ("args", "one"), options)
    stop = target.resume(Run())
    assert stop.reason is Reason.OOPS
    assert stop.goes_on
    assert "__do_sys_brk" in stop.detail
    plain = own_kernels.start("6.1", program, ("args", "one"))
    oopsed, position = _finish(target), stop.position
    assert oopsed == _finish(plain)
    again = target.seek(position)
    assert (again.position, again.pc) == (position, stop.pc)
    assert target.resume(Step()).position == position + 1


@pytest.mark.parametrize("alternatives", [False, True], ids=["as-compiled", "patched"])
@pytest.mark.parametrize("pti", [False, True], ids=["no-pti", "pti"])
@pytest.mark.parametrize("series", own_kernels.SERIES)
def test_faults_signals_and_calls_end_alike_however_it_is_patched(
    series: str, pti: bool, alternatives: bool
) -> None:
    program = program_builder.built("mixture", "static")
    options = EmulatorOptions(pti=pti, stdin=b"", alternatives=alternatives)
    bundled = EmulatorTarget.start(
        program_builder.kernel(), program, (), EmulatorOptions(stdin=b"")
    )
    assert _finish(own_kernels.start(series, program, (), options)) == _finish(bundled)


def test_hundreds_of_gates_cost_the_program_no_pace() -> None:
    """Each hook is asked at each instruction: a program would crawl with one for each handler."""
    target = own_kernels.start("6.1", program_builder.built("endless"))
    machine = target._machine
    assert len(machine.gates.answers) > 300
    assert len(machine.cpu._breaks) <= 4
    target.close()
