"""The running kernel's code, which is the same at every stop: read in chunks, and kept."""

from systui.model.stop import MemoryRange, Space
from systui.target.gdb.memory import Memory, View

_CHUNK = 0x400


class KernelText:
    """Code by chunk, until the guest has run freely."""

    def __init__(self, memory: Memory, start: int | None, end: int | None) -> None:
        """It lies from `start` (`_stext`) to `end` (`_etext`); None: not known, nothing is code."""
        self._memory = memory
        self._range = range(start or 0, end or 0)
        self._chunks: dict[int, bytes | None] = {}

    def holds(self, one: MemoryRange) -> bool:
        """Whether all of `one` is kernel code."""
        return (
            one.space is Space.KERNEL
            and one.address in self._range
            and one.address + one.size <= self._range.stop
        )

    def read(self, one: MemoryRange, view: View) -> bytes | None:
        """The bytes of `one`, read by way of `view`; None where not all are there."""
        chunks = range(one.address & -_CHUNK, one.address + one.size, _CHUNK)
        missing = [chunk for chunk in chunks if chunk not in self._chunks]
        if missing:
            ranges = [MemoryRange(Space.KERNEL, chunk, _CHUNK) for chunk in missing]
            self._chunks.update(zip(missing, self._memory.read(view, ranges), strict=True))
        parts = [self._chunks[chunk] for chunk in chunks]
        if None in parts:
            return None
        start = one.address % _CHUNK
        return b"".join(filter(None, parts))[start : start + one.size]

    def forget(self) -> None:
        """It may have been patched."""
        self._chunks.clear()
