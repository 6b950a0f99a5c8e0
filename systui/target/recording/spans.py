"""A set of positions, kept as runs."""

from bisect import bisect_right


class Spans:
    """Positions that were recorded."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def __contains__(self, position: int) -> bool:
        index = bisect_right(self._starts, position) - 1
        return index >= 0 and position < self._ends[index]

    def add(self, position: int) -> None:
        """Take in a position that is not there."""
        index = bisect_right(self._starts, position)
        if index and self._ends[index - 1] == position:
            self._ends[index - 1] += 1
            if index < len(self._starts) and self._starts[index] == position + 1:
                self._ends[index - 1] = self._ends.pop(index)
                del self._starts[index]
        elif index < len(self._starts) and self._starts[index] == position + 1:
            self._starts[index] = position
        else:
            self._starts.insert(index, position)
            self._ends.insert(index, position + 1)

    def drop_from(self, position: int) -> None:
        """Forget `position` and all after it."""
        index = bisect_right(self._starts, position - 1)
        del self._starts[index:], self._ends[index:]
        if self._ends:
            self._ends[-1] = min(self._ends[-1], position)
