"""What the commands that walk a call share: options, the walk they ask for, and its printing."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.follow.call import CallSpec
    from systui.follow.script import Script
    from systui.headless import Printer, StandardInput
    from systui.kernel.syscalls import SyscallTable
    from systui.session.debugger import Debugger
    from systui.target.protocol import TargetInfo

DEFAULT_SCRIPT = "syscall"


def add_follow_options(parser: argparse.ArgumentParser) -> None:
    """Declare `--follow`, `--script`, `--steps` and `--find`."""
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
    follow.add_argument(
        "--find",
        metavar="WHAT",
        help=_(
            "print the stops at which a register changed (rsp), a slot was written (pt_regs.ax) or "
            "a phase began (phase, restore); with --follow, those of that call"
        ),
    )


def add_source_option(group: argparse._ActionsContainer) -> None:
    """Declare `--source`."""
    group.add_argument(
        "--source",
        metavar="DIR",
        type=_directory,
        action="append",
        default=[],
        help=_("directory with the kernel's or the program's source text"),
    )


def _directory(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(_("{text!r} is no directory").format(text=text))
    return Path(text)


def add_display_options(parser: argparse.ArgumentParser, headless: str) -> None:
    """Declare `--headless`, whose help is `headless`, `--json` and `--theme`."""
    printing = parser.add_argument_group(_("without a screen"))
    printing.add_argument("--headless", action="store_true", help=headless)
    printing.add_argument(
        "--json", action="store_true", help=_("print the trace as one JSON object a line")
    )
    screen = parser.add_argument_group(_("on the screen"))
    screen.add_argument("--theme", metavar="NAME", help=_("how it looks: dark, light, mono, …"))


def check_display(options: argparse.Namespace) -> None:
    """BadInputError for options that need `--headless`, and for a terminal that will not do."""
    for option in ("json", "steps", "find"):
        if getattr(options, option) not in (None, False) and not options.headless:
            raise BadInputError(_("--{option} needs --headless").format(option=option))
    for option in ("script", "steps"):
        if options.find is not None and getattr(options, option):
            raise BadInputError(
                _("--find prints what it finds: leave --{option} out").format(option=option)
            )
    if not options.headless:
        check_terminal()


def check_terminal() -> None:
    """BadInputError where there is no terminal, or too small a one, for the screen."""
    if not (os.isatty(0) and os.isatty(1)):
        raise BadInputError(
            _("no terminal on standard input and output: for a printed trace say --headless")
        )
    from systui.tui.layout import MINIMUM

    size = os.get_terminal_size(1)
    if 0 < size.columns < MINIMUM[0] or 0 < size.lines < MINIMUM[1]:
        raise BadInputError(
            _(
                "the terminal has {columns}×{lines} cells, the screen needs {least}: "
                "enlarge it, or say --headless"
            ).format(columns=size.columns, lines=size.lines, least="×".join(map(str, MINIMUM)))
        )


class Walk(NamedTuple):
    """What `--follow` and `--script` ask for."""

    script: "Script | None" = None
    call: "CallSpec | None" = None


def asked_walk(options: argparse.Namespace, table: "SyscallTable") -> Walk:
    """The script that is asked for, and the call that it is about, by `table`; BadInputError."""
    if options.script is None and options.follow is None:
        return Walk()
    from systui.follow import reader
    from systui.follow.call import CallSpec

    script = reader.load(reader.find(options.script or DEFAULT_SCRIPT))
    wanted = script.call if options.follow is None else options.follow
    return Walk(script, None if wanted is None else CallSpec.parse(wanted, table))


def print_walk(
    options: argparse.Namespace,
    walk: Walk,
    debugger: "Debugger",
    stdin: "StandardInput",
    program: str,
    *,
    to_the_end: bool = True,
) -> int:
    """Print `walk` of `program`, or what `--find` finds; returns systui's exit status."""
    printer = make_printer(options, walk, debugger.target.info, program)
    if options.find is not None:
        from systui.headless.found import print_found
        from systui.session.search import Query

        query = Query.parse(options.find, debugger.kernel.arch)
        return print_found(debugger, stdin, query, walk.call, printer)
    from systui.follow.script import Pace
    from systui.headless import Route, trace

    assert walk.script is not None
    pace = {None: None, "landmarks": Pace.LANDMARKS, "lines": Pace.LINES}.get(
        options.steps, Pace.INSTRUCTIONS
    )
    route = Route(walk.script, walk.call, pace, to_the_end)
    return trace(debugger, stdin, route, printer)


def make_printer(
    options: argparse.Namespace, walk: Walk, info: "TargetInfo", program: str
) -> "Printer":
    """What the stops are printed with: those of `walk`, or all of a recording's."""
    if options.json:
        from systui.headless.lines import JsonPrinter

        return JsonPrinter()
    from systui.headless.text import TextPrinter
    from systui.present.trace import Heading

    script, call = walk
    title, name = _("all stops of the recording"), ""
    if options.find is not None:
        title = _("where it comes true: {what}").format(what=options.find)
    elif script is not None:
        title, name = _(script.title), script.name
    heading = Heading(
        title=title, program=program, call="" if call is None else str(call), script=name
    )
    return TextPrinter(heading, info, color=os.isatty(1) and not os.environ.get("NO_COLOR"))
