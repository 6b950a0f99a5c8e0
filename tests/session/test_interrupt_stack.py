"""A call stays under way while its CPU works on the stack that it keeps for interrupts."""

import debugged
from test_left_on_the_stack import CALL, TIMER, WORD, Stack

from systui.arch.x86_64 import X86_64
from systui.model.stop import MemoryRange, Registers
from systui.session.debugger import Debugger


class Elsewhere:
    """The target with another stack, on which something else was interrupted."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._target = stack.debugger.target

    def __getattr__(self, name: str) -> object:
        return getattr(self._target, name)

    def registers(self) -> Registers:
        return Registers(dict(self._stack.registers))

    def read_memory(self, ranges: list[MemoryRange]) -> list[bytes | None]:
        return [self._stack.read(one.address, one.size) for one in ranges]


def at_handler() -> Debugger:
    debugger = debugged.at_call("accept")
    handler = debugger.kernel.path.address("__x64_sys_accept")
    assert handler is not None
    assert debugger.run_to((handler,)).pc == handler
    return debugger


def test_an_interrupt_of_what_runs_there_hides_no_call() -> None:
    debugger = at_handler()
    tracker, ways = debugger._tracker, debugger._tracker.track.ways
    stack = Stack(debugger)
    foreign = stack.sp - 4 * max(X86_64.thread_sizes)
    dealing = stack.path.address("sysvec_apic_timer_interrupt")
    assert dealing is not None
    stack.registers |= {"rip": dealing, "rsp": foreign}
    stack.words = {}
    stack.interrupted(foreign + WORD, stack.back)
    tracker.target = Elsewhere(stack)  # type: ignore[assignment]
    tracker.arrive(debugger.stop, ways)
    assert [debugger.locate(way.entry).name for way in tracker.track.ways] == [CALL, TIMER]
    stack.words.clear()
    stack.registers["rsp"] -= WORD
    tracker.arrive(debugger.stop, tracker.track.ways)
    assert [way.entry for way in tracker.track.ways] == [ways[0].entry]
