"""What `systui boot` refuses before a guest is started."""

from pathlib import Path

import pytest

from systui.cli import main
from systui.examples import path as example
from systui.minikernel.eras import TODAY

ACCEPT = str(example("accept_43"))
KERNEL = str(TODAY.path)
"""An ELF file with symbols; no guest is started from it here."""


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["boot", "--vmlinux", KERNEL, "--headless", "--follow", "43", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_a_dynamic_program_without_its_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "--kernel", KERNEL, "--program", "/bin/ls")
    assert "/bin/ls: is dynamically linked" in said
    assert "--rootfs" in said


def test_a_directory_without_its_libraries(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = refused(capsys, "--kernel", KERNEL, "--program", "/bin/ls", "--rootfs", str(tmp_path))
    assert "/bin/ls: needs /lib64/ld-linux-x86-64.so.2, which" in said


def test_a_file_that_is_no_kernel(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = tmp_path / "notes"
    text.write_text("not a kernel")
    said = refused(capsys, "--kernel", str(text), "--program", ACCEPT)
    assert f"{text}: is no kernel that boots" in said
