"""What was known at each position that was stepped to, within a bound."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import NamedTuple

from systui.decode.way import Track

KEPT = 8192
"""Positions kept: some 15 MB. Older ones are told anew from code and stack when come back to."""


class Record(NamedTuple):
    """Registers and track at one position."""

    values: Mapping[str, int]
    track: Track


class Passed(NamedTuple):
    """Positions that were passed over: the track was the same at all of them."""

    first: int
    last: int
    track: Track


class History:
    """Records by position; the oldest entry goes first."""

    def __init__(
        self, registers_at: Callable[[int], Mapping[str, int] | None] | None = None
    ) -> None:
        """`registers_at`: those at a position that was passed over."""
        self._registers_at = registers_at
        self._passed: list[Passed] = []
        self._records: dict[int, Record] = {}

    def put(self, position: int, values: Mapping[str, int], track: Track) -> None:
        """Keep what is known at `position`."""
        records = self._records
        records.pop(position, None)
        records[position] = Record(values, track)
        if len(records) > KEPT:
            del records[next(iter(records))]

    def put_passed(self, first: int, last: int, track: Track) -> None:
        """Keep that `track` was known from `first` to `last`."""
        at = bisect_right(self._passed, first, key=_first)
        self._passed.insert(at, Passed(first, last, track))
        if len(self._passed) > KEPT:
            del self._passed[0]

    def last_of(self, entered_at: int, before: int) -> int | None:
        """The last position up to `before` that was passed over in the call entered there."""
        at = bisect_right(self._passed, before, key=_first) - 1
        passed = self._passed[at] if at >= 0 else None
        if passed is None or passed.track.ways[0].entered_at != entered_at:
            return None
        return min(passed.last, before)

    def _record(self, position: int) -> Record | None:
        """What is known of a position that was passed over."""
        at = bisect_right(self._passed, position, key=_first) - 1
        if at < 0 or position > self._passed[at].last or self._registers_at is None:
            return None
        values = self._registers_at(position)
        return None if values is None else Record(values, self._passed[at].track)

    def get(self, position: int) -> Record | None:
        """Registers and track at `position`, where they are kept."""
        return self._records.get(position) or self._record(position)

    def addresses(self, positions: range, pc: str) -> frozenset[int]:
        """The values of register `pc` at those of `positions` that are kept."""
        records = map(self.get, positions)
        return frozenset(record.values[pc] for record in records if record is not None)

    def matches(self, position: int, values: Mapping[str, int]) -> Track | None:
        """The track kept for `position`, if the registers are those of then."""
        record = self.get(position)
        return None if record is None or record.values != values else record.track

    @property
    def earliest(self) -> int:
        """The first position kept; 0 when there is none."""
        return min(self._records, default=0)

    def forget_after(self, position: int) -> None:
        """Forget what came after `position`."""
        for later in [each for each in self._records if each > position]:
            del self._records[later]
        self._passed = [each for each in self._passed if each.last <= position]

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()
        self._passed.clear()


def _first(passed: Passed) -> int:
    return passed.first
