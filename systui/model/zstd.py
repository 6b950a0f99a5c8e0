"""Zstandard by its standard interface: Python's own from 3.14 on, before that a package's."""

import sys

if sys.version_info >= (3, 14):
    from compression.zstd import (
        CompressionParameter,
        DecompressionParameter,
        ZstdCompressor,
        ZstdDecompressor,
        ZstdError,
    )
else:
    from backports.zstd import (
        CompressionParameter,
        DecompressionParameter,
        ZstdCompressor,
        ZstdDecompressor,
        ZstdError,
    )

__all__ = ["Packer", "ZstdCompressor", "ZstdDecompressor", "ZstdError", "unpacker"]


class Packer:
    """Makes zstd frames in which every piece ends a block: it can be read as soon as it is out."""

    def __init__(self, level: int, window_log: int, table_log: int) -> None:
        """`window_log`: how far back a frame repeats itself, in bytes as a power of two.

        `table_log`: entries of the tables by which that is found, likewise.
        """
        self._compressor = ZstdCompressor(
            options={
                CompressionParameter.compression_level: level,
                CompressionParameter.window_log: window_log,
                CompressionParameter.hash_log: table_log,
                CompressionParameter.chain_log: table_log,
                CompressionParameter.checksum_flag: 1,
            }
        )
        self._open = False

    def piece(self, data: bytes) -> bytes:
        """`data` packed, in the frame that is open or in a new one."""
        self._open = True
        return self._compressor.compress(data, ZstdCompressor.FLUSH_BLOCK)

    def end(self) -> bytes:
        """The end of the frame, where one is open."""
        was_open, self._open = self._open, False
        return self._compressor.flush(ZstdCompressor.FLUSH_FRAME) if was_open else b""


def unpacker(window_log: int) -> ZstdDecompressor:
    """What unpacks one frame; ZstdError from it where that takes a larger window."""
    return ZstdDecompressor(options={DecompressionParameter.window_log_max: window_log})
