"""Writing a recording's bytes: each line is the system's before the next one is made."""

import fcntl
import os
import stat
import struct
from importlib import import_module
from pathlib import Path

from systui.model.errors import BadInputError, unwritable
from systui.words import _

SUFFIX = ".zst"
FIRST = b'{"systui":"recording"'
TRAILER = struct.Struct("<II8sQ")
"""A skippable frame (RFC 8878, 3.1.2): magic, size, `SYSTUIIX`, where the index's frame begins."""
TRAILER_MAGIC, TRAILER_MARK = 0x184D2A50, b"SYSTUIIX"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_LEVEL, _WINDOW_LOG, _TABLE_LOG = 3, 17, 14
"""Tables of 64 KB find as much as the level's own, and leave the CPU's cache to others."""
_STANDARD_OUTPUT = Path("-")
"""What means standard output elsewhere, and would be a file of that name here."""
_BEGINNING = 1 << 14
"""Bytes in which a file says what it is."""


class Packer:
    """Makes zstd frames in which every line ends a block: it can be read as soon as it is out."""

    def __init__(self) -> None:
        from systui.kernel.zstd import CompressionParameter, ZstdCompressor

        options: dict[int, int] = {
            CompressionParameter.compression_level: _LEVEL,
            CompressionParameter.window_log: _WINDOW_LOG,
            CompressionParameter.hash_log: _TABLE_LOG,
            CompressionParameter.chain_log: _TABLE_LOG,
            CompressionParameter.checksum_flag: 1,
        }
        self._compressor = ZstdCompressor(options=options)
        self._open = False

    def line(self, line: bytes) -> bytes:
        """`line` packed, in the frame that is open or in a new one."""
        self._open = True
        return self._compressor.compress(line, self._compressor.FLUSH_BLOCK)

    def end(self) -> bytes:
        """The end of the frame, where one is open."""
        was_open, self._open = self._open, False
        return self._compressor.flush(self._compressor.FLUSH_FRAME) if was_open else b""


class Sink:
    """One file being written, in chunks that can be read one without the other.

    In a compressed file a chunk is a frame and every line ends a block of it. All methods but
    `open` may raise OSError.
    """

    def __init__(self, descriptor: int, packed: bool) -> None:
        self._descriptor = descriptor
        self._packer = Packer() if packed else None
        self.offset = 0
        """Bytes written."""

    @classmethod
    def open(cls, path: Path) -> "Sink":
        """Begin the file at `path`; BadInputError.

        What is there already is replaced only where it is a recording or empty, and nobody writes
        to it now. Nobody is waited for, as at a pipe without a reader.
        """
        descriptor = _taken(path)
        try:
            os.ftruncate(descriptor, 0)
        except OSError as error:
            os.close(descriptor)
            raise unwritable(path, error) from error
        return cls(descriptor, path.name.endswith(SUFFIX))

    def begin_chunk(self) -> int:
        """End the chunk before; returns where the new one begins."""
        self._end_frame()
        return self.offset

    def write(self, line: bytes) -> None:
        """Put out one line or several whole ones."""
        self._put(line if self._packer is None else self._packer.line(line))

    def finish(self, index: int, line: bytes) -> None:
        """The last thing: where the index begins, by a frame of its own or by `line`."""
        self._end_frame()
        if self._packer is None:
            self._put(line)
        else:
            self._put(TRAILER.pack(TRAILER_MAGIC, TRAILER.size - 8, TRAILER_MARK, index))

    def close(self) -> None:
        """Let the file go; what was written stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _end_frame(self) -> None:
        if self._packer is not None:
            self._put(self._packer.end())

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = os.write(self._descriptor, view)
            self.offset += written
            view = view[written:]


def check(path: Path) -> None:
    """BadInputError where no recording can begin at `path`; nothing changes there."""
    there = os.path.lexists(path)
    os.close(_taken(path))
    if not there:
        path.unlink()


def _taken(path: Path) -> int:
    """A descriptor of the file at `path`, which nobody else may write to; BadInputError."""
    if path == _STANDARD_OUTPUT:
        raise BadInputError(_("{path}: a recording goes to a file: name one").format(path=path))
    how = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        descriptor = os.open(path, how, 0o644)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        _take(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _take(descriptor: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise BadInputError(_("{path}: not a file").format(path=path))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BadInputError(
            _("{path}: is being recorded to already: name another file").format(path=path)
        ) from error
    except OSError:
        pass  # a file system without locks
    if os.fstat(descriptor).st_size and not _is_recording(path):
        raise BadInputError(
            _("{path}: there is a file already that is no recording: name another one").format(
                path=path
            )
        )


def _is_recording(path: Path) -> bool:
    from systui.target.recorded.container import open_container

    try:
        container = open_container(path)
    except BadInputError:
        return False
    try:
        return container.content(0, _BEGINNING).startswith(FIRST)
    finally:
        container.close()


def load(path: Path) -> None:
    """Import what writing `path` takes."""
    if path.name.endswith(SUFFIX):
        import_module("systui.kernel.zstd")
