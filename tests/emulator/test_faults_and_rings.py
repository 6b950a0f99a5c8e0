"""Ring 3 is ring 3: what a program may not do ends it as it ends on the host."""

import subprocess

import emulated
import program_builder
import pytest

CRIMES = (
    *("read-null", "write-null", "read-kernel", "write-constant", "write-code", "run-stack"),
    *("run-nowhere", "run-kernel", "off-the-end", "straddle", "not-canonical", "divide"),
    *("undefined", "int3", "int", "trap-flag", "cli", "hlt", "cr3", "swapgs", "in", "recurse"),
)


def _native(*command: str) -> int:
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode
    return 128 - status if status < 0 else status


@pytest.mark.parametrize("crime", CRIMES)
def test_a_crime_ends_as_on_the_host(crime: str) -> None:
    program = program_builder.built("crime", "static")
    target = emulated.start("crime", "static", crime)
    stop, _heard = emulated.finish(target)
    assert stop.exit_status == _native(str(program), crime)
    assert stop.detail.startswith("killed by SIG")
    target.close()


def test_innocence_ends_well() -> None:
    target = emulated.start("crime")
    stop, heard = emulated.finish(target)
    assert (stop.exit_status, stop.detail) == (3, "exited with status 3")
    assert b"".join(each.data for each in heard).strip() == b"nothing done"
    target.close()


def test_the_killing_instruction_is_told() -> None:
    target = emulated.start("crime", "static", "write-null")
    stop, _heard = emulated.finish(target)
    main = program_builder.address("crime", "main", "static")
    assert stop.killed is not None
    assert stop.killed.signal == "SIGSEGV"
    assert stop.killed.address == 16
    assert stop.killed.pc is not None
    assert main <= stop.killed.pc < main + 0x1000
    target.close()


def test_running_off_the_last_page_faults_behind_it() -> None:
    target = emulated.start("crime", "static", "off-the-end")
    stop, _heard = emulated.finish(target)
    assert stop.killed is not None
    assert stop.killed.pc is not None
    assert stop.killed.pc % 4096 == 0
    assert stop.killed.address == stop.killed.pc
    target.close()


def test_an_instruction_cut_by_the_last_page_is_at_fault_itself() -> None:
    target = emulated.start("crime", "static", "straddle")
    stop, _heard = emulated.finish(target)
    assert stop.killed is not None
    assert stop.killed.pc is not None
    assert stop.killed.pc % 4096 == 4094
    assert stop.killed.address == stop.killed.pc + 2
    target.close()
