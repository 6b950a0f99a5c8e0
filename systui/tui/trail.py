"""Where the stops shown so far stood, so that what ran last can be marked in the code."""

from collections import OrderedDict

from systui.model.code import Location
from systui.model.snapshot import Snapshot

_KEPT = 4096
"""Stops remembered; older ones are marked no more."""


class Trail:
    """Position → location of stops that were shown. A lack only leaves a mark unset."""

    def __init__(self) -> None:
        self._places: OrderedDict[int, Location] = OrderedDict()

    def record(self, snapshot: Snapshot) -> None:
        """Remember where `snapshot` stands."""
        self._places[snapshot.stop.position] = snapshot.location
        self._places.move_to_end(snapshot.stop.position)
        if len(self._places) > _KEPT:
            self._places.popitem(last=False)

    def forget(self) -> None:
        """Another run begins."""
        self._places.clear()

    def ran(self, snapshot: Snapshot) -> Location | None:
        """Where the instruction stands that ran last, or from where what ran began."""
        last = snapshot.ran or self._places.get(snapshot.stop.position - 1)
        if last is not None or snapshot.effect is None:
            return last
        return self._places.get(snapshot.effect.position)

    def ran_line(self, snapshot: Snapshot) -> int | None:
        """Its line, where it is one of the file shown."""
        place, source = self.ran(snapshot), snapshot.location.source
        if place is None or place.source is None or source is None:
            return None
        return place.source.line if place.source.file == source.file else None

    def ran_address(self, snapshot: Snapshot) -> int | None:
        """Its address."""
        place = self.ran(snapshot)
        return None if place is None else place.address
