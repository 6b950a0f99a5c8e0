"""Calls that the program's children and threads make, and not its first task."""

import pytest
from guests import Guest, Programs
from kernels import Kernel
from walked import at, stops_of, systui

from systui.model.stop import Reason
from systui.target.gdb.target import GdbTarget
from systui.target.protocol import Run

pytestmark = pytest.mark.slow
CALLS = ("rmdir", "link", "chdir", "symlink")
"""In the order in which tests/attach/programs/kin.c makes them, each by a task of its own."""


def _makers(guest: Guest, target: GdbTarget) -> list[tuple[str, int]]:
    """Which of them are seen, and by whom, until the program ends with its own status."""
    handlers = {guest.address(target, f"__x64_sys_{name}"): name for name in CALLS}
    seen = []
    while True:
        stop = target.resume(Run(addresses=frozenset(handlers), anyone=True))
        if stop.reason is not Reason.BREAKPOINT:
            break
        seen.append((handlers[stop.pc], stop.task.pid))
    assert (stop.reason, stop.exit_status) == (Reason.EXIT, 7), stop.detail
    return seen


def test_each_is_seen_where_the_program_is_known_by_its_number(
    guest: Guest, programs: Programs
) -> None:
    target = guest.boot(programs("kin"), "pti=off")
    first = target.current_stop().task.pid
    seen = _makers(guest, target)
    assert tuple(name for name, _pid in seen) == CALLS
    assert len({first, *(pid for _name, pid in seen)}) == len(CALLS) + 1


def test_each_is_seen_where_the_program_is_known_by_its_name(
    guest: Guest, programs: Programs
) -> None:
    program = programs("kin")
    machine = guest.machine(program, "pti=off", started=False)
    target = guest.attach(machine, program)
    machine.release()
    seen = _makers(guest, target)
    assert tuple(name for name, _pid in seen) == CALLS


@pytest.mark.parametrize(("program", "call"), [("kin", "rmdir"), ("i386/tcppair", "bind")])
def test_a_childs_call_is_followed(
    linux_6_1: Kernel, programs: Programs, program: str, call: str
) -> None:
    """The second is one of many behind one handler, which the parent comes by before."""
    done = systui(
        *("boot", "--kernel", linux_6_1.bzimage, "--vmlinux", linux_6_1.vmlinux),
        *("--program", programs(program), "--append", "pti=off"),
        *("--follow", call, "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    said = at(stops, "user_syscall")["syscall"]
    assert call in (said["name"], (said["sub"] or {}).get("name"))
    assert {stop["task"]["pid"] for stop in stops} == {at(stops, "handler")["task"]["pid"]}
    assert stops[-1]["landmark"] == "user_return"
