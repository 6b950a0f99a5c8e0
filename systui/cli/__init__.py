"""The command line: `systui COMMAND …`. Commands are imported only when they are chosen."""

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from systui import __version__, words
from systui.cli.parser import AsWritten, Parser, split_program
from systui.model.errors import BadInputError, SystuiError
from systui.settings import config, places
from systui.settings.config import Settings
from systui.words import _

STATUS_ERROR = 2
STATUS_INTERRUPTED = 130
"""As a shell reports a program that SIGINT ended: 128 + 2."""
STATUS_BROKEN_PIPE = 141
"""The same for SIGPIPE: 128 + 13."""
_YOUNG, _MIDDLE, _RARELY = 700, 10, 200
"""When the garbage collector runs: Python's own, but for the passes over everything."""


def _commands() -> dict[str, str]:
    """Each command and the sentence that `--help` has for it."""
    return {
        "emulate": _("run a program in the built-in emulator and follow its system calls"),
        "trace": _("print every system call of a program in the emulator, in strace's form"),
        "attach": _("follow a system call on a real kernel behind QEMU's gdbstub"),
        "boot": _("start such a kernel with a program in it, and attach to it"),
        "replay": _("play a recording: every stop of it, forwards and backwards"),
        "report": _("write a recorded call as an HTML page or as Markdown"),
        "syscalls": _("print the system call table, or search in it"),
        "entry": _("print the map of a kernel's entry code: its blocks and where each leads"),
        "doctor": _("say what is installed, what is missing and what each needs it"),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run `systui` with `argv` (None: the process's own) and return its exit status."""
    _occupy_standard_descriptors()
    collect_rarely()
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words.use(_wanted_language(arguments))
    try:
        return _dispatch(arguments, *_settings(arguments))
    except SystuiError as error:
        from systui.present.rows import visible

        print(f"systui: {visible(str(error))}", file=sys.stderr)
        return STATUS_ERROR
    except KeyboardInterrupt:
        print("systui: " + _("interrupted"), file=sys.stderr)
        return STATUS_INTERRUPTED
    except BrokenPipeError:
        return _quiet_end(STATUS_BROKEN_PIPE)
    except OSError as error:
        print(f"systui: {error}", file=sys.stderr)
        return _quiet_end(STATUS_ERROR)
    except SystemExit as left:
        return _flushed(left)


def collect_rarely() -> None:
    """Have the garbage collector look at everything less often.

    Such a pass holds every thread up for 20 to 40 ms in the middle of whatever is under way, and
    nearly all that systui drops has no cycles and is freed without it.
    """
    gc.set_threshold(_YOUNG, _MIDDLE, _RARELY)


def _settings(arguments: Sequence[str]) -> tuple[Settings, BadInputError | None]:
    """The person's settings, their language chosen, and what is wrong with them."""
    try:
        settings = config.read()
    except BadInputError as error:
        return Settings(places.configuration() / config.NAME, found=True), error
    words.use(_wanted_language(arguments) or settings.language)
    return settings, None


def _dispatch(arguments: list[str], settings: Settings, problem: BadInputError | None) -> int:
    commands = _commands()
    arguments = _command_first(arguments)
    if not arguments or arguments[0] not in commands:
        return _top(arguments, commands)
    name, rest = arguments[0], arguments[1:]
    if problem is not None and name != "doctor":  # which says what is wrong, and the rest too
        raise problem
    module = import_module(f"systui.cli.{name}")
    parser = Parser(prog=f"systui {name}", description=commands[name])
    _add_language(parser)
    module.add_arguments(parser)
    parser.set_defaults(settings=settings, settings_problem=problem)
    if getattr(module, "RUNS_PROGRAM", False):
        rest, program = split_program(rest, parser.valued)
        ours = frozenset(parser.valued) - {"-h", "--help"}
        parser.set_defaults(arguments=program, ours=ours)
    options = parser.parse_args(rest)
    if "source" in options:
        options.source = [*options.source, *settings.sources]
    run: Callable[[argparse.Namespace], int] = module.run
    status = run(options)
    sys.stdout.flush()
    return status


def _command_first(arguments: list[str]) -> list[str]:
    """`arguments` with a language that stands before the command behind it."""
    size = 2 if arguments[:1] == ["--lang"] else 1
    if not arguments or not arguments[0].startswith("--lang") or len(arguments) <= size:
        return arguments
    return [arguments[size], *arguments[:size], *arguments[size + 1 :]]


def _add_language(parser: Parser) -> None:
    parser.add_argument(
        "--lang", choices=("en", "zh"), help=_("language of systui's own words; else the locale's")
    )


def _top(arguments: list[str], commands: dict[str, str]) -> int:
    """`systui` without a command: help, version, or what was wrong."""
    parser = Parser(
        prog="systui",
        description=_("Follow one Linux system call from user space through the kernel and back."),
        usage="systui [--help] [--version] [--lang {en,zh}] COMMAND …",
        epilog="\n".join(
            (
                _("commands:"),
                *(f"  {name:10} {text}" for name, text in commands.items()),
                "",
                _("`systui COMMAND --help` says more."),
            )
        ),
        formatter_class=AsWritten,
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"systui {__version__}",
        help=_("show the version and leave"),
    )
    _add_language(parser)
    parser.add_argument("command", nargs="?", metavar="COMMAND", help=argparse.SUPPRESS)
    options, _rest = parser.parse_known_args(arguments)
    if options.command is None:
        if _rest:
            parser.error(_("unknown option {option}").format(option=_rest[0]))
        parser.print_help(sys.stderr)
        return STATUS_ERROR
    raise BadInputError(
        _("no command {name!r}; there are {known}").format(
            name=options.command, known=", ".join(commands)
        )
    )


def _wanted_language(arguments: Sequence[str]) -> str | None:
    """What `--lang` says, known before the parser is built so that its help speaks it."""
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return None


def _occupy_standard_descriptors() -> None:
    """Open what of 0–2 came closed: else a file opened later would be the program's input."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # Python has no stream where it found a descriptor closed.
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def _flushed(left: SystemExit) -> int:
    """The status that argparse leaves with, once what it printed is out."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _quiet_end(STATUS_BROKEN_PIPE)
    return left.code if isinstance(left.code, int) else 0


def _quiet_end(status: int) -> int:
    """Nobody takes what is printed: leave without a word more, also of Python's own at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    return status
