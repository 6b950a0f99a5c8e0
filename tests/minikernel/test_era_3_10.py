"""The miniature kernel in the shape of 3.10: its ways, its frame, and programs on it."""

from pathlib import Path

import debugged
import program_builder
import pytest
from kernel_elf import Kernel

from systui.arch.x86_64 import X86_64
from systui.cli import main
from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example
from systui.kernel.flow import flow_map
from systui.minikernel.eras import BY_NAME
from systui.model.call import Phase
from systui.model.errors import BadInputError
from systui.model.frame import LedgerRow, Written
from systui.model.snapshot import Snapshot
from systui.model.stop import Space
from systui.session.debugger import Debugger

ERA = BY_NAME["3.10"]
LABELS = (
    *("system_call", "system_call_after_swapgs", "system_call_fastpath", "ret_from_sys_call"),
    *("sysret_check", "sysret_careful", "sysret_signal", "badsys", "tracesys"),
    *("int_ret_from_sys_call", "int_with_check", "int_careful", "int_very_careful"),
    *("int_check_syscall_exit_work", "int_signal", "int_restore_rest", "retint_swapgs"),
    *("restore_args", "irq_return", "native_iret", "stub_fork", "stub_execve", "ret_from_fork"),
    *("sys_call_table", "sys_ni_syscall", "sys_accept", "SyS_accept", "syscall_trace_enter"),
    *("old_rsp", "kernel_stack", "init_tss", "init_thread_union"),
)
FAST = [
    *("user_syscall", "entry", "kernel_stack", "frame_complete", "dispatch", "handler"),
    *("handler_return", "restore", "sysret_path", "sysret", "user_return"),
]
PARTIAL = {"ip", "orig_ax", "di", "si", "dx", "ax", "r8", "r9", "r10", "r11"}

FLAGS_AT = 16
"""Of the flags in struct thread_info, behind two pointers."""


def _at(call: str, program: Path | None = None) -> Debugger:
    made = Emulation(Wanted(program or example("accept_43"), era="3.10")).start(lambda _count: b"")
    debugged.go_to(made, call)
    return made


@pytest.fixture(scope="module")
def accept() -> list[Snapshot]:
    """Every stop of the lab's call."""
    return debugged.walk(_at("43"))


def test_labels_are_those_of_the_age() -> None:
    kernel = Kernel(ERA.path)
    assert [name for name in LABELS if name not in kernel.symbols] == []
    assert len(ERA.path.read_bytes()) < 400_000
    assert kernel.sizes["sys_call_table"] == 314 * 8


def test_the_fast_path_is_walked(accept: list[Snapshot]) -> None:
    assert debugged.names(accept) == FAST
    call = accept[-1].call
    assert call is not None
    assert (call.number, call.result) == (43, -88)


def test_its_frame_is_partial(accept: list[Snapshot]) -> None:
    at_handler = next(each for each in accept if each.phase is Phase.HANDLER)
    assert _written(at_handler) == PARTIAL
    assert {_written(each) == PARTIAL for each in accept if each.phase is Phase.HANDLER} == {True}


def test_registers_come_back_as_they_were(accept: list[Snapshot]) -> None:
    first, last = accept[0].registers, accept[-1].registers
    for name in ("rbx", "rbp", "rsp", "rdi", "rsi", "rdx", "r8", "r9", "r10", "r12", "r15"):
        assert first[name] == last[name], name
    assert last["rcx"] == last["rip"]


@pytest.mark.parametrize("number", ["9999", "314"])
def test_a_number_past_the_table_goes_by_badsys(number: str) -> None:
    snapshots = debugged.walk(_at(number, program_builder.built("badsys")))
    assert "bad_number" in debugged.names(snapshots)
    passed = {each.location.symbol for each in snapshots}
    assert "badsys" in passed
    assert Phase.HANDLER not in {each.phase for each in snapshots}
    names = {each.call.name for each in snapshots if each.call}
    assert names == {f"syscall_{int(number):#x}"}
    assert snapshots[-1].registers["rax"] == (1 << 64) - 38


def test_the_way_back_is_walked_too() -> None:
    debugger = _at("43")
    there = debugged.walk(debugger)
    for expected in reversed(there[:-1]):
        debugger.step_back()
        assert debugger.snapshot().stop.pc == expected.stop.pc


def test_isolation_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"3\.10.*isolation"):
        Emulation(Wanted(example("accept_43"), era="3.10", pti=True)).start()


