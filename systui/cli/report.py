"""`systui report`: a recorded call as a page or as Markdown."""

import argparse
import os
from pathlib import Path

from systui.model.errors import BadInputError
from systui.words import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui report`."""
    parser.usage = "systui report FILE -o report.html|report.md"
    parser.add_argument("file", metavar="FILE", help=_("a recording, or a shipped one's name"))
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        required=True,
        help=_("where it goes; the name's end says as what"),
    )
    parser.add_argument("--format", choices=("html", "md"), help=_("else by the name's end"))


def run(options: argparse.Namespace) -> int:
    """Run the command; returns systui's exit status."""
    form = options.format or {".html": "html", ".htm": "html", ".md": "md"}.get(
        options.output.suffix.lower()
    )
    if form is None:
        raise BadInputError(
            _("{path}: name a .html or .md file, or say --format").format(path=options.output)
        )
    text = _written(options, form)
    try:
        options.output.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise BadInputError(
            _("{path}: cannot be written: {why}").format(
                path=options.output, why=error.strerror or error
            )
        ) from error
    return 0


def _written(options: argparse.Namespace, form: str) -> str:
    from systui.cli.replaying import Replaying, find
    from systui.report.story import Headed, Told, read
    from systui.target.recorded.target import RecordedTarget

    debugger = Replaying(find(options.file), []).start()
    target = debugger.target
    assert isinstance(target, RecordedTarget)
    try:
        notes = [Told(note.position, note.text) for note in target.notes]
        header = target.header
        story = read(debugger, notes, Headed(header.command, header.program_hash))
    finally:
        target.close()
    if form == "md":
        from systui.report.markdown import markdown

        return markdown(story)
    from systui.report.page import html

    return html(story, _language(options))


def _language(options: argparse.Namespace) -> str:
    wanted: str = options.lang or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if wanted.startswith("zh") else "en"
