"""The miniature kernel in the shape of 3.10: its ways, its frame, and programs on it."""

from pathlib import Path

import debugged
import program_builder
import pytest
from kernel_elf import Kernel

from systui.cli import main
from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example
from systui.minikernel.eras import BY_NAME
from systui.model.call import Phase
from systui.model.errors import BadInputError
from systui.model.frame import Written
from systui.model.snapshot import Snapshot
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
    assert at_handler.frame is not None
    written = {slot.name for slot in at_handler.frame.slots if slot.written is not Written.NO}
    assert written == PARTIAL


def test_registers_come_back_as_they_were(accept: list[Snapshot]) -> None:
    first, last = accept[0].registers, accept[-1].registers
    for name in ("rbx", "rbp", "rsp", "rdi", "rsi", "rdx", "r8", "r9", "r10", "r12", "r15"):
        assert first[name] == last[name], name
    assert last["rcx"] == last["rip"]


@pytest.mark.parametrize("number", ["9999", "314"])
def test_a_number_past_the_table_goes_by_badsys(number: str) -> None:
    snapshots = debugged.walk(_at(number, program_builder.built("badsys")))
    passed = {each.location.symbol for each in snapshots}
    assert "badsys" in passed
    assert Phase.HANDLER not in {each.phase for each in snapshots}
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
