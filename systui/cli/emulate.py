"""`systui emulate`: a program in the built-in emulator, on the screen or as a printed trace."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from systui.cli import recording
from systui.cli.walks import (
    Walk,
    add_display_options,
    add_follow_options,
    add_source_option,
    asked_walk,
    check_display,
    print_walk,
)
from systui.minikernel.eras import BY_NAME
from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.cli.emulation import Emulation
    from systui.follow.script import Script
    from systui.session.debugger import Debugger

RUNS_PROGRAM = True
"""Everything after PROGRAM on the command line is the program's own."""

_LARGEST = 1 << 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui emulate`."""
    parser.usage = "systui emulate [OPTIONS] PROGRAM [ARGS…]"
    parser.add_argument(
        "program",
        metavar="PROGRAM",
        help=_("an x86_64 or i386 ELF program; all after it is its own"),
    )
    add_follow_options(parser)
    add_program_options(parser)
    recording.add_arguments(parser)
    add_display_options(
        parser, _("run the program to its end; with --follow or --script, print the trace")
    )


def add_program_options(parser: argparse.ArgumentParser) -> None:
    """Declare what a program in the emulator runs on and with."""
    program = parser.add_argument_group(_("the program and its kernel"))
    program.add_argument(
        "--root",
        metavar="DIR",
        type=Path,
        help=_("directory that the program sees as /, read-only (needed by dynamic programs)"),
    )
    program.add_argument(
        "--env",
        metavar="K=V",
        action="append",
        default=[],
        help=_("add to the program's small environment"),
    )
    _add_kernel_options(program)
    program.add_argument(
        "--max-instructions",
        metavar="N",
        type=_positive,
        help=_("stop the program after so many (default: 2,000,000,000)"),
    )
    program.add_argument(
        "--max-memory",
        metavar="MIB",
        type=_positive,
        help=_("memory that the program may use, in MiB (default: 256)"),
    )
    add_source_option(program)


def _add_kernel_options(program: argparse._ActionsContainer) -> None:
    program.add_argument(
        "--kernel",
        metavar="FILE",
        type=Path,
        help=_("run on this vmlinux's or bzImage's code, unbooted, not on the miniature kernel"),
    )
    program.add_argument(
        "--era",
        choices=tuple(BY_NAME),
        help=_("run on a miniature kernel in the shape of that age: systui's own, not Linux"),
    )
    program.add_argument(
        "--symbols",
        metavar="FILE",
        type=Path,
        help=_("that kernel's System.map, or /proc/kallsyms, where it has no symbols"),
    )
    program.add_argument(
        "--patch-alternatives",
        action="store_true",
        help=_("patch a kernel's code for the emulated CPU, as booting would"),
    )
    program.add_argument(
        "--native",
        metavar="CALLS",
        default="",
        help=_("calls, by name, that the kernel's own code is to answer, whether or not it can"),
    )
    isolation = program.add_mutually_exclusive_group()
    isolation.add_argument(
        "--pti",
        dest="pti",
        action="store_true",
        default=None,
        help=_("patch the kernel for page-table isolation (the miniature kernel's default)"),
    )
    isolation.add_argument(
        "--no-pti", dest="pti", action="store_false", help=_("without page-table isolation")
    )


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) < _LARGEST:
        raise argparse.ArgumentTypeError(_("{text!r} is not a number from 1 on").format(text=text))
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns systui's exit status."""
    _check(options)
    emulation = emulation_of(options, recording.wanted(options))
    walk = asked_walk(options, emulation.table)
    emulation.check_program()
    if not options.headless:
        return _screen(options, emulation, walk.script)
    if walk.script is None and options.find is None:
        from systui.headless import StandardInput, pass_through

        stdin = StandardInput()
        debugger = emulation.start(stdin, own_terminals=True)
        try:
            return pass_through(debugger, stdin)
        finally:
            recording.end(debugger.target)
    return _trace(options, emulation, walk)


def emulation_of(
    options: argparse.Namespace, wish: "recording.Recording | None" = None
) -> "Emulation":
    """The machine that the options of `add_program_options` describe; BadInputError."""
    _check_program_options(options)
    from systui.cli.emulation import Emulation, Wanted

    wanted = Wanted(
        program=Path(options.program),
        arguments=options.arguments,
        environment=options.env,
        root=options.root,
        pti=options.pti,
        kernel=options.kernel,
        era=options.era,
        symbols=options.symbols,
        alternatives=options.patch_alternatives,
        native=frozenset(name for name in options.native.split(",") if name),
        sources=options.source,
        instructions=options.max_instructions,
        memory=options.max_memory,
        recording=wish,
    )
    return Emulation(wanted)


def _check_program_options(options: argparse.Namespace) -> None:
    for option, given in (
        ("patch-alternatives", options.patch_alternatives),
        ("native", options.native),
        ("symbols", options.symbols),
    ):
        if given and options.kernel is None:
            raise BadInputError(_("--{option} needs --kernel").format(option=option))
    if options.era is not None and options.kernel is not None:
        raise BadInputError(_("--era: names a kernel of systui's own; leave out --kernel"))
    for pair in options.env:
        if "=" not in pair[1:]:
            raise BadInputError(_("--env {pair}: write K=V").format(pair=pair))


def _check(options: argparse.Namespace) -> None:
    """Refuse what cannot be, before anything heavy is imported."""
    _hint(options)
    for option in ("json", "steps"):
        given = getattr(options, option) and options.headless
        if given and not (options.follow or options.script):
            raise BadInputError(_("--{option} needs --follow or --script").format(option=option))
    check_display(options)


def _hint(options: argparse.Namespace) -> None:
    """Say so where one of our options went to the program."""
    for argument in options.arguments:
        name = argument.partition("=")[0]
        if name in options.ours:
            print(
                "systui: "
                + _(
                    "{option} stands after PROGRAM, so it goes to the program; "
                    "systui's own options stand before it"
                ).format(option=name),
                file=sys.stderr,
            )
            return


def _trace(options: argparse.Namespace, emulation: "Emulation", walk: Walk) -> int:
    from systui.headless import StandardInput, say

    stdin = StandardInput()
    debugger = emulation.start(stdin)
    for remark in (emulation.unpatched(), _not_found(debugger)):
        if remark:
            say(remark)
    program = " ".join((options.program, *options.arguments))
    try:
        return print_walk(options, walk, debugger, stdin, program)
    finally:
        recording.end(debugger.target)


def _not_found(debugger: "Debugger") -> str:
    """Which landmarks of the way this kernel is not understood by; empty for most."""
    missing = debugger.kernel.path.missing
    if not missing:
        return ""
    return _("not found in this kernel's code: {landmarks}").format(landmarks=", ".join(missing))


def _screen(options: argparse.Namespace, emulation: "Emulation", script: "Script | None") -> int:
    from systui.tui.app import run as show

    return show(
        emulation.start,
        title=Path(options.program).name,
        follow=options.follow or (script.call if script else None),
        script=script,
        theme_name=options.theme,
        settings=options.settings,
    )
