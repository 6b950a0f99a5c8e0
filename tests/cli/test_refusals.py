"""Wrong command lines, in English and in Chinese: one line each, none of it argparse's."""

import argparse
from collections.abc import Iterator

import pytest

from systui import words
from systui.cli import main
from systui.cli.parser import Parser


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    words.use("en")


def parser() -> Parser:
    made = Parser(prog="it")
    made.add_argument("--number", type=int)
    made.add_argument("--kind", choices=("a", "b"))
    made.add_argument("--many", nargs="+")
    made.add_argument("--flag", action="store_true")
    group = made.add_mutually_exclusive_group(required=True)
    group.add_argument("--yes", action="store_true")
    group.add_argument("--no", action="store_true")
    made.add_argument("file")
    return made


WRONG = (
    (["--yes"], "these arguments are missing: file", "缺少这些参数"),
    (["f"], "one of these arguments is needed: --yes --no", "需要这些参数之一"),
    (["--yes", "f", "g"], "unknown arguments: g", "不认识的参数"),
    (["--yes", "--no", "f"], "argument --no: does not go with argument --yes", "不能与"),
    (["--yes", "--number", "x", "f"], "argument --number: 'x' does not fit", "不合适"),
    (["--yes", "--kind", "c", "f"], "argument --kind: 'c' is not one of ", "之中"),
    (["--yes", "f", "--kind"], "argument --kind: needs a value", "需要一个值"),
    (["--yes", "f", "--many"], "argument --many: needs a value", "需要一个值"),
    (["--yes", "--flag=3", "f"], "argument --flag: takes no value, and '3' is one", "不接受值"),
)


@pytest.mark.parametrize(("arguments", "english", "chinese"), WRONG)
def test_what_is_wrong_is_said_in_the_chosen_language(
    arguments: list[str], english: str, chinese: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, said in (("en", english.replace("argument --yes", "--yes")), ("zh", chinese)):
        words.use(language)
        with pytest.raises(SystemExit) as left:
            parser().parse_args(arguments)
        assert left.value.code == 2
        error = capsys.readouterr().err
        assert error.startswith("it: ")
        assert said in error
        assert error.count("\n") == 1


def test_what_is_not_known_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().error("a sentence of a later Python")
    assert capsys.readouterr().err == "it: a sentence of a later Python\n"


def test_help_is_chinese_throughout(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("emulate", "attach", "boot", "replay", "report", "syscalls", "doctor"):
        assert main([command, "--lang", "zh", "--help"]) == 0
        said = capsys.readouterr().out
        assert "用法" in said
        assert "选项" in said
        for english in (
            "usage:",
            "options:",
            "positional arguments",
            argparse.SUPPRESS,
            "default:",
        ):
            assert english not in said
