"""What `attach` and `boot` share: options, the composed debugger, the trace and the screen."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from systui.cli.walks import DEFAULT_SCRIPT, add_follow_options, check_terminal
from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.follow.call import CallSpec
    from systui.follow.script import Script
    from systui.headless import Printer
    from systui.kernel.image import Image
    from systui.kernel.syscalls import SyscallTable
    from systui.kernel.view import ProgramView
    from systui.session.debugger import Debugger
    from systui.target.gdb.attach import AttachOptions
    from systui.target.gdb.target import GdbTarget


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that both commands have."""
    kernel = parser.add_argument_group(_("the kernel and the program"))
    kernel.add_argument(
        "--vmlinux",
        metavar="FILE",
        type=Path,
        help=_("the running kernel's image with symbols, better with debug information"),
    )
    kernel.add_argument(
        "--symbols",
        metavar="System.map",
        type=Path,
        help=_("in place of --vmlinux: names only, no source lines"),
    )
    kernel.add_argument(
        "--program",
        metavar="ELF",
        type=Path,
        help=_("the program whose calls are followed: its own `syscall` instructions are armed"),
    )
    kernel.add_argument(
        "--source",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help=_("directory with the kernel's or the program's source text"),
    )
    kernel.add_argument("--gdb", metavar="PATH", default="gdb", help=_("which gdb to drive"))
    add_follow_options(parser)
    printing = parser.add_argument_group(_("without a screen"))
    printing.add_argument("--headless", action="store_true", help=_("print the trace of the walk"))
    printing.add_argument(
        "--json", action="store_true", help=_("print the trace as one JSON object a line")
    )
    screen = parser.add_argument_group(_("on the screen"))
    screen.add_argument("--theme", metavar="NAME", help=_("how it looks: dark, light, mono, …"))


def check(options: argparse.Namespace) -> None:
    """BadInputError for what cannot be, before anything heavy is imported."""
    if (options.vmlinux is None) == (options.symbols is None):
        raise BadInputError(_("name the kernel's symbols: --vmlinux FILE, or --symbols System.map"))
    if options.headless and not (options.follow or options.script):
        raise BadInputError(
            _("--headless without --follow or --script: there is nothing to do on a guest")
        )
    for option in ("json", "steps"):
        if getattr(options, option) and not options.headless:
            raise BadInputError(_("--{option} needs --headless").format(option=option))
    if not options.headless:
        check_terminal()


def open_image(options: argparse.Namespace) -> "Image":
    """What is known of the kernel; BadInputError where the file is not what it should be."""
    if options.vmlinux is None:
        from systui.kernel.systemmap import open_map

        return open_map(options.symbols)
    from systui.kernel.image import Image

    return Image.open(options.vmlinux)


class Guest(NamedTuple):
    """A guest that is to be attached to, in one way or another."""

    options: argparse.Namespace
    image: "Image"
    connect: "Callable[[AttachOptions], GdbTarget]"
    title: str
    to_the_end: bool
    """Whether the program, being systui's to start, is also run to its end."""

    def start(self) -> "Debugger":
        """Attach, and put kernel, program and decoders on top."""
        from platformdirs import user_cache_path

        from systui.arch.x86_64 import X86_64
        from systui.kernel.lines import Lines
        from systui.kernel.sources import Sources
        from systui.kernel.view import KernelView
        from systui.session.debugger import Debugger
        from systui.target.gdb.attach import AttachOptions

        options, image = self.options, self.image
        target = self.connect(
            AttachOptions(
                image, user_cache_path("systui") / "layouts", options.gdb, options.program
            )
        )
        try:
            sources = Sources(options.source)
            slide = target.info.slide
            view = KernelView(image, sources, self.table(), X86_64, slide, Lines(image))
            return Debugger(target, view, self._program(target.info.program_slide))
        except BaseException:
            target.close()
            raise

    def _program(self, slide: int) -> "ProgramView | None":
        path: Path | None = self.options.program
        if path is None:
            return None
        from systui.kernel.image import Image
        from systui.kernel.lines import Lines
        from systui.kernel.sources import Sources
        from systui.kernel.view import ProgramView

        image = Image.open(path)
        sources = Sources([*self.options.source, path.parent])
        return ProgramView(image, sources, slide, Lines(image))

    def table(self) -> "SyscallTable":
        """The image's own call table; the bundled one where it shows none."""
        from systui.decode.disassembly import Disassembler
        from systui.kernel.syscalls import bundled, from_image

        try:
            return from_image(self.image, decode=Disassembler(self.image.bits).operations)
        except BadInputError:
            return bundled("x86_64")

    def run(self) -> int:
        """Print the trace or show the screen; returns systui's exit status."""
        script, call = self._walk()
        if self.options.headless and script is not None:
            return self._trace(script, call)
        from systui.tui.app import run as show

        return show(
            self.start,
            title=self.title,
            follow=None if call is None else self.options.follow,
            theme_name=self.options.theme,
        )

    def _walk(self) -> "tuple[Script | None, CallSpec | None]":
        options = self.options
        if options.script is None and options.follow is None:
            return None, None
        from systui.follow import reader
        from systui.follow.call import CallSpec

        script = reader.load(reader.find(options.script or DEFAULT_SCRIPT))
        wanted = options.follow or script.call
        return script, None if wanted is None else CallSpec.parse(wanted, self.table())

    def _trace(self, script: "Script", call: "CallSpec | None") -> int:
        from systui.follow.script import Pace
        from systui.headless import Route, StandardInput, trace

        pace = {None: None, "landmarks": Pace.LANDMARKS, "lines": Pace.LINES}.get(
            self.options.steps, Pace.INSTRUCTIONS
        )
        debugger = self.start()
        try:
            route = Route(script, call, pace, self.to_the_end)
            return trace(debugger, StandardInput(), route, self._printer(debugger, script, call))
        finally:
            debugger.target.close()

    def _printer(
        self, debugger: "Debugger", script: "Script", call: "CallSpec | None"
    ) -> "Printer":
        if self.options.json:
            from systui.headless.lines import JsonPrinter

            return JsonPrinter()
        from systui.headless.text import TextPrinter
        from systui.present.trace import Heading

        heading = Heading(
            title=_(script.title),
            program=self.title,
            call=None if call is None else str(call),
            script=script.name,
        )
        coloured = os.isatty(1) and not os.environ.get("NO_COLOR")
        return TextPrinter(heading, debugger.target.info, color=coloured)
