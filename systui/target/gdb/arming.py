"""What a run is to stop at, armed for its time: without a breakpoint where the kernel allows it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from systui.model.errors import TargetError, TargetGoneError
from systui.model.stop import Registers
from systui.target.gdb.ftrace import Ftrace
from systui.target.gdb.linux import Linux
from systui.target.gdb.memory import Memory, View
from systui.target.gdb.stub import Stub


class Arming:
    """Functions by the kernel's own tracer, all else by breakpoints."""

    def __init__(
        self, stub: Stub, memory: Memory, linux: Linux, present: Callable[[], View]
    ) -> None:
        """`present`: the CPU that stopped last, as it stands by now."""
        self._stub = stub
        self._pc = linux.arch.pc
        self._ftrace = Ftrace(stub, memory, linux)
        self._present = present

    @contextmanager
    def armed(self, points: Iterable[int], here: int | None) -> Iterator[None]:
        """The time of a run that is to stop at `points`.

        A function at whose beginning the CPU stands (`here`; None where no CPU stands for the
        stop) is waited for from its next call on.
        """
        wanted = {at for at in points if not self._stub.armed(at)}
        if here in wanted:
            self._go_past(here)
        numbers: list[int] = []
        reachable = True
        try:
            quiet = self._ftrace.arm(self._present(), wanted)
            numbers += [self._stub.insert(at) for at in wanted - quiet]
            yield
        except TargetGoneError:
            reachable = False
            raise
        finally:
            if reachable:
                self._disarm(numbers)

    def called(self, registers: Registers) -> bool:
        """Whether a stop with `registers` is one at a function armed without a breakpoint."""
        return self._ftrace.called(registers)

    def leave(self, thread: int) -> int | None:
        """Step the CPU out of the tracer's code; the function's address, None if not armed."""
        return self._ftrace.leave(thread)

    def put_back(self) -> None:
        """Have CPUs that are about to be stopped for a function stand at its beginning again."""
        for thread in self._stub.threads():
            if self._ftrace.under_way(self._stub.registers(thread)):
                function = self._ftrace.leave(thread)
                if function is not None:
                    self._stub.write_registers(thread, {self._pc: function})

    def _go_past(self, here: int) -> None:
        behind, thread = self._ftrace.behind(here), self._present().thread
        while here <= self._stub.registers(thread)[self._pc] < behind:
            self._stub.step(thread)

    def _disarm(self, numbers: Sequence[int]) -> None:
        """Undo all of it; harmless where the guest is gone meanwhile."""
        with suppress(TargetError):
            self.put_back()
            self._ftrace.disarm(self._present())
            self._stub.delete(numbers)
