"""`systui replay`: a recording, on the screen or printed; without FILE, which ones there are."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from systui.cli.walks import DEFAULT_SCRIPT, add_follow_options, check_terminal
from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.cli.replaying import Replaying
    from systui.follow.call import CallSpec
    from systui.follow.script import Script
    from systui.headless import Printer
    from systui.target.protocol import TargetInfo


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
    parser.add_argument(
        "--source",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help=_("directory with the kernel's or the program's source text"),
    )
    printing = parser.add_argument_group(_("without a screen"))
    printing.add_argument(
        "--headless",
        action="store_true",
        help=_("print all stops; with --follow or --script, those of the walk"),
    )
    printing.add_argument(
        "--json", action="store_true", help=_("print the trace as one JSON object a line")
    )
    screen = parser.add_argument_group(_("on the screen"))
    screen.add_argument("--theme", metavar="NAME", help=_("how it looks: dark, light, mono, …"))


def run(options: argparse.Namespace) -> int:
    """Run the command; returns systui's exit status."""
    if options.file is None:
        return _offer(options)
    for option in ("json", "steps"):
        if getattr(options, option) and not options.headless:
            raise BadInputError(_("--{option} needs --headless").format(option=option))
    if not options.headless:
        check_terminal()
    from systui.cli.replaying import Replaying, find

    replaying = Replaying(find(options.file), options.source)
    script, call = _walk(options)
    if options.headless:
        return _print(options, replaying, script, call)
    return _screen(options, replaying, script)


def _offer(options: argparse.Namespace) -> int:
    """Say which recordings come with systui; on a terminal, play the one that is chosen."""
    from systui.cli.replaying import shipped

    if options.headless or options.json:
        raise BadInputError(_("--headless needs FILE"))
    recordings = shipped()
    if not recordings:
        raise BadInputError(_("no recording comes with this systui: name a FILE"))
    print(_("recordings that come with systui:"))
    for number, (name, made) in enumerate(recordings, 1):
        print(f"  {number}  {name:24} {made}")
    if not (os.isatty(0) and os.isatty(1)):
        print(_("`systui replay NAME` plays one."))
        return 0
    chosen = input(_("number or name: ")).strip()
    if not chosen:
        return 0
    if chosen.isascii() and chosen.isdigit() and 0 < int(chosen[:6]) <= len(recordings):
        chosen = recordings[int(chosen) - 1][0]
    options.file = chosen
    return run(options)


def _walk(options: argparse.Namespace) -> "tuple[Script | None, CallSpec | None]":
    """The script that is asked for, and the call that it is about."""
    if options.script is None and options.follow is None:
        return None, None
    from systui.follow import reader
    from systui.follow.call import CallSpec
    from systui.kernel.syscalls import bundled

    script = reader.load(reader.find(options.script or DEFAULT_SCRIPT))
    wanted = options.follow or script.call
    return script, None if wanted is None else CallSpec.parse(wanted, bundled("x86_64"))


def _print(
    options: argparse.Namespace,
    replaying: "Replaying",
    script: "Script | None",
    call: "CallSpec | None",
) -> int:
    from systui.follow.script import Pace
    from systui.headless import Route, StandardInput, trace

    debugger = replaying.start()
    try:
        printer = _printer(options, debugger.target.info, script, call)
        if script is None:
            from systui.headless.whole import print_all

            return print_all(debugger, printer)
        pace = {None: None, "landmarks": Pace.LANDMARKS, "lines": Pace.LINES}.get(
            options.steps, Pace.INSTRUCTIONS
        )
        return trace(debugger, StandardInput(), Route(script, call, pace), printer)
    finally:
        debugger.target.close()


def _printer(
    options: argparse.Namespace,
    info: "TargetInfo",
    script: "Script | None",
    call: "CallSpec | None",
) -> "Printer":
    if options.json:
        from systui.headless.lines import JsonPrinter

        return JsonPrinter()
    from systui.headless.text import TextPrinter
    from systui.present.trace import Heading

    heading = Heading(
        title=_("all stops of the recording") if script is None else _(script.title),
        program=info.program or "",
        call=None if call is None else str(call),
        script=options.file if script is None else script.name,
    )
    return TextPrinter(heading, info, color=os.isatty(1) and not os.environ.get("NO_COLOR"))


def _screen(options: argparse.Namespace, replaying: "Replaying", script: "Script | None") -> int:
    from systui.tui.app import run as show

    return show(
        replaying.start,
        title=Path(options.file).name,
        follow=options.follow,
        script=script if options.script else None,
        theme_name=options.theme,
    )
