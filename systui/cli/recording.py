"""What the commands share that record: the option, the composition, the command line kept."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.kernel.image import Image
    from systui.kernel.view import KernelView, ProgramView
    from systui.session.debugger import Debugger
    from systui.target.protocol import Target
    from systui.target.recording.noted import Listed, Notes

_VALUED_SECRETS = ("--env",)


def add_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare `--record` and `--record-source`."""
    parser.add_argument(
        "--record",
        metavar="FILE",
        type=Path,
        help=_("write every stop to a recording (compressed where the name ends in .zst)"),
    )
    parser.add_argument(
        "--record-source",
        action="store_true",
        help=_("let recordings hold the source text that is shown, too"),
    )


class Recording(NamedTuple):
    """What is to be recorded, if anything, and what the header says of how it was made."""

    path: Path | None
    command: str | None
    texts: bool = False
    """Source text goes along."""


def wanted(options: argparse.Namespace) -> Recording | None:
    """What the options ask for; None where nothing can come to be recorded.

    On the screen recording can begin at any time. BadInputError where it cannot begin in the file
    that is named: to hear that once a guest has booted is late.
    """
    if options.record is None and options.headless:
        if options.record_source:
            raise BadInputError(_("--{option} needs --record").format(option="record-source"))
        return None
    if options.record is not None:
        from systui.target.recorded.sink import check

        check(options.record)
    return Recording(options.record, command_line(sys.argv[1:]), options.record_source)


def load(made: Recording) -> None:
    """Import what the recording takes, for whom it saves time to do so before it begins."""
    from systui.target.recorded.sink import load

    import_module("systui.target.recorder")
    if made.path is not None:
        load(made.path)


def debugger(
    target: "Target",
    kernel: "KernelView",
    kernel_image: "Listed",
    program: "ProgramView | None",
    program_image: "Image | None",
    made: Recording | None,
) -> "Debugger":
    """A debugger over `target`; recorded from here on where `made` names a file.

    Where `made` is not None the views come to note what they are asked.
    """
    from systui.session.debugger import Debugger

    if made is None:
        return Debugger(target, kernel, program)
    from systui.target.recorder import recordable
    from systui.target.recording.constants import Views

    notes = _noting(kernel, kernel_image, made.texts)
    program_notes, path = None, None
    if program is not None and program_image is not None:
        program_notes, path = _noting(program, program_image, made.texts), program_image.path
    info = target.info
    views = Views(notes, info.slide, program_notes, info.program_slide, path, kernel.built)
    recorder = recordable(target, views, made.command)
    if made.path is not None:
        recorder.start_recording(made.path)
    return Debugger(recorder, kernel, program)


def _noting(view: "KernelView | ProgramView", image: "Listed", texts: bool) -> "Notes":
    """Notes of what `view`, over `image`, is asked from here on."""
    from systui.target.recording.noted import Notes

    notes = Notes(image, view.lines)
    view.image = view.lines = notes
    if texts:
        notes.keep_texts(view.sources)
        view.sources = notes
    return notes


def end(target: "Target") -> None:
    """Let `target` go, and say so where its recording had ended before."""
    target.close()
    problem = getattr(target, "problem", None)
    if problem:
        print(
            "systui: "
            + _("the recording ended early: {why}; what it holds can be replayed").format(
                why=problem
            ),
            file=sys.stderr,
        )


def command_line(arguments: Sequence[str]) -> str:
    """`systui` with `arguments` as a person may type it again.

    Where the recording went, directories and the environment are of this machine and left out.
    """
    import shlex

    kept: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if name == "--record":
            if not equals:
                next(waiting, None)
        elif name in _VALUED_SECRETS:
            pair = value if equals else next(waiting, "")
            kept += [name, pair.partition("=")[0] + "=…"]
        elif name.startswith("--") and equals:
            kept.append(f"{name}={_base(value)}")
        else:
            kept.append(_base(argument))
    return shlex.join(("systui", *kept))


def _base(argument: str) -> str:
    return argument.rstrip("/").rpartition("/")[2] if "/" in argument else argument
