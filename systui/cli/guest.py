"""What `attach` and `boot` share: their options, and the debugger put together over a guest."""

import argparse
import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from systui.cli import recording
from systui.cli.walks import (
    add_display_options,
    add_follow_options,
    add_source_option,
    asked_walk,
    check_display,
    print_walk,
)
from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.kernel.image import Image
    from systui.kernel.syscalls import SyscallTable
    from systui.model.stop import Read
    from systui.session.debugger import Debugger
    from systui.target.gdb.attach import AttachOptions
    from systui.target.gdb.target import GdbTarget
    from systui.target.protocol import Target


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
    add_source_option(kernel)
    kernel.add_argument("--gdb", metavar="PATH", default="gdb", help=_("which gdb to drive"))
    add_follow_options(parser)
    recording.add_arguments(parser)
    add_display_options(parser, _("print the trace of the walk"))


def check(options: argparse.Namespace) -> None:
    """BadInputError for what cannot be, before anything heavy is imported."""
    if (options.vmlinux is None) == (options.symbols is None):
        raise BadInputError(_("name the kernel's symbols: --vmlinux FILE, or --symbols System.map"))
    if options.headless and not (options.follow or options.script or options.find is not None):
        raise BadInputError(
            _("--headless without --follow or --script: there is nothing to do on a guest")
        )
    check_display(options)


def open_image(options: argparse.Namespace) -> "Image":
    """What is known of the kernel; BadInputError where the file is not what it should be."""
    if options.vmlinux is None:
        from systui.kernel.systemmap import open_map

        return open_map(options.symbols)
    from systui.kernel.image import Image

    return Image.open(options.vmlinux)


def check_program(path: Path, kernel: "Image") -> None:
    """BadInputError where the file is no program, or one that the kernel cannot run."""
    from systui.kernel.image import Image

    with closing(Image.open(path)) as program:
        bits = program.bits
    if bits > kernel.bits:
        raise BadInputError(
            _(
                "{path} is a 64-bit program, which the 32-bit kernel of {kernel} cannot run; "
                "build it with gcc -m32"
            ).format(path=path, kernel=kernel.path)
        )


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest that is to be attached to, in one way or another."""

    options: argparse.Namespace
    image: "Image"
    connect: "Callable[[AttachOptions], GdbTarget]"
    title: str
    to_the_end: bool
    """Whether the program, being systui's to start, is also run to its end."""
    recorded: recording.Recording | None = None
    waits: deque[str] = field(default_factory=lambda: deque(maxlen=1))
    """What is waited for until it is attached to."""

    def start(self) -> "Debugger":
        """Attach, and put kernel, program and decoders on top."""
        from platformdirs import user_cache_path

        from systui.target.gdb.attach import AttachOptions

        options = self.options
        layouts = user_cache_path("systui") / "layouts"
        typed = 0 if options.headless and _is_piped() else None
        target = self.connect(
            AttachOptions(
                self.image,
                layouts,
                options.gdb,
                options.program,
                typed,
                self._load,
                self.waits.append,
            )
        )
        try:
            return self._over(target)
        except BaseException:
            target.close()
            raise

    def _load(self) -> None:
        """While there is nothing to do but wait: import what the debugger is put together from."""
        for name in ("systui.kernel.lines", "systui.session.debugger"):
            import_module(name)
        if self.recorded is not None:
            recording.load(self.recorded)

    def _over(self, target: "Target") -> "Debugger":
        from systui.arch import BY_NAME
        from systui.kernel.image import Image
        from systui.kernel.lines import Lines
        from systui.kernel.sources import Sources
        from systui.kernel.view import KernelView, ProgramView

        directories, path = self.options.source, self.options.program
        image, slide = self.image, target.info.slide
        table = self.table(
            lambda address, size: _kernel_bytes(target, address + slide, size), slide
        )
        kernel = KernelView(
            image,
            Sources(directories),
            table,
            BY_NAME[target.info.arch],
            slide,
            Lines(image),
            built=None
            if self.options.vmlinux is None
            else lambda address, size: image.read(address - slide, size),
        )
        own, program = None, None
        if path is not None:
            own = Image.open(path)
            sources = Sources([*directories, path.parent])
            program = ProgramView(own, sources, target.info.program_slide, Lines(own))
        return recording.debugger(target, kernel, image, program, own, self.recorded)

    def table(self, read: "Read | None" = None, slide: int = 0) -> "SyscallTable":
        """The table of the calls that the program makes: of a 64-bit one the kernel's own.

        The bundled one where the kernel shows none, and for a 32-bit program. `read` reads the
        running kernel's memory at link-time addresses, `slide` below where it runs; None: the
        image's bytes.
        """
        from systui.decode.disassembly import Disassembler
        from systui.kernel.image import Image
        from systui.kernel.imagetable import from_image
        from systui.kernel.syscalls import bundled

        path = self.options.program
        if path is not None and Image.open(path).bits < self.image.bits:
            return bundled("i386")
        decode = Disassembler(self.image.bits).operations
        try:
            return from_image(self.image, read, slide=slide, decode=decode)
        except BadInputError:
            return bundled("x86_64" if self.image.bits == 64 else "i386")

    def run(self) -> int:
        """Print the trace or show the screen; returns systui's exit status."""
        options = self.options
        walk = asked_walk(options, self.table())  # what cannot be is said before a guest starts
        if options.headless:
            return self._trace()
        from systui.tui.app import run as show

        return show(
            self.start,
            title=self.title,
            follow=options.follow or (walk.script.call if walk.script else None),
            script=walk.script,
            theme_name=options.theme,
            settings=options.settings,
            waits=lambda: "".join(self.waits),
        )

    def _trace(self) -> int:
        from systui.headless import StandardInput

        debugger = self.start()
        try:
            return print_walk(
                self.options,
                asked_walk(self.options, debugger.kernel.table),
                debugger,
                StandardInput(),
                self.title,
                to_the_end=self.to_the_end,
            )
        finally:
            recording.end(debugger.target)


def _is_piped() -> bool:
    """Whether standard input is there and no terminal: a trace asks nobody for typing."""
    return sys.stdin is not None and not sys.stdin.closed and not os.isatty(0)


def _kernel_bytes(target: "Target", address: int, size: int) -> bytes | None:
    from systui.model.stop import MemoryRange, Space

    return target.read_memory([MemoryRange(Space.KERNEL, address, size)])[0]
