"""Breakpoints and watchpoints as a person sets them: numbered, temporary, with conditions."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from systui.model.stop import MemoryRange, Reason, Stop
from systui.target.protocol import Breakpoint, Target, Watchpoint


class Condition(NamedTuple):
    """What must hold at a stop for a breakpoint to count."""

    text: str
    """As the person wrote it."""
    holds: Callable[[], bool]
    """Asked while the target stands at the breakpoint."""


@dataclass
class Point:
    """A breakpoint, at one address or at several, or a watchpoint."""

    number: int
    spelling: str
    """What the person named: a symbol, a line, an expression."""
    addresses: frozenset[int] = frozenset()
    """Empty for a watchpoint."""
    watch: Watchpoint | None = None
    temporary: bool = False
    condition: Condition | None = None
    hits: int = 0
    value: bytes | None = None
    """What a watchpoint's range held when it was looked at last."""

    @property
    def lasts(self) -> bool:
        """Whether its spelling alone would set it again, in another run too."""
        plain = self.condition is None or self.spelling.startswith("syscall ")
        return bool(self.addresses) and plain and not self.temporary


class Reached(NamedTuple):
    """A point that the present stop is at."""

    point: Point
    before: bytes | None = None
    """A watchpoint's bytes before; None for a breakpoint, or where they could not be read."""
    now: bytes | None = None


class Points:
    """All points of one target, in the order of their numbers."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._all: dict[int, Point] = {}
        self._last = 0

    def __iter__(self) -> Iterator[Point]:
        return iter(list(self._all.values()))

    @property
    def addresses(self) -> frozenset[int]:
        """Where any breakpoint stands."""
        return frozenset[int]().union(*(point.addresses for point in self._all.values()))

    # --- setting -----------------------------------------------------------------------------

    def set(
        self,
        spelling: str,
        addresses: Collection[int],
        *,
        temporary: bool = False,
        condition: Condition | None = None,
    ) -> Point:
        """A breakpoint at `addresses`. Raises what the target raises."""
        armed = self.addresses
        for address in addresses:
            if address not in armed:
                self._target.set_breakpoint(Breakpoint(address))
        return self._enter(spelling, frozenset(addresses), temporary=temporary, condition=condition)

    def watch(self, spelling: str, watchpoint: Watchpoint) -> Point:
        """A watchpoint. Raises what the target raises, NotSupportedError where it has none."""
        self._target.set_watchpoint(watchpoint)
        point = self._enter(spelling, frozenset())
        point.watch = watchpoint
        point.value = self._content(watchpoint.range)
        return point

    def _enter(
        self,
        spelling: str,
        addresses: frozenset[int],
        *,
        temporary: bool = False,
        condition: Condition | None = None,
    ) -> Point:
        self._last += 1
        point = Point(self._last, spelling, addresses, temporary=temporary, condition=condition)
        self._all[point.number] = point
        return point

    def delete(self, number: int) -> bool:
        """Forget point `number`; False where there is none."""
        point = self._all.pop(number, None)
        if point is None:
            return False
        for address in point.addresses - self.addresses:
            self._target.clear_breakpoint(Breakpoint(address))
        watched = {each.watch for each in self._all.values()}
        if point.watch is not None and point.watch not in watched:
            self._target.clear_watchpoint(point.watch)
        return True

    def toggle(
        self, spelling: str, addresses: Collection[int], condition: Condition | None = None
    ) -> bool:
        """Clear the breakpoints that stand at `addresses`, or else set one; True where set.

        With a condition only those count that have the same.
        """
        text = None if condition is None else condition.text
        here = [
            point.number
            for point in self
            if point.addresses & frozenset(addresses)
            and (condition is None or (point.condition and point.condition.text == text))
        ]
        for number in here:
            self.delete(number)
        if not here:
            self.set(spelling, addresses, condition=condition)
        return not here

    # --- stops -------------------------------------------------------------------------------

    def stops(self, pc: int) -> bool:
        """Whether a breakpoint at `pc`, where the target stands, wants it to stop."""
        return any(self._wants(point) for point in self._all.values() if pc in point.addresses)

    def passes(self, stop: Stop) -> bool:
        """Whether `stop` came of breakpoints alone whose conditions do not hold."""
        return (
            stop.reason is Reason.BREAKPOINT
            and stop.pc in self.addresses
            and not self.stops(stop.pc)
        )

    def reached(self, stop: Stop) -> list[Reached]:
        """What the present stop is at, counted; temporary breakpoints are gone with it."""
        found = []
        for point in self:
            if point.watch is not None:
                before, point.value = point.value, self._content(point.watch.range)
                if before != point.value:
                    found.append(Reached(point, before, point.value))
            elif stop.pc in point.addresses and self._wants(point):
                found.append(Reached(point))
        for each in found:
            each.point.hits += 1
            if each.point.temporary:
                self.delete(each.point.number)
        return found

    @staticmethod
    def _wants(point: Point) -> bool:
        return point.condition is None or point.condition.holds()

    def _content(self, where: MemoryRange) -> bytes | None:
        return self._target.read_memory([where])[0]