def test_a_kernel_of_ones_own_has_no_era(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", "--headless", "--era", "3.10", "--kernel", "vmlinux", "x"]) == 2
    assert "leave out --kernel" in capsys.readouterr().err


def test_a_32_bit_program_is_refused() -> None:
    with pytest.raises(BadInputError, match="32-bit program"):
        Emulation(Wanted(program_builder.built("scenario_32", "bare32"), era="3.10")).start()


TRACED, WORK_QUEUED, RESCHEDULE = 1 << 0, 1 << 1, 1 << 3
WHOLE = {name for name, _offset in X86_64.pt_regs.fields}


def _flagged(flags: int) -> list[Snapshot]:
    """The lab's call with the task's flags set before it: every stop."""
    debugger = _at("43")
    thread_info = debugger.kernel.path.address("init_thread_union")
    assert thread_info is not None
    debugger.write_memory(Space.KERNEL, thread_info + FLAGS_AT, 4, flags)
    return debugged.walk(debugger)


def _symbols(snapshots: list[Snapshot]) -> list[str | None]:
    """The symbols passed, in order, each once in a row."""
    every = [each.location.symbol for each in snapshots]
    return [name for name, before in zip(every, [None, *every], strict=False) if name != before]


def _written(snapshot: Snapshot) -> set[str]:
    assert snapshot.frame is not None
    return {slot.name for slot in snapshot.frame.slots if slot.written is not Written.NO}


def _in(snapshots: list[Snapshot], symbol: str) -> Snapshot:
    return next(each for each in snapshots if each.location.symbol == symbol)


def test_a_traced_call_has_a_whole_frame_and_leaves_by_iret() -> None:
    snapshots = _flagged(TRACED)
    passed = _symbols(snapshots)
    assert passed[passed.index("int_ret_from_sys_call") :] == [
        *("int_ret_from_sys_call", "int_with_check", "int_careful", "int_very_careful"),
        *("int_check_syscall_exit_work", "syscall_trace_leave", "int_check_syscall_exit_work"),
        *("int_restore_rest", "int_with_check", "retint_swapgs", "restore_args"),
        *("irq_return", "native_iret", "main"),
    ]
    assert "tracesys" in passed
    assert "system_call_fastpath" not in passed
    assert _written(_in(snapshots, "syscall_trace_enter")) == WHOLE
    assert _in(snapshots, "syscall_trace_leave").phase is Phase.EXIT_WORK
    assert snapshots[-1].call is not None
    assert snapshots[-1].call.result == -88


def test_while_a_traced_call_s_handler_runs_the_lower_half_is_its_stack() -> None:
    handler = _in(_flagged(TRACED), "__sys_accept4")
    lower = {"r15", "r14", "r13", "r12", "bp", "bx"}
    assert _written(handler) == WHOLE - lower


def test_queued_work_makes_the_frame_whole_on_the_way_out() -> None:
    snapshots = _flagged(WORK_QUEUED)
    passed = _symbols(snapshots)
    ways = passed[passed.index("sysret_check") :]
    assert ways[:3] == ["sysret_check", "sysret_careful", "sysret_signal"]
    assert _written(_in(snapshots, "sysret_careful")) == PARTIAL
    assert _written(_in(snapshots, "do_notify_resume")) == WHOLE
    assert snapshots[-2].location.symbol == "native_iret"


def test_another_s_turn_leads_back_to_the_check_and_out_by_sysret() -> None:
    passed = _symbols(_flagged(RESCHEDULE))
    after = passed[passed.index("sysret_careful") :]
    assert after == [
        *("sysret_careful", "schedule", "serve_schedule", "schedule", "sysret_careful"),
        *("ret_from_sys_call", "sysret_check", "main"),
    ]


@pytest.mark.parametrize("name", ["kill", "rt_sigreturn"])
def test_signals_take_the_iret_way(name: str) -> None:
    passed = debugged.names(debugged.walk(_at(name, program_builder.built("ways"))))
    assert "iret" in passed
    assert "sysret" not in passed


def test_the_map_of_its_entry_has_every_way() -> None:
    path = _at("43").kernel.path
    assert path.missing == ()
    assert path.syscall is not None
    assert path.size(path.syscall.entry) == 3
    flow = flow_map(path, path.syscall)
    blocks = {part.name: part.blocks for part in flow.parts}
    assert {"tracesys", "badsys", "sysret_careful", "int_signal", "native_iret"} <= set(blocks)
    (badsys,) = blocks["badsys"]
    assert badsys.marks == ("bad_number",)
    assert [edge.to for edge in badsys.edges] == [path.address("ret_from_sys_call")]
    assert path.address("int_ret_from_sys_call") in {
        edge.to for block in blocks["tracesys"] for edge in block.edges
    }


def test_the_result_is_given_back_and_no_condition_is_claimed(accept: list[Snapshot]) -> None:
    effects = [each.effect for each in accept if each.effect is not None]
    back = {str(each.parts["slot"]) for each in effects if each.kind == "restore"}
    assert back == PARTIAL - {"orig_ax"}
    assert "sysret_operand" not in {each.parts.get("purpose") for each in effects}
    (rax,) = [row for row in accept[-1].ledger if row.register == "rax"]
    assert rax.restored_by == "movq 0x20(%rsp), %rax"


def _rsp(snapshot: Snapshot) -> LedgerRow:
    return next(row for row in snapshot.ledger if row.register == "rsp")


def test_the_user_s_rsp_is_parked_and_given_back_from_there(accept: list[Snapshot]) -> None:
    row = _rsp(accept[-1])
    assert (row.kept_in, row.restored_by) == ("old_rsp", "movq %gs:0, %rsp")
    assert row.after == row.user_value == accept[0].registers["rsp"]
    (taken,) = [
        each.effect
        for each in accept
        if each.effect
        and each.effect.parts.get("symbol") == "old_rsp"
        and each.effect.kind == "stack_switch"
    ]
    assert taken.position + 1 == row.restored_at


def test_for_a_whole_frame_it_goes_to_its_slot() -> None:
    snapshots = _flagged(TRACED)
    assert _rsp(_in(snapshots, "tracesys")).kept_in == "old_rsp"
    assert _rsp(_in(snapshots, "syscall_trace_enter")).kept_in == "sp"
    assert _rsp(snapshots[-1]).restored_by == "iretq"


def test_c_code_keeps_what_has_no_slot(accept: list[Snapshot]) -> None:
    kept_by_c = {row.register for row in accept[-1].ledger if row.kept_in is None and row.preserved}
    assert kept_by_c == {"rbx", "rbp", "r12", "r13", "r14", "r15"}


@pytest.mark.parametrize("era", ["3.10", None])
def test_who_comes_in_between_finds_rsp_where_a_watcher_knows_it(era: str | None) -> None:
    watched = Emulation(Wanted(example("accept_43"), era=era, pti=False)).start(lambda _count: b"")
    debugged.go_to(watched, "43")
    for _ in range(20):
        watched.step()
        fresh = Debugger(watched.target, watched.kernel, watched.program).snapshot()
        row = _rsp(watched.snapshot())
        assert (_rsp(fresh).kept_in, _rsp(fresh).user_value) == (row.kept_in, row.user_value)


def test_signals_are_exit_work_also_for_who_comes_in_between() -> None:
    watched = _at("kill", program_builder.built("ways"))
    work = watched.kernel.path.address("do_notify_resume")
    assert work is not None
    watched.run_to(frozenset((work,)))
    assert watched.landmark is not None
    assert watched.landmark.name == "exit_work"
    for _ in range(10):
        fresh = Debugger(watched.target, watched.kernel, watched.program).snapshot()
        seen = watched.snapshot()
        assert fresh.phase is seen.phase is Phase.EXIT_WORK
        assert fresh.frame is not None
        assert seen.frame is not None
        assert fresh.frame.address == seen.frame.address
        watched.step()


@pytest.mark.parametrize(
    ("call", "program"),
    [("rt_sigreturn", ("ways", "bare")), ("clone", ("threads", "static"))],
    ids=["that drops its return address", "that returns"],
)
def test_a_stub_is_the_handler_also_for_who_comes_in_between(
    call: str, program: tuple[str, str]
) -> None:
    watched = _at(call, program_builder.built(*program))
    seen: list[Snapshot] = []
    while not seen or seen[-1].phase is not Phase.RESTORE:
        watched.step()
        seen.append(watched.snapshot())
        if seen[-1].phase is Phase.HANDLER:
            fresh = Debugger(watched.target, watched.kernel, watched.program).snapshot()
            assert fresh.phase is Phase.HANDLER, seen[-1].location
            assert fresh.frame is not None
            assert seen[-1].frame is not None
            assert fresh.frame.address == seen[-1].frame.address
    assert _in(seen, f"stub_{call}").landmark is not None
    assert "handler" in debugged.names(seen)
