"""Running backwards: the last hit before here, found by running stretches forward again."""

from collections.abc import Callable, Collection

from systui.model.stop import Reason
from systui.target.emulator.halt import Halt
from systui.target.emulator.machine import Machine
from systui.target.emulator.timeline import Timeline
from systui.target.emulator.watches import Watches


def _any(_position: int) -> bool:
    return True


class Search:
    """Looks back along one timeline, a stretch between two checkpoints at a time."""

    def __init__(self, machine: Machine, timeline: Timeline) -> None:
        self._machine = machine
        self._timeline = timeline
        self._last: tuple[int, Reason] | None = None
        self._hit: Callable[[int], bool] = _any

    def back(
        self, addresses: Collection[int], watches: Watches, hit: Callable[[int], bool] = _any
    ) -> Halt:
        """Stand where one of `addresses` was reached, or a watched range touched, last.

        Reaching an address counts where `hit` says so of its position.
        """
        self._hit = hit
        began = end = self._timeline.position
        found: tuple[int, Reason] | None = None
        while end > 0 and found is None:
            start = self._timeline.checkpoints.before(end - 1).position
            found, halt = self._stretch(start, end, addresses, watches)
            if halt is not None and halt.reason is Reason.INTERRUPTED:
                self._machine.stop_requested = False
                self._timeline.seek(began)
                return halt
            end = start
        position, reason = found or (0, Reason.BEGINNING)
        self._timeline.seek(position)
        return Halt(reason)

    def _stretch(
        self, start: int, end: int, addresses: Collection[int], watches: Watches
    ) -> tuple[tuple[int, Reason] | None, Halt | None]:
        """The last hit in [start, end), and what kept the run from getting through."""
        self._last = None
        self._timeline.seek(start)
        if self._machine.pc in addresses and self._hit(start):
            self._last = (start, Reason.BREAKPOINT)
        self._machine.set_stops(addresses, self._reached)
        watches.arm(lambda position: self._note(position, Reason.WATCH, end))
        try:
            halt = self._timeline.repeat(end - 1)
        finally:
            watches.disarm()
            self._machine.set_stops((), lambda _position: False)
        return self._last, halt

    def _reached(self, position: int) -> bool:
        return self._hit(position) and self._note(position, Reason.BREAKPOINT)

    def _note(self, position: int, reason: Reason, end: int | None = None) -> bool:
        if end is None or position < end:
            self._last = (position, reason)
        return False
