"""What the commands share that record: the option, the composition, the command line kept."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from systui.words import _

if TYPE_CHECKING:
    from systui.kernel.image import Image
    from systui.kernel.lines import Lines
    from systui.target.protocol import Target
    from systui.target.recorder import Recorder
    from systui.target.recording.noted import Notes

_VALUED_SECRETS = ("--env",)


def add_argument(parser: argparse._ActionsContainer) -> None:
    """Declare `--record`."""
    parser.add_argument(
        "--record",
        metavar="FILE",
        type=Path,
        help=_("write every stop to a recording (compressed where the name ends in .zst)"),
    )


class Recording(NamedTuple):
    """What is to be recorded, if anything, and what the header says of how it was made."""

    path: Path | None
    command: str | None


class Names(NamedTuple):
    """Images that note what they are asked, in place of the images themselves."""

    kernel: "Notes"
    program: "Notes | None"


def noted(
    kernel: "Image", lines: "Lines", program: "Image | None", program_lines: "Lines | None"
) -> Names:
    """Wrap the images for a target that can be recorded."""
    from systui.target.recording.noted import Notes

    return Names(Notes(kernel, lines), None if program is None else Notes(program, program_lines))


def recorded(target: "Target", names: Names, program: Path | None, made: Recording) -> "Recorder":
    """`target`, ready to be recorded; recorded from here on where `made` names a file."""
    from systui.target.recorder import recordable
    from systui.target.recording.constants import Views

    views = Views(
        names.kernel,
        target.info.slide,
        names.program,
        target.info.program_slide,
        program,
    )
    recorder = recordable(target, views, made.command)
    if made.path is not None:
        recorder.start_recording(made.path)
    return recorder


def end(target: "Target") -> None:
    """Let `target` go, and say so where its recording had ended before."""
    target.close()
    problem = getattr(target, "problem", None)
    if problem:
        print(
            "systui: " + _("the recording ended early: {why}").format(why=problem), file=sys.stderr
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
