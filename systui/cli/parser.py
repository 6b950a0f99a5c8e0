"""The option parser of every command: one-line errors, and a program's own arguments kept apart."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from systui.cli.refusals import translated
from systui.present.wrap import wrap
from systui.words import _

STATUS_USAGE = 2


class Formatter(argparse.HelpFormatter):
    """argparse's help in the chosen language, its lines measured in cells."""

    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        """The usage line, behind a word of ours."""
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(wrap(" ".join(text.split()), width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in self._split_lines(text, width - len(indent)))


class AsWritten(Formatter):
    """The same, with descriptions whose lines are set by hand."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "".join(indent + line for line in text.splitlines(keepends=True))


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line in systui's form, without abbreviations."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("allow_abbrev", False)
        settings.setdefault("formatter_class", Formatter)
        super().__init__(add_help=False, **settings)
        self._positionals.title = _("positional arguments")
        self._optionals.title = _("options")
        self.add_argument("-h", "--help", action="help", help=_("show this help and leave"))

    @property
    def valued(self) -> dict[str, bool]:
        """Each option's spelling, and whether a value follows it."""
        return {
            spelling: action.nargs != 0 for spelling, action in self._option_string_actions.items()
        }

    def error(self, message: str) -> NoReturn:
        """Print `message` as one line and leave with status 2."""
        from systui.present.rows import visible

        print(f"{self.prog}: {visible(translated(message))}", file=sys.stderr)
        self.exit(STATUS_USAGE)


def split_program(
    arguments: Sequence[str], valued: Mapping[str, bool]
) -> tuple[list[str], list[str]]:
    """Part a command line at PROGRAM: (ours with PROGRAM last, the program's own).

    As with strace, options stand before PROGRAM and everything after it, `--` included, is the
    program's. argparse cannot keep a `--` there; hence by hand.
    """
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if argument == "--":
            rest = arguments[position + 1 :]
            return [*arguments[: position + 1], *rest[:1]], list(rest[1:])
        if not argument.startswith("-") or argument == "-":
            ours = [*arguments[:position], "--", argument]
            return ours, list(arguments[position + 1 :])
        position += 2 if valued.get(argument, False) else 1
    return list(arguments), []
