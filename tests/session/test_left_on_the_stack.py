"""What earlier calls and interrupts left in the random gap of a kernel stack is not under way."""

from collections.abc import Mapping

import debugged
import pytest

from systui.arch.x86_64 import X86_64
from systui.decode.midway import Midway
from systui.decode.way import Track
from systui.model.stop import MemoryRange, Space
from systui.session.debugger import Debugger

GAP = 0x300
"""Bytes by which the dispatching code's frame is moved down, as a random offset would."""
WORD = 8
KERNEL_CS = 0x10


class Stack:
    """The kernel stack at a handler's first instruction, with a gap above the return address."""

    def __init__(self, debugger: Debugger) -> None:
        self.debugger = debugger
        self.path = debugger.kernel.path
        self.registers = dict(debugger.target.registers().values)
        old = self.registers["rsp"]
        self.sp = self.registers["rsp"] = old - GAP
        self.words = {old: 0, self.sp: self._word(old)}
        """By address: the return into the dispatching code lies below the gap now."""
        self.back = self.words[self.sp]

    def _word(self, address: int) -> int:
        data = self.debugger.target.read_memory([MemoryRange(Space.KERNEL, address, WORD)])[0]
        assert data is not None
        return int.from_bytes(data, "little")

    def interrupted(self, at: int, pc: int) -> None:
        """Put at `at` what a timer interrupt of the code at `pc` leaves there."""
        entry = self.path.address("asm_sysvec_apic_timer_interrupt")
        assert entry is not None
        door = self.path.door(entry, from_user=False)
        assert door is not None
        assert door.return_site is not None
        self.words[at] = door.return_site
        fields = {"ip": pc, "cs": KERNEL_CS, "sp": at + WORD + X86_64.pt_regs.size, "ss": 0x18}
        for name, offset in X86_64.pt_regs.fields:
            self.words[at + WORD + offset] = fields.get(name, 0)

    def read(self, address: int, size: int) -> bytes | None:
        found = self.debugger.target.read_memory([MemoryRange(Space.KERNEL, address, size)])[0]
        if found is None:
            return None
        data = bytearray(found)
        for at, word in self.words.items():
            if address <= at and at + WORD <= address + size:
                data[at - address : at - address + WORD] = word.to_bytes(WORD, "little")
        return bytes(data)

    def told(self, pc: int, reach: int | None = None) -> Track:
        registers: Mapping[str, int] = {**self.registers, "rip": pc}
        return Midway(self.path, X86_64, ()).reconstruct(registers, self.read, reach)


@pytest.fixture
def stack() -> Stack:
    debugger = debugged.at_call("accept")
    handler = debugger.kernel.path.address("__x64_sys_accept")
    assert handler is not None
    assert debugger.run_to((handler,)).pc == handler
    return Stack(debugger)


def names(stack: Stack, track: Track) -> list[str]:
    return [stack.debugger.locate(way.entry).name for way in track.ways]


CALL = "entry_SYSCALL_64"
TIMER = "asm_sysvec_apic_timer_interrupt"


@pytest.mark.parametrize("earlier_call_above", [False, True])
def test_an_interrupt_before_the_call_is_not_under_way(
    stack: Stack, earlier_call_above: bool
) -> None:
    handler = stack.registers["rip"]
    stack.interrupted(stack.sp + 0x40, handler)
    if earlier_call_above:
        stack.words[stack.sp + 0x200] = stack.back
    assert names(stack, stack.told(handler)) == [CALL]
    inside = handler + 1
    assert names(stack, stack.told(inside, reach=stack.sp)) == [CALL]


def test_one_that_came_in_the_handler_is(stack: Stack) -> None:
    """The interrupted handler's own frame is above the interrupt's, below where it returns to."""
    handler, live = stack.registers["rip"], stack.sp
    stack.words[live] = stack.back
    stack.sp = stack.registers["rsp"] = live - 0x100
    stack.interrupted(stack.sp + 8, handler)
    dealing = stack.path.address("sysvec_apic_timer_interrupt")
    assert dealing is not None
    for reach in (None, live):
        assert names(stack, stack.told(dealing, reach)) == [CALL, TIMER]
