"""`systui replay`: a recording, on the screen or printed; without FILE, which ones there are."""

import argparse
import io
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from systui.cli.walks import (
    Walk,
    add_display_options,
    add_follow_options,
    add_source_option,
    asked_walk,
    check_display,
    make_printer,
    print_walk,
)
from systui.model.errors import BadInputError
from systui.present.wrap import wrap
from systui.words import _

if TYPE_CHECKING:
    from systui.cli.replaying import Replaying
    from systui.follow.script import Script


_ROOM = 20
"""Cells from which on a command line is broken to stand beside a recording's name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui replay`."""
    parser.usage = "systui replay [OPTIONS] [FILE]"
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help=_("a recording, or a shipped one's name; without it, the shipped ones are listed"),
    )
    add_follow_options(parser)
    add_source_option(parser)
    add_display_options(parser, _("print all stops; with --follow or --script, those of the walk"))


def run(options: argparse.Namespace) -> int:
    """Run the command; returns systui's exit status."""
    if options.file is None:
        return _offer(options)
    check_display(options)
    from systui.cli.replaying import Replaying, find

    replaying = Replaying(find(options.file), options.source)
    walk = asked_walk(options, replaying.table)
    if options.headless:
        return _print(options, replaying, walk)
    return _screen(options, replaying, walk.script)


def _offer(options: argparse.Namespace) -> int:
    """Say which recordings come with systui; on a terminal, play the one that is chosen."""
    from systui.cli.replaying import shipped

    if options.headless or options.json:
        raise BadInputError(_("--headless needs FILE"))
    recordings = shipped()
    if not recordings:
        raise BadInputError(_("no recording comes with this systui: name a FILE"))
    print(_("recordings that come with systui:"))
    digits, longest = len(str(len(recordings))), max(len(name) for name, _made in recordings)
    room = shutil.get_terminal_size().columns - digits - longest - 6 if os.isatty(1) else 0
    for number, (name, made) in enumerate(recordings, 1):
        first, *more = wrap(made, room) if room >= _ROOM else (made,)
        print(f"  {number:>{digits}}  {name:{longest}}  {first}")
        for line in more:
            print(" " * (digits + longest + 6) + line)
    if not (os.isatty(0) and os.isatty(1)):
        print(_("`systui replay NAME` plays one."))
        return 0
    chosen = _answer()
    if not chosen:
        return 0
    if chosen.isascii() and chosen.isdigit() and 0 < int(chosen[:6]) <= len(recordings):
        chosen = recordings[int(chosen) - 1][0]
    options.file = chosen
    return run(options)


def _answer() -> str:
    """What a person types; empty where the input ends instead."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    try:
        return input(_("number or name: ")).strip()
    except EOFError:
        print()
        return ""


def _print(options: argparse.Namespace, replaying: "Replaying", walk: Walk) -> int:
    from systui.headless import StandardInput

    debugger = replaying.start()
    try:
        program = debugger.target.info.program or ""
        if walk.script is None and options.find is None:
            from systui.headless.whole import print_all

            return print_all(debugger, make_printer(options, walk, debugger.target.info, program))
        return print_walk(options, walk, debugger, StandardInput(), program)
    finally:
        debugger.target.close()


def _screen(options: argparse.Namespace, replaying: "Replaying", script: "Script | None") -> int:
    from systui.tui.app import run as show

    return show(
        replaying.start,
        title=Path(options.file).name,
        follow=options.follow,
        script=script if options.script else None,
        theme_name=options.theme,
        settings=options.settings,
    )
