"""What need not be watched of a call's way: stops at which nothing is folded in."""

from collections.abc import Iterator
from functools import partial

from systui.decode.access import stored_at
from systui.decode.disassembly import Glance
from systui.decode.way import Way
from systui.kernel.listing import AHEAD
from systui.model.call import Phase
from systui.model.operation import MemoryOperand, Operation
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
        self._special: dict[tuple[int, bool], frozenset[int]] = {}
        """By a way's entry, and whether it leads from the program."""
        self._ordinary: set[int] = set()
        """Addresses of instructions that stay in the ring."""
        self._glances: dict[int, Glance | Operation] = {}
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

    def _notable(self, way: Way, addresses: frozenset[int]) -> set[int]:
        """Instructions among those at `addresses` that change what is known of a way."""
        special = self._special.get((way.entry, way.from_user))
        if special is None:
            special = self._special[way.entry, way.from_user] = self._special_of(way)
        entry_text = self._path.entry_text
        found = {each for each in addresses - self._ordinary if self._leaves(each)}
        return found.union(addresses & special, (each for each in addresses if each in entry_text))

    def _special_of(self, way: Way) -> frozenset[int]:
        path, door = self._path, way.door
        outward = () if door is None else (*door.outward.states, door.call_site)
        return frozenset((*path.exit_work, *path.editors, *path.checks, *outward))

    def _leaves(self, address: int) -> bool:
        """Whether an instruction may lead to another ring, or stop the CPU."""
        if self._glance(address) is Glance.LEAVES:
            return True
        if len(self._ordinary) > KEPT:
            self._ordinary.clear()
        self._ordinary.add(address)
        return False

    def _glance(self, address: int) -> Glance | Operation:
        known = self._glances.get(address)
        if known is None:
            if len(self._glances) > KEPT:
                self._glances.clear()
                self._stores.clear()
            code = self._path.listing.code(address)[:AHEAD]
            self._glances.update(self._tracker.disassembler.glance(address, code))
            known = self._glances.setdefault(address, Glance.LEAVES)
        return known

    def _stores_at(self, addresses: frozenset[int]) -> Iterator[tuple[int, MemoryOperand]]:
        for each in addresses:
            if each not in self._stores:
                glance = self._glance(each)
                self._stores[each] = (
                    None if isinstance(glance, Glance) else stored_at(glance, self._tracker.arch)
                )
            operand = self._stores[each]
            if operand is not None:
                yield each, operand
