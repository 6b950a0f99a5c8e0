"""A frame's content is the same however the frame was packed, and never more than is decent."""

import resource
from pathlib import Path

import pytest

from systui.kernel.zstd import ZstdCompressor
from systui.target.recorded.container import Packed, open_container
from systui.target.recorded.format import LARGEST_SEGMENT

SMALL = b'{"key":0}\n' * 300
LARGE = b"".join(b'{"r":{"rip":"%x"}}\n' % (each * 7919) for each in range(20_000))


def _streamed(data: bytes) -> bytes:
    packer = ZstdCompressor()
    return packer.compress(data) + packer.flush()


def _at_once(data: bytes) -> bytes:
    return ZstdCompressor().compress(data, ZstdCompressor.FLUSH_FRAME)


def _packed(tmp_path: Path, *frames: bytes) -> Packed:
    path = tmp_path / "packed.jsonl.zst"
    path.write_bytes(b"".join(frames))
    container = open_container(path)
    assert isinstance(container, Packed)
    return container


@pytest.mark.parametrize("data", [SMALL, LARGE, b""], ids=["small", "large", "empty"])
@pytest.mark.parametrize("pack", [_streamed, _at_once], ids=["size untold", "told"])
def test_a_frame_among_others(tmp_path: Path, data: bytes, pack: object) -> None:
    assert callable(pack)
    first, second = _streamed(SMALL), pack(data)
    container = _packed(tmp_path, first, second, first)
    at, end = len(first), len(first) + len(second)
    assert container.content(at, end) == data
    assert container.content(0, at) == SMALL
    assert container.content(end) == SMALL
    container.close()


@pytest.mark.parametrize("size", [0, 1, 5, 40, -1])
def test_a_frame_cut_off(tmp_path: Path, size: int) -> None:
    frame = _streamed(LARGE)[:size]
    container = _packed(tmp_path, _streamed(SMALL), frame)
    start = len(_streamed(SMALL))
    assert LARGE.startswith(container.content(start, start + len(frame)))
    assert LARGE.startswith(container.content(start, start + len(frame) + 1000))
    container.close()


def test_what_a_frame_says_of_its_size_is_not_believed(tmp_path: Path) -> None:
    frame = bytearray(_at_once(bytes(1 << 17)))
    assert frame[4] >> 6 == 2  # four bytes of size stand behind the descriptor (RFC 8878, 3.1.1.1)
    frame[5:9] = (0xF000_0000).to_bytes(4, "little")
    container = _packed(tmp_path, bytes(frame))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(container.content(0, len(frame))) <= LARGEST_SEGMENT
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
    container.close()
