"""What need not be watched of a call's way: stops at which nothing is folded in."""

from collections.abc import Iterable, Iterator

from systui.decode.access import stored_at
from systui.decode.way import Way
from systui.model.call import Phase
from systui.model.operation import Flow, MemoryOperand
from systui.session.tracker import Tracker
from systui.target.protocol import Guard

_CALM = frozenset((Phase.HANDLER, Phase.EXIT_WORK))
"""Phases of C code, in which `decode.fold` looks for little."""
_FIXED = ("cs", "fs_base", "gs_base")
"""Registers that name the ring, and those that addresses of operands are told with."""
_TURNS = frozenset((Flow.IRET, Flow.SYSRET, Flow.SYSCALL, Flow.INTERRUPT))


class Calm:
    """The guard of one way: nothing that passes it changes the track."""

    def __init__(self, tracker: Tracker, way: Way, frame: int) -> None:
        self._tracker = tracker
        self._path = tracker.path
        self._way = way
        self._frame = frame
        self._outward = () if way.door is None else way.door.outward.states

    def guard(self) -> Guard:
        """As the target takes it."""
        way, values = self._way, self._tracker.values
        fixed = {name: values[name] for name in (*_FIXED, *way.intact) if name in values}
        memory = range(self._frame, self._frame + self._tracker.arch.pt_regs.size)
        # Above its return address lies no more of the handler's stack: what is pushed lies below.
        highest = self._frame if way.level is None else min(way.level, self._frame)
        return Guard(fixed, highest, memory, self._ordinary, self._stores)

    def _ordinary(self, address: int) -> bool:
        """Whether an instruction is none of those that change what is known of a way."""
        path, way = self._path, self._way
        if address in path.entry_text or address in self._outward or address in path.exit_work:
            return False
        if address in path.editors or address in path.checks:
            return False
        if way.door is not None and not way.syscall and address == way.door.call_site:
            return False
        operation = path.listing.operation(address)
        return operation is not None and operation.flow not in _TURNS

    def _stores(self, addresses: Iterable[int]) -> Iterator[MemoryOperand]:
        for address in addresses:
            operation = self._path.listing.operation(address)
            operand = None if operation is None else stored_at(operation, self._tracker.arch)
            if operand is not None:
                yield operand


def pass_over(tracker: Tracker, until: int) -> bool:
    """Go on, to `until` at most, as long as nothing comes that would be folded in; False: none."""
    way = tracker.track.way
    if tracker.skims is None or way is None or way.phase not in _CALM:
        return False
    if way.syscall and way.phase is Phase.HANDLER and way.level is None:
        return False
    if way.frame is None or not tracker.skims.skim(until, Calm(tracker, way, way.frame).guard()):
        return False
    tracker.passed(tracker.target.current_stop())
    return True
