"""Putting an emulated machine together: the bundled kernel, a program, and what decodes them.

The machine itself is imported when one is started: the screen paints before that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from systui.cli.kernels import Bundled, Choice, Own
from systui.cli.recording import Recording, debugger
from systui.kernel.image import Image
from systui.minikernel.eras import BY_NAME, TODAY

if TYPE_CHECKING:
    from systui.kernel.syscalls import SyscallTable
    from systui.session.debugger import Debugger
    from systui.target.emulator.options import Limits
    from systui.target.protocol import Target

ENVIRONMENT = {
    "HOME": "/home/user",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "TERM": "xterm-256color",
}
"""What a program finds in its environment, the same on every machine."""


class Wanted(NamedTuple):
    """What the command line asks for."""

    program: Path
    arguments: Sequence[str] = ()
    environment: Sequence[str] = ()
    """`K=V` each, added to the small fixed one."""
    root: Path | None = None
    pti: bool | None = None
    """None: as the kernel's kind has it by default."""
    kernel: Path | None = None
    """The user's own vmlinux or bzImage; None: the bundled kernel."""
    era: str | None = None
    """The age in whose shape the miniature kernel is (`systui.minikernel.eras`); None: today's."""
    symbols: Path | None = None
    """That kernel's System.map; None: its own symbols."""
    alternatives: bool = False
    """Patch all of its alternatives."""
    native: frozenset[str] = frozenset()
    """Calls that its own code is to answer, whether or not it can."""
    sources: Sequence[Path] = ()
    """Directories with source text of the program."""
    recording: Recording | None = None
    """None: what runs cannot be recorded, which saves its cost."""
    instructions: int | None = None
    """How many may run before the program is stopped; None: the emulator's own limit."""
    memory: int | None = None
    """MiB that the program may use; None likewise."""


class Emulation:
    """Makes emulated machines, all alike."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._kernel: Choice = (
            Bundled(BY_NAME[wanted.era] if wanted.era else TODAY)
            if wanted.kernel is None
            else Own(wanted.kernel, wanted.sources, wanted.symbols)
        )

    @cached_property
    def table(self) -> SyscallTable:
        """The kernel's table of the calls that the program makes."""
        from systui.kernel.syscalls import bundled

        bits = Image.open(self._wanted.program).bits
        if bits < self._kernel.open().bits:
            return bundled("i386")
        return self._kernel.table()

    def unpatched(self) -> str:
        """What a person should know of the kernel's code; empty where there is nothing to say."""
        return self._kernel.unpatched(self._wanted.alternatives)

    def check_program(self) -> None:
        """BadInputError where the program cannot be run as asked, before anything is shown."""
        Image.open(self._wanted.program)
        for name in sorted(self._wanted.native):
            if self._kernel.table().find(name) is None:
                raise self._kernel.table().unknown(name)

    def start(
        self, stdin: Callable[[int], bytes] | None = None, *, own_terminals: bool = False
    ) -> Debugger:
        """A debugger that stands at the program's first instruction.

        `stdin` None: the program's input is typed, and a read of it blocks until then. With
        `own_terminals` its output is a terminal where systui's own is, else always.
        """
        from systui.kernel.lines import Lines
        from systui.kernel.sources import Sources
        from systui.kernel.view import ProgramView
        from systui.target.emulator.options import EmulatorOptions
        from systui.target.emulator.target import EmulatorTarget

        wanted = self._wanted
        kernel = self._kernel.open()
        if wanted.pti:
            self._kernel.check_isolation()
        options = EmulatorOptions(
            environment=ENVIRONMENT | dict(pair.split("=", 1) for pair in wanted.environment),
            root=wanted.root,
            pti=self._kernel.pti if wanted.pti is None else wanted.pti,
            alternatives=wanted.alternatives,
            native=wanted.native,
            era=self._kernel.era,
            stdin=stdin,
            limits=_limits(wanted),
            stdout_terminal=not own_terminals or os.isatty(1),
            stderr_terminal=not own_terminals or os.isatty(2),
        )
        target: Target = EmulatorTarget.start(kernel, wanted.program, wanted.arguments, options)
        image = Image.open(wanted.program)
        sources = Sources([*wanted.sources, wanted.program.parent])
        slide = target.info.program_slide
        view = self._kernel.view(kernel, Lines(kernel), self.table)
        program = ProgramView(image, sources, slide, Lines(image))
        return debugger(target, view, kernel, program, image, wanted.recording)


def _limits(wanted: Wanted) -> Limits:
    from systui.target.emulator.options import MIB, Limits

    usual = Limits()
    return usual._replace(
        instructions=wanted.instructions or usual.instructions,
        memory=wanted.memory * MIB if wanted.memory else usual.memory,
    )
