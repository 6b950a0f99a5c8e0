"""`systui report`: a recorded call as a page, as Markdown, or as a terminal's film."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from systui.model.errors import BadInputError, unwritable
from systui.words import _, language

if TYPE_CHECKING:
    from systui.cli.replaying import Replaying
    from systui.report.story import Story

_FORMATS = {".html": "html", ".htm": "html", ".md": "md", ".cast": "cast"}
_SIZE = "120x36"
_SMALLEST, _LARGEST = (60, 18), (300, 100)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui report`."""
    parser.usage = "systui report [OPTIONS] FILE [-o report.html|report.md|call.cast]"
    parser.add_argument("file", metavar="FILE", help=_("a recording, or a shipped one's name"))
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help=_("where it goes, else to standard output; the name's end says as what"),
    )
    parser.add_argument(
        "--format",
        choices=("html", "md", "cast"),
        help=_("else by the name's end; cast is an asciicast of the replay on the screen"),
    )
    parser.add_argument(
        "--follow",
        metavar="CALL",
        help=_("tell this call, not the one with the most stops: [abi:]number|name[#nth]"),
    )
    film = parser.add_argument_group(_("an asciicast"))
    film.add_argument(
        "--size", metavar="COLUMNSxLINES", help=_("of the terminal (default: 120x36)")
    )
    film.add_argument("--theme", metavar="NAME", help=_("how it looks: dark, light, mono, …"))


def run(options: argparse.Namespace) -> int:
    """Run the command; returns systui's exit status."""
    output: Path | None = options.output
    form = options.format or ("" if output is None else _FORMATS.get(output.suffix.lower()))
    if not form:
        raise BadInputError(
            _("say --format, or name a .html, .md or .cast file")
            if output is None
            else _("{path}: name a .html, .md or .cast file, or say --format").format(path=output)
        )
    for option in ("size", "theme"):
        if getattr(options, option) and form != "cast":
            raise BadInputError(_("--{option} is for an asciicast").format(option=option))
    size = _size(options.size or _SIZE)
    if output is not None:
        _check_is_none(output)
    text = _written(options, form, size)
    if output is None:
        sys.stdout.write(text)
        return 0
    try:
        _write(output, text)
    except OSError as error:
        raise unwritable(output, error) from error
    return 0


def _check_is_none(output: Path) -> None:
    """BadInputError where a recording would be written over."""
    from systui.target.recorded.container import open_container

    try:
        open_container(output).close()
    except BadInputError:
        return
    raise BadInputError(
        _("{path}: is a recording; name another file for the report").format(path=output)
    )


def _write(output: Path, text: str) -> None:
    """Never wait for somebody to read from `output`, where that is a pipe; OSError."""
    how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(output, how, 0o666)
    os.set_blocking(descriptor, True)
    with open(descriptor, "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        file.write(text)


def _size(text: str) -> tuple[int, int]:
    """Columns and lines; BadInputError."""
    columns, _times, lines = text.partition("x")
    if all(part.isascii() and part.isdigit() and len(part) < 5 for part in (columns, lines)):
        size = int(columns), int(lines)
        if _SMALLEST[0] <= size[0] <= _LARGEST[0] and _SMALLEST[1] <= size[1] <= _LARGEST[1]:
            return size
    raise BadInputError(
        _("--size {text}: write COLUMNSxLINES, from {least} to {most}").format(
            text=text, least="x".join(map(str, _SMALLEST)), most="x".join(map(str, _LARGEST))
        )
    )


def _written(options: argparse.Namespace, form: str, size: tuple[int, int]) -> str:
    from systui.cli.replaying import Replaying, find

    replaying = Replaying(find(options.file), [])
    story = _told(replaying, options.follow)
    if form == "md":
        from systui.report.markdown import markdown

        return markdown(story)
    if form == "html":
        from systui.report.page import html

        return html(story, language())
    from systui.report.cast import cast, filmed
    from systui.tui.casting import pictures

    positions = [station.position for station in filmed(story.stations)]
    shown = pictures(replaying.start, story.program, size, options.theme, positions)
    return cast(story, shown, size)


def _told(replaying: "Replaying", call: str | None) -> "Story":
    """What the recording has to tell, of `call` where one is named."""
    from systui.follow.call import CallSpec
    from systui.report.story import Headed, Told, read
    from systui.target.recorded.target import RecordedTarget

    wanted = None if call is None else CallSpec.parse(call, replaying.table)
    debugger = replaying.start()
    target = debugger.target
    assert isinstance(target, RecordedTarget)
    try:
        notes = [Told(note.position, note.text) for note in target.notes]
        header = target.header
        return read(
            debugger, notes, Headed(header.command, header.program_hash, not target.whole), wanted
        )
    finally:
        target.close()
