"""Seeing what nobody watched: back to where the call came in, and forwards again step by step.

A target that can go back through its past makes it possible, within a bound, to know all of a
call's way at a stop in the middle of it that was come to at full speed; as much of it as the past
holds.
"""

from systui.model.stop import Reason, Stop
from systui.session.skim import Skimmer
from systui.session.tracker import Tracker
from systui.target.protocol import Capability, Direction, Run, Seekable, Step

_FARTHEST = 6000
"""Steps that are watched anew: some 0.2 s. A call longer than that is told from where it is."""
_FARTHEST_SKIMMED = 12_000
"""The same where most of them are passed over: some 20 ms."""


class Retrace:
    """Watches anew what one tracker came upon in the middle."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._target = tracker.target
        self._skimmer = None if tracker.skims is None else Skimmer(tracker, tracker.skims)

    def run(self) -> None:
        """Fill in the way of the call under way, where it is not known how it came in."""
        target, tracker, here = self._target, self._tracker, self._tracker.stop
        if isinstance(target, Seekable) and Capability.BACKWARD in target.capabilities:
            entered = self._entered(here, tracker.track.ways[0].entry)
            if entered is not None and entered >= 0:
                self._watch(target.seek(self._known(entered, here)), here)
            if target.current_stop().position != here.position:
                target.seek(here.position)
            tracker.arrive(here)
        if tracker.unwatched:
            tracker.give_up()

    def _entered(self, here: Stop, entry: int) -> int | None:
        """Position of the user's instruction that led in; None where it is too far back."""
        if here.pc == entry:
            return self._led_in(here)
        skims = self._tracker.skims
        if skims is not None:
            found = skims.last_at(entry, here.position - _FARTHEST_SKIMMED, here.position - 1)
            return None if found is None else self._led_in(skims.seek(found))
        before = here.position
        while True:
            stop = self._target.resume(Run(Direction.BACKWARD, frozenset((entry,))))
            if stop.position >= before or here.position - stop.position > _FARTHEST:
                return None
            if stop.pc == entry:
                return self._led_in(stop)
            before = stop.position

    def _led_in(self, entered: Stop) -> int | None:
        """The position before `entered`; None where that was not seen, or is of long ago."""
        target = self._target
        first = target.earliest if isinstance(target, Seekable) else 0
        return None if entered.leap or entered.position <= first else entered.position - 1

    def _known(self, entered: int, here: Stop) -> int:
        """Where to begin: as far on in the call entered there as it was passed over before."""
        reached = self._tracker.history.last_of(entered, here.position - 1)
        return entered if reached is None else reached

    def _watch(self, start: Stop, here: Stop) -> None:
        """Step from `start` to `here`, keeping what is known at each position."""
        tracker, skimmer = self._tracker, self._skimmer
        tracker.arrive(start)
        while tracker.stop.position < here.position:
            if skimmer is not None:
                skimmer.pass_over(here.position - 1)
            tracker.prepare()
            stop = self._target.resume(Step())
            if not tracker.stop.position < stop.position <= here.position:
                return
            tracker.stepped(stop)


_PEEKED = frozenset((Reason.STEP, Reason.BREAKPOINT, Reason.WATCH))
"""Reasons of stops that stay what they are when they are come back to."""


def look_back(tracker: Tracker) -> dict[int, int]:
    """By the present position: the address of the instruction before; empty where none is told."""
    target, here = tracker.target, tracker.stop
    if not isinstance(target, Seekable) or Capability.WHOLE_PAST not in target.capabilities:
        return {}
    if here.position == 0 or here.reason not in _PEEKED:
        return {}
    target.seek(here.position - 1)
    pc = target.registers().values[tracker.arch.pc]
    target.seek(here.position)
    return {here.position: pc}
