"""What was known at each position that was stepped to, within a bound."""

from collections.abc import Mapping
from typing import NamedTuple

from systui.decode.way import Track

KEPT = 8192
"""Positions kept: some 15 MB. Older ones are told anew from code and stack when come back to."""


class Record(NamedTuple):
    """Registers and track at one position."""

    values: Mapping[str, int]
    track: Track


class History:
    """Records by position; the oldest entry goes first."""

    def __init__(self) -> None:
        self._records: dict[int, Record] = {}

    def put(self, position: int, values: Mapping[str, int], track: Track) -> None:
        """Keep what is known at `position`."""
        records = self._records
        records.pop(position, None)
        records[position] = Record(values, track)
        if len(records) > KEPT:
            del records[next(iter(records))]

    def get(self, position: int) -> Record | None:
        """Registers and track at `position`, where they are kept."""
        return self._records.get(position)

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

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()
