"""The debugger that the benchmarks drive: a program on the bundled kernel."""

from pathlib import Path

from systui import minikernel
from systui.arch.x86_64 import X86_64
from systui.examples import path as example
from systui.follow import finder
from systui.follow.call import CallSpec
from systui.kernel import syscalls
from systui.kernel.image import Image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.view import KernelView, ProgramView
from systui.session.debugger import Debugger
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget


def debugger(program: Path) -> Debugger:
    """A debugger at the first instruction of `program`."""
    kernel = Image.open(minikernel.path())
    target = EmulatorTarget.start(kernel, program, (), EmulatorOptions(stdin=b""))
    view = KernelView(
        kernel,
        Sources([minikernel.sources()]),
        syscalls.bundled("x86_64"),
        X86_64,
        lines=Lines(kernel),
    )
    image = Image.open(program)
    mine = ProgramView(image, Sources([program.parent]), 0, Lines(image))
    return Debugger(target, view, mine)


def debugger_at(call: str) -> Debugger:
    """A debugger at the instruction of accept_43 that makes `call`."""
    driven = debugger(example("accept_43"))
    finder.Search(driven, CallSpec.parse(call, driven.kernel.table), lambda: None).run()
    return driven
