"""The bytes of a file as an immutable value."""

from typing import Protocol

from systui.services.state import Map

BLOCK = 1024
"""Bytes in one block; a small write keeps this much of the old file alive per snapshot."""
_ZERO = bytes(BLOCK)


class Source(Protocol):
    """Bytes that come from elsewhere and stay the same, such as a host file."""

    def read(self, offset: int, size: int) -> bytes:
        """Bytes from `offset`, short only at the end."""


class BytesSource:
    """Bytes held in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, offset: int, size: int) -> bytes:
        """Bytes from `offset`, short at the end."""
        return self._data[offset : offset + size]


class Content:
    """`size` bytes: written blocks over a source, zeros elsewhere. Changing makes a new value."""

    __slots__ = ("_blocks", "_source", "_source_size", "size")

    def __init__(
        self,
        size: int = 0,
        blocks: Map[int, bytes] | None = None,
        source: Source | None = None,
        source_size: int = 0,
    ) -> None:
        self.size = size
        self._blocks: Map[int, bytes] = Map() if blocks is None else blocks
        self._source = source
        self._source_size = source_size

    @classmethod
    def of(cls, data: bytes) -> "Content":
        """The content that is `data`."""
        return cls(len(data), source=BytesSource(data), source_size=len(data))

    @classmethod
    def over(cls, source: Source, size: int) -> "Content":
        """The first `size` bytes of `source`, read when they are needed."""
        return cls(size, source=source, source_size=size)

    @property
    def owned(self) -> int:
        """Bytes held in written blocks: what counts against the overlay's limit."""
        return len(self._blocks) * BLOCK

    def _from_source(self, offset: int, size: int) -> bytes:
        if self._source is None or offset >= self._source_size:
            return bytes(size)
        data = self._source.read(offset, min(size, self._source_size - offset))
        return data + bytes(size - len(data))

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from `offset`; fewer at the end."""
        size = min(size, self.size - offset)
        if size <= 0:
            return b""
        if not len(self._blocks):
            return self._from_source(offset, size)
        first, last = offset // BLOCK, (offset + size - 1) // BLOCK
        data = b"".join([self._block(index) for index in range(first, last + 1)])
        start = offset - first * BLOCK
        return data[start : start + size]

    def _block(self, index: int) -> bytes:
        return self._blocks.get(index) or self._from_source(index * BLOCK, BLOCK)

    def write(self, offset: int, data: bytes) -> "Content":
        """With `data` at `offset`, grown where it reaches beyond the end."""
        if not data:
            return self
        blocks = self._blocks
        for index in range(offset // BLOCK, (offset + len(data) - 1) // BLOCK + 1):
            start = index * BLOCK
            low, high = max(offset, start), min(offset + len(data), start + BLOCK)
            old = b"" if high - low == BLOCK else self._block(index)
            piece = data[low - offset : high - offset]
            blocks = blocks.set(index, old[: low - start] + piece + old[high - start :])
        size = max(self.size, offset + len(data))
        return Content(size, blocks, self._source, self._source_size)

    def truncate(self, size: int) -> "Content":
        """Cut or filled with zeros to `size` bytes."""
        blocks = self._blocks
        if size < self.size:
            for index in list(blocks):
                if index * BLOCK >= size:
                    blocks = blocks.drop(index)
            cut = size % BLOCK
            if cut and (old := blocks.get(size // BLOCK)) is not None:
                blocks = blocks.set(size // BLOCK, old[:cut] + _ZERO[cut:])
        return Content(size, blocks, self._source, min(self._source_size, size))
