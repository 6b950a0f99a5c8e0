"""Searching the execution: the next or the last time that a register changes, a slot is written…

On every target alike: forwards by tracked steps; backwards by steps, or to where a mark says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from systui.arch.spec import Architecture
from systui.model.call import Phase
from systui.model.errors import BadInputError, NotFoundError
from systui.model.stop import Reason, Stop
from systui.session.tracker import Tracker
from systui.target.protocol import Direction, Seekable
from systui.words import _

if TYPE_CHECKING:
    from systui.session.debugger import Debugger

_GOES_ON = frozenset((Reason.START, Reason.STEP, Reason.BREAKPOINT, Reason.WATCH, Reason.SIGNAL))
_SLOT_PREFIXES = ("pt_regs.", "pt_regs->", "regs.", "regs->")
_ANY_PHASE = "phase"

_State = tuple[Mapping[str, int], Phase]
"""Registers and phase at a stop."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; one of the three is set."""

    text: str
    """As a person wrote it."""
    register: str | None = None
    """A register that changes."""
    slot: str | None = None
    """A field of pt_regs that is written."""
    phases: frozenset[Phase] = frozenset()
    """Phases of which one begins."""

    @classmethod
    def parse(cls, text: str, arch: Architecture) -> "Query":
        """`rsp`, `pt_regs.ax`, `phase` (any) or a phase's name; BadInputError for anything else."""
        wanted = text.strip().lower()
        slot = next((wanted[len(each) :] for each in _SLOT_PREFIXES if wanted.startswith(each)), "")
        if slot in arch.pt_regs.offsets:
            return cls(text, slot=slot)
        if wanted in arch.register_names:
            return cls(text, register=wanted)
        phases = {phase for phase in Phase if phase.value == wanted.replace(" ", "_")}
        if wanted == _ANY_PHASE:
            phases = set(Phase)
        if phases:
            return cls(text, phases=frozenset(phases))
        raise BadInputError(
            _(
                "not to be searched for: {text!r}; name a register (rsp), a slot (pt_regs.ax), "
                "`phase` or a phase (restore)"
            ).format(text=text)
        )


class Search:
    """Moves a debugger to where a query comes true."""

    def __init__(self, debugger: "Debugger", tracker: Tracker) -> None:
        self._debugger = debugger
        self._tracker = tracker

    def run(self, query: Query, direction: Direction) -> Stop:
        """Stand at the stop at which what ran last made `query` true.

        An interrupted search stands where it had come to. NotFoundError where there is none, and
        then the target stands where it stood before, if it can go there.
        """
        start = self._debugger.stop.position
        found = self._forward(query) if direction is Direction.FORWARD else self._back(query)
        if found is not None:
            return found
        if isinstance(self._debugger.target, Seekable) and self._debugger.stop.position != start:
            self._debugger.seek(start)
        forward = direction is Direction.FORWARD
        words = (
            _("{what}: not again after step {position:,}")
            if forward
            else _("{what}: not before step {position:,}")
        )
        raise NotFoundError(words.format(what=query.text, position=start))

    def _forward(self, query: Query) -> Stop | None:
        debugger = self._debugger
        while True:
            before, position = self._state(), debugger.stop.position
            stop = debugger.step()
            if stop.reason is Reason.INTERRUPTED:
                return stop
            if stop.position != position and self._came_true(query, before):
                return stop
            if stop.position == position or not (stop.reason in _GOES_ON or stop.goes_on):
                return None

    def _came_true(self, query: Query, before: _State) -> bool:
        if query.slot is None:
            return _differ(query, before, self._state())
        position = self._tracker.stop.position
        return self._written(query.slot, position + 1) == position

    def _back(self, query: Query) -> Stop | None:
        if query.slot is not None:
            return self._back_to_write(query.slot)
        stop = self._one_back()
        while stop is not None and stop.reason is not Reason.INTERRUPTED:
            after = self._state()
            stop = self._one_back()
            if stop is not None and _differ(query, self._state(), after):
                return self._debugger.step()
        return stop

    def _back_to_write(self, slot: str) -> Stop | None:
        debugger = self._debugger
        start = debugger.stop.position
        while True:
            debugger.snapshot()  # a call that was come upon in the middle is watched from its start
            found = self._written(slot, start)
            if found >= 0:
                return debugger.seek(found)
            stop = self._one_back() if self._tracker.track.ways else self._into_kernel()
            if stop is None or stop.reason is Reason.INTERRUPTED:
                return stop

    def _into_kernel(self) -> Stop | None:
        """Back out of the program's own code, to the end of the call before; None without one."""
        stop = self._debugger.run_to(self._tracker.exits, Direction.BACKWARD)
        return stop if stop.reason in (Reason.BREAKPOINT, Reason.INTERRUPTED) else None

    def _one_back(self) -> Stop | None:
        position = self._debugger.stop.position
        stop = self._debugger.step_back()
        moved = stop.position != position or stop.reason is Reason.INTERRUPTED
        return stop if moved else None

    def _state(self) -> _State:
        return self._tracker.values, self._tracker.phase

    def _written(self, slot: str, before: int) -> int:
        """Where `slot` was written last, as far as is known here and before `before`; else -1."""
        track = self._tracker.track
        ways = track.ways if track.done is None else (*track.ways, track.done)
        marks = (way.slots.get(slot) for way in ways)
        known = (mark.position for mark in marks if mark is not None and mark.position is not None)
        return max((position for position in known if position < before), default=-1)


def _differ(query: Query, before: _State, after: _State) -> bool:
    """Whether a register's or a phase's query comes true between two stops."""
    if query.register is not None:
        return before[0].get(query.register) != after[0].get(query.register)
    return after[1] is not before[1] and after[1] in query.phases
