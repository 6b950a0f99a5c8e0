"""Reading a recording's bytes: lines by place, from plain and compressed files alike."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from systui.model.errors import BadInputError
from systui.target.recorded.format import (
    LARGEST_SCAN,
    LARGEST_SEGMENT,
    LONGEST_LINE,
    DamageError,
    integer,
    load,
    pairs,
)
from systui.target.recorded.sink import FIRST, TRAILER, TRAILER_MAGIC, TRAILER_MARK, ZSTD_MAGIC
from systui.words import _

if TYPE_CHECKING:
    from systui.kernel.zstd import ZstdDecompressor

_LARGEST_WINDOW = 23
"""By its power of two: 8 MB."""
_USUAL = 1 << 17
"""Bytes that are read, and unpacked, at once: most frames are no larger."""
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)


class Container(Protocol):
    """An opened recording."""

    def lines(self, offset: int, end: int | None = None) -> Iterator[bytes]:
        """Lines from the chunk at `offset` on; they end with the chunk, at `end`, or later."""

    def content(self, offset: int, end: int | None = None) -> bytes:
        """The same in one piece, as far as it can be had and is of a decent size."""

    def scan(self) -> Iterator[tuple[int, bytes]]:
        """All lines with the offsets by which `lines` finds them or the chunk they are in."""

    def index(self) -> int | None:
        """Where the index begins; None where the file was not ended properly."""

    def close(self) -> None:
        """Let the file go."""


def open_container(path: Path) -> Container:
    """Open `path`; BadInputError where it cannot be read or is no recording."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        file = os.fdopen(descriptor, "rb")
        if not path.is_file():
            file.close()
            raise BadInputError(_("{path}: not a file").format(path=path))
        start = file.read(len(FIRST))
    except OSError as error:
        raise BadInputError(
            _("{path}: cannot be read: {why}").format(path=path, why=error.strerror or error)
        ) from error
    if start.startswith(ZSTD_MAGIC):
        return Packed(file)
    if start == FIRST:
        return Plain(file)
    file.close()
    raise BadInputError(
        _("{path}: not a systui recording; --record FILE makes one").format(path=path)
    )


class Plain:
    """JSON Lines as they are; a chunk ends nowhere."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def lines(self, offset: int, end: int | None = None) -> Iterator[bytes]:
        """Whole lines from `offset`; they end before one that is too long."""
        file = self._file
        while end is None or offset < end:
            file.seek(offset)
            line = file.readline(LONGEST_LINE + 1)
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            yield line

    def content(self, offset: int, end: int | None = None) -> bytes:
        """Bytes from `offset` to `end`, as many as a segment may have."""
        size = LARGEST_SEGMENT if end is None else min(end - offset, LARGEST_SEGMENT)
        self._file.seek(offset)
        return self._file.read(size)

    def scan(self) -> Iterator[tuple[int, bytes]]:
        """All whole lines with their offsets."""
        at = 0
        for line in self.lines(0):
            yield at, line
            at += len(line)
            if at > LARGEST_SCAN:
                return

    def index(self) -> int | None:
        """As the last line says."""
        size = self._file.seek(0, os.SEEK_END)
        start = max(size - 256, 0)
        self._file.seek(start)
        tail = self._file.read(256)
        if not tail.endswith(b"\n"):
            return None
        last = tail[:-1].rpartition(b"\n")[2]
        if not last.startswith(b'{"end":'):
            return None
        try:
            return integer(pairs(load(last).get("end")).get("index"), size)
        except DamageError:
            return None

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


class Packed:
    """zstd frames, each a chunk."""

    def __init__(self, file: BinaryIO) -> None:
        from systui.kernel import zstd

        self._file = file
        self._zstd = zstd

    def lines(self, offset: int, end: int | None = None) -> Iterator[bytes]:
        """The frame's whole lines, as far as it is sound and of a decent size."""
        return self._lines(offset, end, [])

    def content(self, offset: int, end: int | None = None) -> bytes:
        """The frame unpacked, as far as it is sound and of a decent size."""
        whole = None if end is None or end - offset > _USUAL else self._whole(offset, end)
        if whole is not None:
            return whole
        pieces, left = [], LARGEST_SEGMENT
        for data in self._frame(offset, end, []):
            pieces.append(data[:left])
            left -= len(data)
            if left < 0:
                break
        return b"".join(pieces)

    def _whole(self, offset: int, end: int) -> bytes | None:
        """The frame from `offset` to `end` unpacked; None where it is no usual, sound one."""
        unpacker = self._unpacker()
        try:
            data = unpacker.decompress(os.pread(self._file.fileno(), end - offset, offset), _USUAL)
        except self._zstd.ZstdError:
            return None
        return data if unpacker.eof else None

    def _unpacker(self) -> "ZstdDecompressor":
        return self._zstd.unpacker(_LARGEST_WINDOW)

    def _lines(self, offset: int, end: int | None, ends: list[int]) -> Iterator[bytes]:
        """The same lines; `ends` takes in where the frame ended, if it did."""
        rest = b""
        total = 0
        for data in self._frame(offset, end, ends):
            total += len(data)
            rest += data
            if len(rest) > LONGEST_LINE and b"\n" not in rest:
                return
            *whole, rest = rest.split(b"\n")
            for line in whole:
                yield line + b"\n"
            if total > LARGEST_SEGMENT:
                return

    def _frame(self, offset: int, end: int | None, ends: list[int]) -> Iterator[bytes]:
        """The frame's content in pieces."""
        # One for each frame: a scan and a segment's reading take turns.
        frame = self._unpacker()
        at = offset
        while not frame.eof and (not frame.needs_input or end is None or at < end):
            bite = os.pread(self._file.fileno(), _USUAL, at) if frame.needs_input else b""
            if frame.needs_input and not bite:
                return
            try:
                data = frame.decompress(bite, _USUAL)
            except self._zstd.ZstdError:
                return
            at += len(bite)
            if data:
                yield data
        ends.append(at - len(frame.unused_data))

    def scan(self) -> Iterator[tuple[int, bytes]]:
        """All lines of all frames, each with its frame's offset."""
        at, total = 0, 0
        while at >= 0:
            at = self._skip(at)
            ends: list[int] = []
            for line in self._lines(at, None, ends):
                total += len(line)
                if total > LARGEST_SCAN:
                    return
                yield at, line
            if not ends or ends[0] <= at:
                return
            at = ends[0]

    def _skip(self, at: int) -> int:
        """Past skippable frames."""
        while True:
            self._file.seek(at)
            head = self._file.read(8)
            if len(head) < 8 or int.from_bytes(head[:4], "little") not in _SKIPPABLE:
                return at
            at += 8 + int.from_bytes(head[4:], "little")

    def index(self) -> int | None:
        """As the skippable frame at the end says."""
        size = self._file.seek(0, os.SEEK_END)
        if size < TRAILER.size:
            return None
        self._file.seek(size - TRAILER.size)
        magic, _length, mark, offset = TRAILER.unpack(self._file.read(TRAILER.size))
        return offset if (magic, mark) == (TRAILER_MAGIC, TRAILER_MARK) and offset < size else None

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
