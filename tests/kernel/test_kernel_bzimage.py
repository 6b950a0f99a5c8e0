"""Compressed kernels: unpacked in every format, named by System.map, hostile ones refused."""

import gzip
import lzma
import random
import struct
import time
from pathlib import Path

import pytest
from kernel_files import FORMATS, PAYLOAD, bzimage, stripped, system_map

from systui import minikernel
from systui.kernel import cache, kallsyms
from systui.kernel.elf import File
from systui.kernel.image import Image
from systui.kernel.opening import open_kernel
from systui.model.errors import BadInputError

_SECONDS = 20
"""CPU time that no file may cost."""


def _kernel(folder: Path, content: bytes) -> Path:
    path = folder / "bzImage"
    path.write_bytes(content)
    return path


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "System.map"
    path.write_text(system_map())
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_unpacks_each_format(name: str, tmp_path: Path, names: Path) -> None:
    path = _kernel(tmp_path, bzimage(FORMATS[name](stripped())))
    image = open_kernel(path, names)
    whole = Image.open(minikernel.path())
    assert image.path == path
    assert image.build_id == whole.build_id
    assert {each.name: each.address for each in image.symbols()} == {
        each.name: each.address for each in whole.symbols()
    }
    start = whole.segments[0]
    assert image.read(start.vaddr, start.file_size) == whole.read(start.vaddr, start.file_size)


def test_a_vmlinux_without_symbols_takes_them_from_system_map(tmp_path: Path, names: Path) -> None:
    image = open_kernel(_kernel(tmp_path, stripped()), names)
    entry = image.symbol("entry_SYSCALL_64")
    whole = Image.open(minikernel.path()).symbol("entry_SYSCALL_64")
    assert entry is not None
    assert whole is not None
    assert entry.address == whole.address
    assert entry.size > 0


def test_without_symbols_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _kernel(tmp_path, bzimage(gzip.compress(stripped())))
    with pytest.raises(BadInputError, match="with --symbols"):
        open_kernel(path)
    monkeypatch.setattr(kallsyms, "find_spec", lambda _name: None)
    with pytest.raises(BadInputError, match="install vmlinux-to-elf"):
        open_kernel(path)


def test_a_running_kernels_list_is_moved_back(tmp_path: Path, names: Path) -> None:
    """KASLR moves all that lies in the kernel's half; per-CPU offsets stay."""
    slide = 0x1A00_0000
    moved = []
    for line in names.read_text().splitlines():
        address, kind, name = line.split()
        at = int(address, 16)
        moved.append(f"{at + slide if at >> 63 else at:016x} {kind} {name}\n")
    start = Image.open(minikernel.path()).segments[0].vaddr
    moved += [f"{start + slide:016x} T _text\n", "ffffffffc0000000 t init_module\t[ext4]\n"]
    names.write_text("".join(moved))
    image = open_kernel(_kernel(tmp_path, stripped()), names)
    whole = Image.open(minikernel.path())
    for name in ("entry_SYSCALL_64", "cpu_tss_rw", "init_task"):
        ours, theirs = image.symbol(name), whole.symbol(name)
        assert ours is not None
        assert theirs is not None
        assert ours.address == theirs.address
    assert image.symbol("init_module") is None


def test_another_kernels_system_map_is_refused(tmp_path: Path, names: Path) -> None:
    entry = Image.open(minikernel.path()).symbol("entry_SYSCALL_64")
    assert entry is not None
    with names.open("a") as stream:
        stream.write(f"{entry.address:016x} D linux_banner\n")
    with pytest.raises(BadInputError, match="another kernel"):
        open_kernel(_kernel(tmp_path, stripped()), names)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing here\n", ":1: is not `address type name`"),
        ("ffffffff81000000 T _text\n\x00\x01", ":2: is not `address type name`"),
        ("0000000000000000 T _text\n", "lists no addresses"),
        ("", "lists no addresses"),
    ],
    ids=["words", "binary", "hidden", "empty"],
)
def test_what_is_no_system_map(text: str, said: str, tmp_path: Path) -> None:
    names = tmp_path / "System.map"
    names.write_text(text)
    with pytest.raises(BadInputError, match=said):
        open_kernel(minikernel.path(), names)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bzimage(gzip.compress(bytes(1 << 29), 1)), "larger than systui unpacks"),
        (bzimage(b"\x89LZO\0\r\n\x1a\n" + bytes(64)), "compressed with LZO"),
        (bzimage(b"no format of any kind"), "damaged"),
        (bzimage(b""), "damaged"),
        (bzimage(FORMATS["gzip"](b"no ELF image")), "not an ELF"),
        (bzimage(gzip.compress(stripped()), version=0x207), "Linux 2.6.26"),
        (bzimage(FORMATS["lz4"](stripped())[:-4] + bytes(4)), "damaged"),
        (
            bzimage(
                lzma.compress(stripped(), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
                + struct.pack("<I", len(stripped()))
            ),
            "damaged",
        ),
    ],
    ids=["bomb", "LZO", "unknown", "empty", "no-ELF", "old", "wrong-size", "huge-dictionary"],
)
def test_a_kernel_that_cannot_be_unpacked(
    content: bytes, said: str, tmp_path: Path, names: Path
) -> None:
    began = time.process_time()
    with pytest.raises(BadInputError, match=said):
        open_kernel(_kernel(tmp_path, content), names)
    assert time.process_time() - began < _SECONDS


