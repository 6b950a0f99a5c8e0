"""What the commands that walk a call share: the options of the walk, the check for a screen."""

import argparse
import os

from systui.model.errors import BadInputError
from systui.words import _

DEFAULT_SCRIPT = "syscall"
SMALLEST = (80, 24)
"""Columns and lines that the screen needs."""


def add_follow_options(parser: argparse.ArgumentParser) -> None:
    """Declare `--follow`, `--script` and `--steps`."""
    follow = parser.add_argument_group(_("following a call"))
    follow.add_argument(
        "--follow",
        metavar="CALL",
        help=_("walk the way of a call: [abi:]number|name[#nth], as in 43, accept, accept#2"),
    )
    follow.add_argument(
        "--script",
        metavar="FILE",
        help=_("walk as this script says: a TOML file, or a shipped one's name"),
    )
    follow.add_argument(
        "--steps",
        choices=("landmarks", "lines", "instructions"),
        help=_("which stops are shown at least; all are seen"),
    )


def check_terminal() -> None:
    """BadInputError where there is no terminal, or too small a one, for the screen."""
    if not (os.isatty(0) and os.isatty(1)):
        raise BadInputError(
            _("no terminal on standard input and output: for a printed trace say --headless")
        )
    size = os.get_terminal_size(1)
    if 0 < size.columns < SMALLEST[0] or 0 < size.lines < SMALLEST[1]:
        raise BadInputError(
            _(
                "the terminal has {columns}×{lines} cells, the screen needs {least}: "
                "enlarge it, or say --headless"
            ).format(columns=size.columns, lines=size.lines, least="×".join(map(str, SMALLEST)))
        )
