"""`systui doctor`, with real tools, without any, and with tools that misbehave."""

import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from systui.cli import doctor, main


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    parts = json.loads(capsys.readouterr().out)["parts"]
    return {part["name"]: part for part in parts}


def test_what_is_installed_is_said_with_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    parts = report(capsys)
    assert parts["Python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    for name in ("textual", "unicorn", "capstone", "pygdbmi", "gcc"):
        assert parts[name]["version"][0].isdigit()


def test_the_report_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("systui ")
    assert "emulate   ready:" in out
    assert "unicorn" in out


def test_without_tools_one_line_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "apt install gdb qemu-system-x86 gcc\n" in out
    assert "emulate   ready:" in out


def test_without_its_packages_emulate_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    assert main(["doctor", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["targets"]["emulate"]["missing"] == ["unicorn", "capstone", "textual"]
    assert not data["targets"]["emulate"]["ready"]
    assert any("pip install" in line for line in data["install"])


def test_tools_that_misbehave_are_reported_and_do_not_hang(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (
        ("gdb", "#!/bin/sh\nexec sleep 60\n"),
        ("gcc", "#!/bin/sh\nexit 3\n"),
        ("qemu-system-i386", "#!/no/such/interpreter\n"),
        ("qemu-system-x86_64", "#!/bin/sh\nprintf 'QEMU \\377 version 7.2 (Debian 1:9.9)\\n'\n"),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(doctor, "_TIME_LIMIT", 0.5)
    assert main(["doctor", "--json"]) == 0
    parts = report(capsys)
    assert parts["gdb"]["version"] == "?"
    assert "does not answer" in parts["gdb"]["detail"]
    assert parts["gcc"]["version"] == "?"
    assert parts["qemu-system-i386"]["version"] is None
    assert parts["qemu-system-x86_64"]["version"] == "7.2"
