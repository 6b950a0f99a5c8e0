"""What a guest boots from: the image's format, and the first process that ships."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from systui.model.errors import BadInputError
from systui.target.gdb import guest
from systui.target.gdb.guest.initramfs import pack

FOLDER = Path(guest.__file__).parent
HEADER = 110


def members(image: bytes) -> dict[str, tuple[int, bytes]]:
    """Name to (mode, content), read as the kernel does: init/initramfs.c."""
    found: dict[str, tuple[int, bytes]] = {}
    at = 0
    while True:
        assert image[at : at + 6] == b"070701"
        fields = [int(image[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = image[at + HEADER : at + HEADER + name_size - 1].decode()
        at += HEADER + name_size + -(HEADER + name_size) % 4
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, image[at : at + size])
        at += size + -size % 4


def test_a_program_is_packed_with_what_starts_it(tmp_path: Path) -> None:
    program = tmp_path / "work"
    program.write_bytes(b"\x7fELF...")
    packed = members(pack(program, ["one", "two words"]))
    assert packed["work"] == (stat.S_IFREG | 0o755, b"\x7fELF...")
    assert packed[".systui"][1] == b"run\0/work\0one\0two words\0"
    assert packed[".systui-init"][1] == (FOLDER / "init").read_bytes()
    assert stat.S_ISCHR(packed["dev/console"][0])


def test_a_directory_is_packed_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "sbin").mkdir()
    (tmp_path / "sbin" / "init").write_text("#!/bin/sh\n")
    (tmp_path / "link").symlink_to("sbin/init")
    packed = members(pack(None, root=tmp_path))
    assert packed["link"][1] == b"sbin/init"
    assert stat.S_ISLNK(packed["link"][0])
    assert packed[".systui"][1] == b"become\0/sbin/init\0"
    assert list(packed).index("sbin") < list(packed).index("sbin/init")


def test_a_program_does_not_hide_a_file_of_the_directory(tmp_path: Path) -> None:
    root, program = tmp_path / "root", tmp_path / "etc"
    (root / "etc").mkdir(parents=True)
    program.write_bytes(b"program")
    packed = members(pack(program, root=root))
    assert stat.S_ISDIR(packed["etc"][0])
    assert packed["systui-program/etc"][1] == b"program"


def test_what_cannot_be_packed_is_said_in_one_line(tmp_path: Path) -> None:
    for arguments in (
        (tmp_path / "missing",),
        (None, (), tmp_path),
        (None, (), tmp_path / "missing"),
    ):
        with pytest.raises(BadInputError) as raised:
            pack(*arguments)
        assert "\n" not in str(raised.value)
    program = tmp_path / "p"
    program.touch()
    with pytest.raises(BadInputError, match="too long"):
        pack(program, ["x" * 40_000])


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_the_first_process_is_built_from_its_source(tmp_path: Path) -> None:
    for name in ("init.c", "Makefile"):
        shutil.copy(FOLDER / name, tmp_path)
    subprocess.run(["make", "-s", "-C", tmp_path, "all"], check=True, timeout=60)
    for built in ("init", "init32"):
        assert (tmp_path / built).read_bytes() == (FOLDER / built).read_bytes()
