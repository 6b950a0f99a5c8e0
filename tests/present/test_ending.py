"""How a program ended, in words."""

import pytest

from systui.model.code import Instruction, Location, SourceLine
from systui.model.stop import Killed, Reason, Stop, Task
from systui.present.ending import ending

INSTRUCTION = Instruction(0x401010, b"\xc7\x00", "movl", "$1, (%rax)")


def stop(killed: Killed | None = None, status: int = 0) -> Stop:
    return Stop(9, Reason.EXIT, 0, Task(1, "x"), exit_status=status, killed=killed)


@pytest.mark.parametrize("status", [0, 1, 255])
def test_a_status(status: int) -> None:
    assert ending(stop(status=status)) == f"the program ended with status {status}"


def test_a_signal_with_all_that_is_known() -> None:
    place = Location(0x401010, "main", 0x10, SourceLine("x.c", 7))
    assert ending(stop(Killed("SIGSEGV", 0x401010, 8), 139), place, INSTRUCTION) == (
        "the program was killed by SIGSEGV at main+0x10 (0x401010), x.c:7, movl $1, (%rax): "
        "it may not access 0x8"
    )


def test_a_signal_somewhere_without_a_name() -> None:
    words = ending(stop(Killed("SIGILL", 0x401010), 132), Location(0x401010))
    assert words == "the program was killed by SIGILL at 0x401010"


def test_a_signal_of_which_nothing_is_known() -> None:
    assert ending(stop(Killed("SIGKILL", None), 137)) == "the program was killed by SIGKILL"
