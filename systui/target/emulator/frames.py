"""Frames of physical memory for programs' pages."""

from collections.abc import Iterable

PAGE = 0x1000


class OutOfFramesError(Exception):
    """The memory set aside for the program is used up."""


class Frames:
    """Hands out frames in [start, end); the same requests give the same frames."""

    def __init__(self, start: int, end: int) -> None:
        self._next = start
        self._end = end
        self._free: list[int] = []

    def take(self) -> int:
        """The address of a frame that holds anything; OutOfFramesError."""
        if self._free:
            return self._free.pop()
        if self._next >= self._end:
            raise OutOfFramesError
        address = self._next
        self._next += PAGE
        return address

    def give_back(self, addresses: Iterable[int]) -> None:
        """Let `addresses` be handed out again."""
        self._free.extend(addresses)

    def save(self) -> tuple[int, tuple[int, ...]]:
        """The state, for `restore`."""
        return self._next, tuple(self._free)

    def restore(self, saved: tuple[int, tuple[int, ...]]) -> None:
        """Be as `saved` says."""
        self._next, free = saved
        self._free = list(free)
