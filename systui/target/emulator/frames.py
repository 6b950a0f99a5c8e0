"""Frames of physical memory for programs' pages."""

from collections.abc import Iterable
from typing import NamedTuple

PAGE = 0x1000

SharedKey = tuple[object, int]
"""What a shared mapping is of, and the page's offset in it."""


class OutOfFramesError(Exception):
    """The memory set aside for the program is used up."""


class SavedFrames(NamedTuple):
    """The state of `Frames`."""

    next: int
    free: tuple[int, ...]
    shared: dict[SharedKey, int]
    users: dict[int, int]


class Frames:
    """Hands out frames in [start, end); the same requests give the same frames."""

    def __init__(self, start: int, end: int) -> None:
        self._next = start
        self._end = end
        self._free: list[int] = []
        self._shared: dict[SharedKey, int] = {}
        """Frames of shared mappings."""
        self._users: dict[int, int] = {}
        """How many pages lie in each of those; memory that no file is behind counts as one more."""

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
        """One page less in each of `addresses`; those without any are handed out again."""
        if not self._users:
            self._free.extend(addresses)
            return
        for address in addresses:
            left = self._users.get(address, 1) - 1
            if left:
                self._users[address] = left
                continue
            if self._users.pop(address, None) is not None:
                self._shared = {k: v for k, v in self._shared.items() if v != address}
            self._free.append(address)

    # shared mappings

    def find_shared(self, key: SharedKey) -> int | None:
        """The frame of a shared mapping's page, which one more page lies in now."""
        frame = self._shared.get(key)
        if frame is not None:
            self._users[frame] += 1
        return frame

    def share(self, key: SharedKey, frame: int, kept: bool) -> None:
        """Let `frame` be the one for `key`; one page lies in it.

        `kept`: what it holds outlives that page, for nothing else has it.
        """
        self._shared[key] = frame
        self._users[frame] = 2 if kept else 1

    def is_shared(self, frame: int) -> bool:
        """It is a shared mapping's; if so, one more page lies in it now."""
        if frame not in self._users:
            return False
        self._users[frame] += 1
        return True

    def save(self) -> SavedFrames:
        """The state, for `restore`."""
        return SavedFrames(self._next, tuple(self._free), dict(self._shared), dict(self._users))

    def restore(self, saved: SavedFrames) -> None:
        """Be as `saved` says."""
        self._next = saved.next
        self._free = list(saved.free)
        self._shared, self._users = dict(saved.shared), dict(saved.users)
