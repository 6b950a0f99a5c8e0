"""The map of the call under way, with the part of it that was passed so far."""

from typing import NamedTuple

from systui.decode.way import Way
from systui.kernel.door import Door
from systui.kernel.flow import FlowMap, flow_map
from systui.session.tracker import Tracker


class Route(NamedTuple):
    """One call's way on the map of its door."""

    flow: FlowMap | None
    """None where the kernel's entry code is not understood."""
    passed: frozenset[int]
    """Addresses of the instructions that the call has passed, as far back as steps are kept."""
    here: int
    """Where it stands: the address of the next instruction."""


class Routes:
    """Routes of one tracker's calls; each door is mapped once."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._flows: dict[int, FlowMap] = {}

    def route(self) -> Route:
        """Of the call under way, the one that ended last, or the one that the program may make."""
        tracker = self._tracker
        way = tracker.track.call
        door = way.door if way is not None else tracker.path.syscall
        return Route(self._flow(door), self._passed(way), tracker.stop.pc)

    def _flow(self, door: Door | None) -> FlowMap | None:
        if door is None:
            return None
        if door.entry not in self._flows:
            self._flows[door.entry] = flow_map(self._tracker.path, door)
        return self._flows[door.entry]

    def _passed(self, way: Way | None) -> frozenset[int]:
        if way is None:
            return frozenset()
        position = self._tracker.stop.position
        end = position if way.left_at is None else way.left_at
        begun, last = self._begun(way, end), min(end, position - 1)
        if self._tracker.recalls is not None:
            return self._tracker.recalls.addresses(begun, last)
        return self._tracker.history.addresses(range(begun, last + 1), self._tracker.arch.pc)

    def _begun(self, way: Way, end: int) -> int:
        """The position of the call's first instruction, or the first that is known of it."""
        if way.entered_at is not None:
            return way.entered_at
        while (known := self._tracker.history.get(end)) is not None:
            call = known[1].call
            if call is None or call.frame != way.frame:
                break
            end -= 1
        return end + 1
