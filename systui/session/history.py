"""What was known at each position that was stepped to, within a bound."""

from collections.abc import Mapping
from typing import NamedTuple

from systui.decode.way import Track

KEPT = 8192
"""Positions kept: some 4 MB. Older ones are told anew from code and stack when come back to."""


class Record(NamedTuple):
    """Registers and track at one position."""

    values: tuple[int | None, ...]
    track: Track


class History:
    """Records by position; the oldest entry goes first."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._records: dict[int, Record] = {}
        self._last: tuple[int | None, ...] = ()

    def put(self, position: int, values: Mapping[str, int], track: Track) -> None:
        """Keep what is known at `position`. Values equal to the last ones share their memory."""
        compact = tuple(map(values.get, self._names))
        if len(self._last) == len(compact):
            pairs = zip(self._last, compact, strict=True)
            compact = tuple([old if old == new else new for old, new in pairs])
        self._last = compact
        records = self._records
        records.pop(position, None)
        records[position] = Record(compact, track)
        if len(records) > KEPT:
            del records[next(iter(records))]

    def get(self, position: int) -> tuple[dict[str, int], Track] | None:
        """Registers and track at `position`, where they are kept."""
        record = self._records.get(position)
        if record is None:
            return None
        values = {
            name: value
            for name, value in zip(self._names, record.values, strict=True)
            if value is not None
        }
        return values, record.track

    def addresses(self, positions: range, pc: str) -> frozenset[int]:
        """The values of register `pc` at those of `positions` that are kept."""
        index = self._names.index(pc)
        found = (self._records[each].values[index] for each in positions if each in self._records)
        return frozenset(address for address in found if address is not None)

    def matches(self, position: int, values: Mapping[str, int]) -> Track | None:
        """The track kept for `position`, if the registers are those of then."""
        record = self._records.get(position)
        if record is None or record.values != tuple(map(values.get, self._names)):
            return None
        return record.track

    @property
    def earliest(self) -> int:
        """The first position kept; 0 when there is none."""
        return min(self._records, default=0)

    def forget_after(self, position: int) -> None:
        """Forget what came after `position`."""
        for later in [each for each in self._records if each > position]:
            del self._records[later]

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()
        self._last = ()
