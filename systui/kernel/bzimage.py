"""A compressed kernel (bzImage, vmlinuz): the ELF image that it carries, unpacked.

Source of facts: Documentation/arch/x86/boot.rst (the setup header: setup_sects, boot_flag, header,
version, payload_offset, payload_length), scripts/Makefile.lib (a payload ends with its unpacked
size), lib/decompress.c and lib/decompress_unlz4.c (what the formats begin with). The image is
stripped but has its sections, alternatives and notes.
"""

import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

from systui.kernel.elf import File
from systui.model.errors import BadInputError
from systui.words import _

_HEADER = 0x270
"""Bytes up to the end of what is read here of the setup header."""
_BOOT_FLAG, _MAGIC = 0xAA55, b"HdrS"
_WITH_PAYLOAD, _WITH_FLAGS = 0x208, 0x20C
_KERNEL_64 = 1
"""XLF_KERNEL_64 of xloadflags."""
_SECTOR = 512
_LARGEST_PAYLOAD = 1 << 27
_LARGEST = 1 << 28
"""Bytes of an unpacked kernel; a distribution's has 60 MB."""
_PIECE = 1 << 20
_LZ4_BLOCK = 1 << 23
"""Unpacked bytes of one block of lz4's legacy format."""
_MEMORY = 1 << 27
"""What a decompressor may take: the kernel's own dictionaries have 32 MiB at most."""


def is_bzimage(file: File) -> bool:
    """Whether `file` is a Linux kernel as boot loaders take it."""
    if file.size < _HEADER:
        return False
    header = file.read(0, _HEADER)
    (flag,) = struct.unpack_from("<H", header, 0x1FE)
    return bool(flag == _BOOT_FLAG) and header[0x202:0x206] == _MAGIC


def kernel_bits(path: Path) -> int | None:
    """Word size of the bzImage at `path`; None where it does not tell (before Linux 3.8).

    None for an ELF file, too, which QEMU boots where it has a note for that (PVH); BadInputError
    for what is neither.
    """
    file = File(path)
    try:
        if not is_bzimage(file):
            if file.is_elf:
                return None
            raise BadInputError(
                _("{path}: is no kernel that boots; name its bzImage or vmlinuz").format(path=path)
            )
        header = file.read(0, _HEADER)
    finally:
        file.close()
    version, flags = (struct.unpack_from("<H", header, at)[0] for at in (0x206, 0x236))
    if version < _WITH_FLAGS:
        return None
    return 64 if flags & _KERNEL_64 else 32


def unpacked(file: File) -> File:
    """The kernel in the bzImage `file`, in a file without a name; BadInputError.

    It keeps the path of `file`, which errors name.
    """
    payload = _payload(file)
    unpack = _format(file, payload)
    stream = tempfile.TemporaryFile(prefix="systui-", buffering=0)  # noqa: SIM115  kept by File
    try:
        size = _fill(file, stream, unpack(payload))
        if size.to_bytes(4, "little") != payload[-4:]:
            raise _damaged(file)
    except BaseException:
        stream.close()
        raise
    return File(file.path, stream)


def _payload(file: File) -> bytes:
    header = file.read(0, _HEADER)
    (version,) = struct.unpack_from("<H", header, 0x206)
    if version < _WITH_PAYLOAD:
        raise BadInputError(
            _(
                "{path}: was built before Linux 2.6.26 and does not say where its kernel lies; "
                "use its vmlinux"
            ).format(path=file.path)
        )
    offset, size = struct.unpack_from("<II", header, 0x248)
    if size > _LARGEST_PAYLOAD:
        raise _too_large(file)
    return file.read((header[0x1F1] or 4) * _SECTOR + _SECTOR + offset, size)


Unpack = Callable[[bytes], Iterator[bytes]]


def _format(file: File, payload: bytes) -> Unpack:
    for magic, name, unpack in _FORMATS:
        if payload.startswith(magic):
            if unpack is None:
                raise BadInputError(
                    _(
                        "{path}: is compressed with {format}, which systui does not read; "
                        "unpack it with the kernel's scripts/extract-vmlinux"
                    ).format(path=file.path, format=name)
                )
            return unpack
    raise _damaged(file)


def _fill(file: File, stream: IO[bytes], pieces: Iterator[bytes]) -> int:
    """Write `pieces`; returns how many bytes that were."""
    size = 0
    for piece in _guarded(file, pieces):
        size += len(piece)
        if size > _LARGEST:
            raise _too_large(file)
        try:
            stream.write(piece)
        except OSError as error:
            raise BadInputError(
                _("{path}: cannot be unpacked: {reason}").format(
                    path=file.path, reason=error.strerror
                )
            ) from error
    return size


def _guarded(file: File, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """`pieces`, whatever goes wrong in making them said in one way."""
    try:
        yield from pieces
    except Exception as error:
        # Each library has errors of its own, and all of them mean this.
        raise _damaged(file) from error


def _damaged(file: File) -> BadInputError:
    return BadInputError(
        _("{path}: the compressed kernel in it is damaged or cut short").format(path=file.path)
    )


def _too_large(file: File) -> BadInputError:
    return BadInputError(
        _("{path}: the compressed kernel in it is larger than systui unpacks").format(
            path=file.path
        )
    )


# --- formats -----------------------------------------------------------------------------------


def _gzip(payload: bytes) -> Iterator[bytes]:
    import zlib

    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    while payload and not unpacker.eof:
        yield unpacker.decompress(payload, _PIECE)
        payload = unpacker.unconsumed_tail
    _require(unpacker.eof)


def _bzip2(payload: bytes) -> Iterator[bytes]:
    import bz2

    yield from _stepwise(bz2.BZ2Decompressor(), payload)


def _lzma(payload: bytes) -> Iterator[bytes]:
    import lzma

    yield from _stepwise(lzma.LZMADecompressor(memlimit=_MEMORY), payload)


class _Stepwise(Protocol):
    """What Python's bz2, lzma and zstd share."""

    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _stepwise(unpacker: _Stepwise, payload: bytes) -> Iterator[bytes]:
    yield unpacker.decompress(payload, _PIECE)
    while not unpacker.eof:
        piece = unpacker.decompress(b"", _PIECE)
        _require(bool(piece) or unpacker.eof)
        yield piece


def _zstd(payload: bytes) -> Iterator[bytes]:
    from systui.kernel.zstd import unpacker

    yield from _stepwise(unpacker(_MEMORY.bit_length() - 1), payload[:-4])


def _lz4(payload: bytes) -> Iterator[bytes]:
    """Blocks, each after its size."""
    from lz4 import block

    at = 4
    while at < len(payload) - 4:
        (size,) = struct.unpack_from("<I", payload, at)
        at += 4
        _require(0 < size <= len(payload) - 4 - at)
        yield block.decompress(payload[at : at + size], uncompressed_size=_LZ4_BLOCK)
        at += size


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError


_FORMATS: tuple[tuple[bytes, str, Unpack | None], ...] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"BZh", "bzip2", _bzip2),
    (b"\x5d\0\0", "LZMA", _lzma),
    (b"\xfd7zXZ\0", "XZ", _lzma),
    (b"\x28\xb5\x2f\xfd", "Zstandard", _zstd),
    (b"\x02\x21\x4c\x18", "LZ4", _lz4),
    (b"\x89LZO\0\r\n\x1a\n", "LZO", None),
)
"""What a payload begins with, the format's name, and how it is unpacked."""
