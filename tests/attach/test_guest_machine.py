"""The QEMU that systui boots: what it says when it ends, and what stays of it."""

import signal

import pytest
from guests import Guest, Programs

from systui.kernel.systemmap import open_map
from systui.model.errors import BadInputError, TargetGoneError
from systui.model.stop import Channel, Output, Reason
from systui.target.protocol import Run, Step

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("program", "words"), [("rebooter", "it restarted"), ("crasher", "it restarted")]
)
def test_a_guest_that_ends_says_how(
    program: str, words: str, guest: Guest, programs: Programs
) -> None:
    """The kernel's own functions are stopped at first; QEMU's word comes when they have run."""
    target = guest.boot(programs(program))
    assert target.resume(Run()).reason in {Reason.EXIT, Reason.OOPS}
    with pytest.raises(TargetGoneError, match=words):
        for _stop in range(3):
            target.resume(Run())


def test_a_qemu_that_is_killed(guest: Guest, programs: Programs) -> None:
    target = guest.boot(programs("counter"))
    machine = target._live.machine
    assert machine is not None
    machine.process.send_signal(signal.SIGKILL)
    with pytest.raises(TargetGoneError, match="QEMU was ended by SIGKILL"):
        target.resume(Run())


def test_the_image_is_gone_once_it_is_loaded(guest: Guest, programs: Programs) -> None:
    """It may be as large as the guest's memory."""
    machine = guest.machine(programs("counter"))
    assert {path.name for path in machine.stub.parent.iterdir()} == {
        *("console", "control", "qmp", "gdb", "errors", "owner"),
    }


def test_gdb_answers_in_its_own_language(guest: Guest, programs: Programs) -> None:
    """Through the console's prefix; nothing typed there can be a second command."""
    target = guest.boot(programs("counter"))
    said: list[Output] = []
    target.subscribe(said.append)
    answer = target.command("info registers rip")
    assert "Reading symbols from" in answer
    assert f"{target.registers()['rip']:#x}" in answer
    assert "gdb reads the symbols" in said[0].data.decode()
    assert {one.channel for one in said} == {Channel.DEBUGGER}
    assert "Reading symbols" not in target.command("info registers rip")
    assert "No symbol" in target.command("p no_such_thing")
    assert "off" in target.command("show auto-load python-scripts")
    assert "off" in target.command("show debuginfod enabled")
    symbol = guest.address(target, "entry_SYSCALL_64")
    assert "entry_SYSCALL_64 in section" in target.command(f"info symbol {symbol:#x}")
    assert "task_struct" in target.command("ptype init_task")
    for line in ("p 1\n-gdb-exit", "continue", "detach"):
        with pytest.raises(BadInputError):
            target.command(line)
    assert target.resume(Step()).reason is Reason.STEP


def test_gdb_says_that_it_has_no_symbols(guest: Guest, programs: Programs) -> None:
    guest.image = open_map(guest.kernel.system_map)
    target = guest.boot(programs("counter"))
    first, second = (target.command("info registers rip") for _time in range(2))
    assert "gdb knows no symbols of this kernel" in first
    assert first.endswith(second)
