"""Seeing what nobody watched: back to where the call came in, and forwards again step by step.

A target that can go back through its past makes it possible, within a bound, to know all of a
call's way at a stop in the middle of it that was come to at full speed; as much of it as the past
holds.
"""

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from systui.model.stop import Reason, Stop
from systui.session.tracker import Tracker
from systui.target.protocol import Capability, Direction, Run, Seekable, Step

if TYPE_CHECKING:
    from systui.decode.remembered import Reader

_FARTHEST = 6000
"""Steps that are watched anew: some 0.2 s. A call longer than that is told from where it is."""


class Retrace:
    """Watches anew what one tracker came upon in the middle."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._target = tracker.target

    def run(self) -> None:
        """Fill in the way of the call under way, where it is not known how it came in."""
        target, tracker, here = self._target, self._tracker, self._tracker.stop
        if isinstance(target, Seekable) and Capability.BACKWARD in target.capabilities:
            for watch in (self._from_known, self._from_entry):
                watch(target, here)
                if target.current_stop().position != here.position:
                    target.seek(here.position)
                tracker.arrive(here)
                if not tracker.unwatched:
                    return
        if tracker.unwatched:
            tracker.give_up()

    def _from_known(self, target: Seekable, here: Stop) -> None:
        """Watch from where it was put down before `here` what was known."""
        recalls = self._tracker.recalls
        found = None if recalls is None else recalls.known_before(here.position)
        if found is not None:
            with suppress(ValueError):
                track = self._reader.understood(found[1])
                self._tracker.take_up(target.seek(found[0]), track)
                self._watch(here)

    def _from_entry(self, target: Seekable, here: Stop) -> None:
        """Watch from the instruction that led in."""
        entered = self._entered(here, self._tracker.track.ways[0].entry)
        if entered is not None and entered >= 0:
            self._tracker.arrive(target.seek(entered))
            self._watch(here)

    @cached_property
    def _reader(self) -> "Reader":
        from systui.decode.remembered import Reader

        return Reader(self._tracker.path, self._tracker.arch)

    def _entered(self, here: Stop, entry: int) -> int | None:
        """Position of the user's instruction that led in; None where it is too far back."""
        if here.pc == entry:
            return self._led_in(here)
        recalls, before = self._tracker.recalls, here.position
        if recalls is not None:
            found = recalls.last_at(entry, before - _FARTHEST, before - 1)
            return None if found is None else self._led_in(recalls.seek(found))
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

    def _watch(self, here: Stop) -> None:
        """Step on to `here`, keeping what is known at each position."""
        tracker = self._tracker
        while tracker.stop.position < here.position:
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
