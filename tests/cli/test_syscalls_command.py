"""`systui syscalls`, as a user types it."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

import systui
from systui.cli import main

KERNEL = Path(systui.__file__).parent / "minikernel" / "minikernel.elf"


def test_one_row_by_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["syscalls", "43"]) == 0
    assert capsys.readouterr().out == (
        "43  common  accept  sys_accept"
        "  (int fd, struct sockaddr *upeer_sockaddr, int *upeer_addrlen)\n"
    )


def test_all_rows_whole_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["syscalls"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 420
    assert max(map(len, lines)) > 120
    assert lines[134].split()[:4] == ["134", "64", "uselib", "-"]
    assert lines[134].endswith("none: answers -ENOSYS")


def test_the_other_architecture(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["syscalls", "--arch", "i386", "socketcall"]) == 0
    out = capsys.readouterr().out
    assert out.split()[:4] == ["102", "i386", "socketcall", "sys_socketcall"]
    assert "(compat_sys_socketcall)" in out


def test_several_words_must_all_match(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["syscalls", "sockaddr", "accept"]) == 0
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()] == [
        "accept",
        "accept4",
    ]


def test_rows_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["syscalls", "--json", "--table", str(KERNEL), "43"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["number"] == 43
    assert row["name"] == "accept"
    assert row["arguments"][0] == {"type": "int", "name": "fd"}
    assert row["symbol"] == "__x64_sys_accept"
    assert int(row["slot"], 16) % 8 == 0
    assert int(row["address"], 16) > 0xFFFF_FFFF_8000_0000


def test_a_tbl_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "syscall_64.tbl"
    table.write_text("0 common read sys_read\n548 common homework sys_homework\n549 64 none\n")
    assert main(["syscalls", "--table", str(table), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["read", "homework", "none"]
    assert rows[1]["arguments"] is None
    assert rows[2]["entry"] is None
    assert main(["syscalls", "--table", str(table), "homework"]) == 0
    assert capsys.readouterr().out.split() == ["548", "common", "homework", "sys_homework", "?"]
    assert main(["syscalls", "--table", str(table), "--arch", "i386"]) == 2
    assert "is not a table of i386" in capsys.readouterr().err


def test_nothing_found_is_status_1_with_what_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["syscalls", "acept"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "systui: nothing matches 'acept'; near to it: accept, accept4, acct, creat\n"
    )
    assert main(["syscalls", "4711"]) == 1
    assert capsys.readouterr().err == "systui: nothing matches '4711'\n"


@pytest.mark.parametrize("name", ["missing", "folder", "empty", "text", "program"])
def test_a_bad_table_is_one_line_and_status_2(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    match name:
        case "folder":
            path.mkdir()
        case "empty":
            path.touch()
        case "text":
            path.write_text("Dear Sir or Madam\n")
        case "program":
            path = Path(sys.executable)
    assert main(["syscalls", "--table", str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("systui: ")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_lines_fit_the_terminal_under_a_heading(columns: int) -> None:
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    with subprocess.Popen(
        [sys.executable, "-c", "from systui.cli import main; main()", "syscalls", "accept"],
        stdout=terminal,
        env=environment | {"PYTHONPATH": str(KERNEL.parents[2]), "LC_ALL": "C.UTF-8"},
    ) as process:
        assert process.wait(30) == 0
    os.close(terminal)
    shown = os.read(controller, 65536).decode()
    os.close(controller)
    lines = shown.splitlines()
    assert len(lines) == 3
    assert lines[0].split()[:3] == ["number", "abi", "name"]
    assert max(map(len, lines)) <= columns
    assert ("sys_accept" in shown) == (columns == 200)
