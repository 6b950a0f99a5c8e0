"""What need not be watched of a call's way: stops at which nothing is folded in."""

from collections.abc import Iterator
from functools import partial

from systui.decode.access import stored_at
from systui.decode.disassembly import Glance
from systui.decode.way import Way
from systui.model.call import Phase
from systui.model.operation import MemoryOperand
from systui.session.tracker import Tracker
from systui.target.protocol import Guard, Skimming

_CALM = frozenset((Phase.HANDLER, Phase.EXIT_WORK))
"""Phases of C code, in which `decode.fold` looks for little."""
_FIXED = ("cs", "fs_base", "gs_base")
"""Registers that name the ring, and those that addresses of operands are told with."""
_SOON, _LATE = 2, 32
"""Steps from one attempt to the next: twice as many each time that one leads nowhere."""
KEPT = 65536
"""Instructions of which it is kept what they are."""


class Skimmer:
    """Passes over what need not be watched of the ways of one tracker."""

    def __init__(self, tracker: Tracker, target: Skimming) -> None:
        self._tracker = tracker
        self._target = target
        self._path = tracker.path
        self._ended = -_LATE
        """The position where the last attempt ended."""
        self._apart = _SOON
        self._ordinary: dict[tuple[int, bool], set[int]] = {}
        """By a way's entry, and whether it leads from the program: addresses known to be so."""
        self._glances: dict[int, Glance] = {}
        self._stores: dict[int, MemoryOperand | None] = {}

    def pass_over(self, until: int) -> None:
        """Go on, to `until` at most, as long as nothing comes that would be folded in."""
        way, position = self._tracker.track.way, self._tracker.stop.position
        if way is None or way.frame is None or way.phase not in _CALM:
            return
        if way.syscall and way.phase is Phase.HANDLER and way.level is None:
            return
        if self._ended <= position < self._ended + self._apart:
            return
        if self._target.skim(until, self._guard(way, way.frame)):
            self._apart = _SOON
            self._tracker.passed(self._tracker.target.current_stop())
        else:
            self._apart = min(self._apart * 2, _LATE)
        self._ended = self._tracker.stop.position

    def _guard(self, way: Way, frame: int) -> Guard:
        """What would change the track, while `way` is the innermost one."""
        values = self._tracker.values
        fixed = {name: values[name] for name in (*_FIXED, *way.intact) if name in values}
        memory = range(frame, frame + self._tracker.arch.pt_regs.size)
        # Above its return address lies no more of the handler's stack: what is pushed lies below.
        highest = frame if way.level is None else min(way.level, frame)
        return Guard(fixed, highest, memory, partial(self._notable, way), self._stores_at)

    def _notable(self, way: Way, addresses: frozenset[int]) -> list[int]:
        known = self._ordinary.setdefault((way.entry, way.from_user), set())
        fresh = addresses - known
        notable = [each for each in fresh if not self._is_ordinary(way, each)]
        if len(known) > KEPT:
            known.clear()
        known |= fresh.difference(notable)
        return notable

    def _is_ordinary(self, way: Way, address: int) -> bool:
        """Whether an instruction is none of those that change what is known of a way."""
        path, door = self._path, way.door
        if address in path.entry_text or address in path.exit_work:
            return False
        if address in path.editors or address in path.checks:
            return False
        if door is not None and (address in door.outward.states or address == door.call_site):
            return False
        return self._glance(address) is not Glance.LEAVES

    def _glance(self, address: int) -> Glance:
        known = self._glances.get(address)
        if known is None:
            if len(self._glances) > KEPT:
                self._glances.clear()
            code = self._path.listing.code(address)
            self._glances.update(self._tracker.disassembler.glance(address, code))
            known = self._glances.setdefault(address, Glance.LEAVES)
        return known

    def _stores_at(self, addresses: frozenset[int]) -> Iterator[tuple[int, MemoryOperand]]:
        for each in addresses:
            if self._glance(each) is Glance.MEMORY:
                operand = self._operand(each)
                if operand is not None:
                    yield each, operand

    def _operand(self, address: int) -> MemoryOperand | None:
        """Where the instruction at `address` stores."""
        try:
            return self._stores[address]
        except KeyError:
            code = self._path.listing.code(address)
            operation = self._tracker.disassembler.operation(address, code)
            found = None if operation is None else stored_at(operation, self._tracker.arch)
            if len(self._stores) > KEPT:
                self._stores.clear()
            self._stores[address] = found
            return found
