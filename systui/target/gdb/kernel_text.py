"""The running kernel's code, which is the same at every stop: read in chunks, and kept."""

from collections.abc import Callable

from systui.model.stop import MemoryRange, Space
from systui.target.gdb.memory import Memory, View

_CHUNK = 0x400


class KernelText:
    """Code by chunk, until the guest has run freely."""

    def __init__(
        self, memory: Memory, view: Callable[[], View], start: int | None, end: int | None
    ) -> None:
        """It lies from `start` (`_stext`) to `end` (`_etext`); None: not known, nothing is code.

        `view` tells by way of whom it is read.
        """
        self._memory = memory
        self._view = view
        self._range = range(start or 0, end or 0)
        self._chunks: dict[int, bytes | None] = {}

    def holds(self, one: MemoryRange) -> bool:
        """Whether all of `one` is kernel code."""
        return (
            one.space is Space.KERNEL
            and one.address in self._range
            and one.address + one.size <= self._range.stop
        )

    def read(self, one: MemoryRange) -> bytes | None:
        """The bytes of `one`; None where not all are there."""
        start = one.address % _CHUNK
        if start + one.size <= _CHUNK:
            known = self._chunks.get(one.address - start)
            if known is not None:
                return known[start : start + one.size]
        chunks = range(one.address & -_CHUNK, one.address + one.size, _CHUNK)
        missing = [chunk for chunk in chunks if chunk not in self._chunks]
        if missing:
            ranges = [MemoryRange(Space.KERNEL, chunk, _CHUNK) for chunk in missing]
            self._chunks.update(zip(missing, self._memory.read(self._view(), ranges), strict=True))
        parts = [self._chunks[chunk] for chunk in chunks]
        if None in parts:
            return None
        return b"".join(filter(None, parts))[start : start + one.size]

    def forget(self) -> None:
        """It may have been patched."""
        self._chunks.clear()