@pytest.mark.parametrize("name", FORMATS)
def test_a_payload_that_lies_outside_or_is_cut_short(
    name: str, tmp_path: Path, names: Path
) -> None:
    whole = bzimage(FORMATS[name](stripped()))
    for size in (0x200, 0x260, 0x270, PAYLOAD, PAYLOAD + 3, len(whole) // 2, len(whole) - 1):
        with pytest.raises(BadInputError):
            open_kernel(_kernel(tmp_path, whole[:size]), names)
    for offset, length in ((0xFFFF_FFFF, 16), (16, 0xFFFF_FFFF), (0xFFFF_FFF0, 0xFFFF_FFF0)):
        damaged = bytearray(whole)
        struct.pack_into("<II", damaged, 0x248, offset, length)
        with pytest.raises(BadInputError):
            open_kernel(_kernel(tmp_path, bytes(damaged)), names)


@pytest.mark.parametrize("name", FORMATS)
def test_damage_at_random(name: str, tmp_path: Path, names: Path) -> None:
    """Refused, or what comes out is looked at no more trustingly than any other ELF file."""
    chance = random.Random(name)
    whole = bzimage(FORMATS[name](stripped()))
    began = time.process_time()
    for _ in range(25):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            damaged[chance.randrange(PAYLOAD, len(damaged))] = chance.randrange(256)
        try:
            open_kernel(_kernel(tmp_path, bytes(damaged)), names).symbols()
        except BadInputError:
            continue
    assert time.process_time() - began < _SECONDS


# --- the cache ---------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "cache"
    monkeypatch.setattr(cache, "folder", lambda: place)
    return place


def test_what_is_kept_is_made_once(folder: Path) -> None:
    made = []

    def make() -> bytes:
        made.append(1)
        return b"content"

    assert cache.kept("name", (b"one",), make) == b"content"
    assert cache.kept("name", (b"one",), make) == b"content"
    assert len(made) == 1
    assert cache.kept("name", (b"another",), make) == b"content"
    assert len(made) == 2
    assert [each.name for each in folder.iterdir()] == ["name"]


def test_a_damaged_file_is_as_good_as_none(folder: Path) -> None:
    cache.kept("name", (b"one",), lambda: b"content" * 100)
    path = folder / "name"
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], whole[:40], whole + b"x", whole[:60] + b"?" + whole[61:]):
        path.write_bytes(damaged)
        assert cache.kept("name", (b"one",), lambda: b"anew") == b"anew"


@pytest.mark.parametrize("name", ["a/b", "x" * 5000])
def test_where_nothing_can_be_kept_all_is_made_anew(folder: Path, name: str) -> None:
    folder.mkdir()
    assert cache.kept(name, (), lambda: b"content") == b"content"


def test_old_files_go(folder: Path) -> None:
    for number in range(60):
        cache.kept(f"{number}", (), lambda: b"content")
    assert len(list(folder.iterdir())) == 48


def test_a_large_symbol_table_is_the_same_from_the_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("systui.kernel.image._LARGE_TABLE", 0)
    first, again = (Image.open(minikernel.path()) for _ in range(2))
    plain = Image(File(minikernel.path()))
    for image in (first, again):
        assert list(image.symbols()) == list(plain.symbols())
        for symbol in plain.symbols():
            assert image.symbol(symbol.name) == plain.symbol(symbol.name)
            assert image.locate(symbol.address) == plain.locate(symbol.address)
    assert len(list(folder.iterdir())) == 1
