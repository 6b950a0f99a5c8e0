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

__all__ = ["CompressionParameter", "ZstdCompressor", "ZstdDecompressor", "ZstdError", "unpacker"]


def unpacker(window_log: int) -> ZstdDecompressor:
    """What unpacks one frame; ZstdError from it where that takes a larger window.

    `window_log`: how far back a frame may repeat itself, in bytes as a power of two.
    """
    return ZstdDecompressor(options={DecompressionParameter.window_log_max: window_log})
