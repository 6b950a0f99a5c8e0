"""The debugger: every way of moving through the execution, with each step tracked."""

from collections.abc import Callable, Iterable

from systui.kernel.view import KernelView, ProgramView
from systui.model.call import Landmark, Phase
from systui.model.snapshot import Snapshot
from systui.model.stop import Stop
from systui.target.protocol import Direction, Target

Observer = Callable[[Stop], None]


class Debugger:
    """Moves a target and keeps what its decoders need; synchronous, for one thread.

    Every method that moves returns the stop it ended at. All may raise
    `systui.model.errors.TargetError`s.
    """

    def __init__(self, target: Target, kernel: KernelView, program: ProgramView | None) -> None:
        self.target = target
        self.kernel = kernel
        self.program = program

    @property
    def stop(self) -> Stop:
        """Where the target stands."""
        raise NotImplementedError

    @property
    def phase(self) -> Phase:
        """The phase at the current stop; cheap."""
        raise NotImplementedError

    @property
    def landmark(self) -> Landmark | None:
        """The landmark at the current stop, if it is one; cheap."""
        raise NotImplementedError

    def snapshot(self, since: int | None = None) -> Snapshot:
        """The current stop, decoded.

        `effect` covers what ran since position `since` (None: the last instruction), and
        `changed` compares with it.
        """
        raise NotImplementedError

    def step(self) -> Stop:
        """Run one instruction, tracked."""
        raise NotImplementedError

    def step_back(self) -> Stop:
        """Go back over one instruction."""
        raise NotImplementedError

    def line(self, direction: Direction = Direction.FORWARD) -> Stop:
        """Go to another source line, into calls; one instruction where no line is known."""
        raise NotImplementedError

    def over(self, direction: Direction = Direction.FORWARD) -> Stop:
        """As `line`, but over calls."""
        raise NotImplementedError

    def finish(self, direction: Direction = Direction.FORWARD) -> Stop:
        """Run to the return of the current function (backwards: to where it was called)."""
        raise NotImplementedError

    def resume(self, direction: Direction = Direction.FORWARD) -> Stop:
        """Run until a breakpoint or anything else stops the target."""
        raise NotImplementedError

    def run_to(self, addresses: Iterable[int], direction: Direction = Direction.FORWARD) -> Stop:
        """Run until one of `addresses` is next, or anything else stops the target."""
        raise NotImplementedError

    def seek(self, position: int) -> Stop:
        """Stand at `position`; NotSupportedError where the target cannot seek."""
        raise NotImplementedError

    def restart(self) -> Stop:
        """Run the program again from its start; NotSupportedError where that cannot be."""
        raise NotImplementedError

    def toggle_breakpoint(self, address: int) -> bool:
        """Set or clear the breakpoint at `address`; True where it is set now."""
        raise NotImplementedError

    @property
    def breakpoints(self) -> frozenset[int]:
        """Addresses with a breakpoint."""
        raise NotImplementedError

    def add_observer(self, observer: Observer) -> None:
        """Call `observer` with each stop that was reached, tracked steps of a walk included."""
        raise NotImplementedError
