"""The command line apart from what commands do."""

import subprocess
import sys

import pytest

from systui import __version__
from systui.cli import main
from systui.cli.parser import split_program

VALUED = {"--follow": True, "--json": False, "-h": False}


@pytest.mark.parametrize(
    ("line", "ours", "program"),
    [
        ("prog", "-- prog", ""),
        ("prog a --follow b", "-- prog", "a --follow b"),
        ("--follow 43 --json prog -x -- y", "--follow 43 --json -- prog", "-x -- y"),
        ("--follow=43 prog", "--follow=43 -- prog", ""),
        ("--json -- -prog -- x", "--json -- -prog", "-- x"),
        ("--follow", "--follow", ""),
        ("--", "--", ""),
        ("", "", ""),
        ("--unknown prog x", "--unknown -- prog", "x"),
    ],
)
def test_options_stand_before_program(line: str, ours: str, program: str) -> None:
    assert split_program(line.split(), VALUED) == (ours.split(), program.split())


def test_without_a_command_help_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "emulate" in capsys.readouterr().err


def test_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulat"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("systui: no command 'emulat'; there are emulate, ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("language", [["--lang", "zh"], ["--lang=zh"]])
def test_the_language_may_stand_before_the_command(
    language: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*language, "replay", "/nowhere", "--headless"]) == 2
    before = capsys.readouterr().err
    assert main(["replay", "/nowhere", "--headless", *language]) == 2
    assert capsys.readouterr().err == before
    assert not before.isascii()
    assert main(language) == 2
    assert "emulate" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"systui {__version__}\n"


def test_unknown_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--frob"]) == 2
    assert capsys.readouterr().err == "systui: unknown option --frob\n"


HEAVY = ("textual", "rich", "unicorn", "capstone", "elftools", "pygdbmi", "asyncio")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["emulate", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom systui.cli import main\n"
        f"main({arguments!r})\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "systui" in ran.stdout
    assert ran.stderr.strip() == ""
