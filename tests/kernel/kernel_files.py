"""Kernels as they are shipped, made of the bundled one: stripped, compressed, listed."""

import bz2
import functools
import gzip
import lzma
import struct
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from lz4 import block

from systui import minikernel
from systui.kernel.image import Image
from systui.kernel.zstd import ZstdCompressor

_SETUP_SECTORS, _SECTOR = 4, 512
PAYLOAD = (_SETUP_SECTORS + 1) * _SECTOR + 16
"""Where `bzimage` puts the compressed kernel."""


@functools.cache
def stripped() -> bytes:
    """The bundled kernel as `objcopy -S` leaves it."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["objcopy", "-S", minikernel.path(), out.name], check=True)
        return Path(out.name).read_bytes()


def _zstd(data: bytes) -> bytes:
    return ZstdCompressor().compress(data, ZstdCompressor.FLUSH_FRAME)


def _lz4(data: bytes) -> bytes:
    """lz4's legacy format: blocks of 8 MiB after a magic number."""
    packed = b"\x02\x21\x4c\x18"
    for at in range(0, len(data), 1 << 23):
        piece = block.compress(data[at : at + (1 << 23)], store_size=False)
        packed += struct.pack("<I", len(piece)) + piece
    return packed


def _sized(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda data: pack(data) + struct.pack("<I", len(data))


FORMATS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": _sized(bz2.compress),
    "lzma": _sized(functools.partial(lzma.compress, format=lzma.FORMAT_ALONE)),
    "xz": _sized(functools.partial(lzma.compress, check=lzma.CHECK_CRC32)),
    "zstd": _sized(_zstd),
    "lz4": _sized(_lz4),
}
"""The kernel's formats by name; all but gzip, which has it, get the size appended."""


def bzimage(payload: bytes, version: int = 0x20F) -> bytes:
    """A boot loader's file around a compressed kernel (Documentation/arch/x86/boot.rst)."""
    header = bytearray(PAYLOAD)
    header[0x1F1] = _SETUP_SECTORS
    struct.pack_into("<H4sH", header, 0x1FE, 0xAA55, b"\xebfHd", 0)
    struct.pack_into("<4sH", header, 0x202, b"HdrS", version)
    struct.pack_into("<II", header, 0x248, 16, len(payload))
    return bytes(header) + payload


def system_map() -> str:
    """What nm says of the bundled kernel."""
    symbols = Image.open(minikernel.path()).symbols()
    return "".join(f"{each.address:016x} T {each.name}\n" for each in symbols)
