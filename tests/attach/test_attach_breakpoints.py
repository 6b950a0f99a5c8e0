"""Going on from a breakpoint on a running guest."""

import pytest
from guests import Guest, Programs

from systui.arch.x86_64 import X86_64
from systui.model.stop import MemoryRange, Reason, Space
from systui.target.protocol import Breakpoint, Run

pytestmark = pytest.mark.slow
ROUNDS = 700
"""One step of QEMU in a hundred runs no instruction."""


def test_each_stop_at_a_breakpoint_is_another_time_there(guest: Guest, programs: Programs) -> None:
    """By the user's registers: the program counts in one how often it has made the call."""
    target = guest.boot(programs("spinner"), "nokaslr")
    target.set_breakpoint(Breakpoint(guest.address(target, "do_syscall_64")))
    seen = set()
    for _round in range(ROUNDS):
        assert target.resume(Run()).reason is Reason.BREAKPOINT
        frame = target.registers()["rdi"]
        seen.add(target.read_memory([MemoryRange(Space.KERNEL, frame, X86_64.pt_regs.size)])[0])
    assert len(seen) == ROUNDS
