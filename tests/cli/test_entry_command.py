"""`systui entry`, as a user types it."""

import json
import subprocess
from pathlib import Path

import pytest

from systui import minikernel
from systui.cli import main


def test_the_bundled_kernel_is_mapped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["entry"]) == 0
    text = capsys.readouterr().out
    for part in ("entry_SYSCALL_64", "do_syscall_64", "syscall_return_via_sysret", "iretq"):
        assert part in text
    assert "[sysret_check]" in text
    assert "bad number" in text


@pytest.mark.parametrize(
    ("era", "call"),
    [("3.10", "*sys_call_table(, %rax, 8)"), ("3.18-i386", "*sys_call_table(, %eax, 4)")],
)
def test_the_call_through_the_table_names_it(
    era: str, call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["entry", "--era", era]) == 0
    text = capsys.readouterr().out
    assert call in text
    assert "*-0x" not in text


def _blocks(line: str) -> list[str]:
    """Of a line, what no name is in: arrows, offsets, counts, sizes, landmarks."""
    return [word for word in line.split() if not any(map(str.isalpha, word)) or word[0] == "["]


def test_one_way_in_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["entry", "--abi", "64", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    flow = json.loads(line)
    assert flow["abi"] == "64"
    assert flow["parts"][0]["name"] == "entry_SYSCALL_64"
    marks = {mark for part in flow["parts"] for block in part["blocks"] for mark in block["marks"]}
    assert {"entry", "dispatch", "sysret", "iret"} <= marks


def test_kallsyms_text_names_a_stripped_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stripped, names = tmp_path / "vmlinux", tmp_path / "kallsyms"
    subprocess.run(["strip", "-s", "-o", stripped, minikernel.path()], check=True)
    listed = subprocess.run(["nm", minikernel.path()], capture_output=True, text=True, check=True)
    names.write_text(listed.stdout + "ffffffffc0000000 t helper\t[module]\n", encoding="ascii")
    assert main(["entry", "--abi", "64"]) == 0
    own = capsys.readouterr().out
    assert main(["entry", "--kernel", str(stripped), "--symbols", str(names), "--abi", "64"]) == 0
    named = capsys.readouterr().out  # of two names for one address a list prefers the global one
    assert [_blocks(line) for line in named.splitlines()] == [
        _blocks(line) for line in own.splitlines()
    ]
    assert "syscall_return_via_sysret" in named


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--symbols", "/etc/passwd"], "say which with --kernel"),
        (["--kernel", "/nowhere"], "/nowhere"),
        (["--kernel", "/etc/passwd"], "/etc/passwd"),
        (["--kernel", str(Path(minikernel.path()).parent.parent / "examples" / "accept_43")], ":"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["entry", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1
