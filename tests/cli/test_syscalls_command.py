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


def test_a_number_without_a_row_leads_somewhere_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["syscalls", "--where", "0x190"]) == 0
    inside = capsys.readouterr().out
    assert "sys_call_table + 400*8 = 0x" in inside
    assert "__x64_sys_ni_syscall" in inside
    assert main(["syscalls", "--where", "9999"]) == 0
    beyond = capsys.readouterr().out
    assert beyond.startswith("9999: sys_call_table has 471 slots, none for it")
    assert "+ 9999*8" not in beyond
    for each in (inside, beyond):
        assert each.rstrip().endswith("-38 ENOSYS")


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


def test_where_a_row_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    from systui.kernel.image import Image
    from systui.kernel.lines import Lines

    image = Image.open(KERNEL)
    table, handler = image.symbol("sys_call_table"), image.symbol("__x64_sys_accept")
    assert table is not None
    assert handler is not None
    source = Lines(image).at(handler.address)
    assert source is not None
    assert main(["syscalls", "43", "--where"]) == 0
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        "43 accept: the table's row names sys_accept",
        f"its slot: sys_call_table + 43*8 = {table.address + 43 * 8:#x}",
        f"its handler: __x64_sys_accept at {handler.address:#x}, "
        f"defined at {source.file}:{source.line}",
    ]
    assert main(["syscalls", "134", "--where", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["symbol"], row["implemented"]) == ("__x64_sys_ni_syscall", False)
    assert row["slot"] == f"{table.address + 134 * 8:#x}"


def test_where_a_row_of_the_compat_table_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["syscalls", "--arch", "i386", "--where", "102"]) == 0
    out = capsys.readouterr().out
    assert "ia32_sys_call_table + 102*8 = 0x" in out
    assert "__ia32_compat_sys_socketcall" in out


def test_where_a_row_of_a_tbl_comes_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tbl = tmp_path / "syscall_64.tbl"
    tbl.write_text("0\tcommon\tread\tsys_read\n1\tcommon\tgone\n", encoding="ascii")
    assert main(["syscalls", "--table", str(tbl), "--where"]) == 0
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        "0 read: the table's row names sys_read",
        "1 gone: the table's row names no handler",
        "the number is not implemented: the answer is -38 ENOSYS",
    ]


def test_slots_of_a_32_bit_kernel_are_four_bytes(tmp_path: Path) -> None:
    from systui.kernel.image import Image
    from systui.kernel.provenance import provenance
    from systui.kernel.syscalls import bundled

    source, image = tmp_path / "table.c", tmp_path / "table"
    source.write_text(
        "long sys_read(void) { return 0; }\nlong sys_ni_syscall(void) { return -38; }\n"
        "void *sys_call_table[] = { sys_ni_syscall, sys_ni_syscall, sys_ni_syscall, sys_read };\n"
        "void _start(void) { }\n",
        encoding="ascii",
    )
    command = ["gcc", "-m32", "-g", "-static", "-no-pie", "-fno-pie", "-nostdlib"]
    subprocess.run([*command, "-o", image, source], check=True)
    kernel = Image.open(image)
    row = bundled("i386").by_number(3)
    assert row is not None
    found = provenance(row, kernel)
    table = kernel.symbol("sys_call_table")
    assert table is not None
    assert (found.word, found.slot) == (4, table.address + 3 * 4)
    assert found.symbol == "sys_read"
    assert not found.missing
    unimplemented = bundled("i386").by_number(1)
    assert unimplemented is not None
    assert provenance(unimplemented, kernel).missing
