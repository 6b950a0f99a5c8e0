"""Real, unbooted kernels under programs, for tests."""

import functools
from collections.abc import Sequence
from pathlib import Path

import program_builder
from real_parts import real_kernel

from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example
from systui.kernel.image import Image
from systui.session.debugger import Debugger
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget

SERIES = ("6.1", "6.12")


@functools.cache
def vmlinux(series: str) -> Path:
    """The newest cloud kernel of `series`; the test is left out where it can't be had."""
    return real_kernel(series).vmlinux


def start(
    series: str,
    program: Path,
    arguments: Sequence[str] = (),
    options: EmulatorOptions | None = None,
) -> EmulatorTarget:
    """`program` at its first instruction on the kernel, whose code is as compiled."""
    image = Image.open(vmlinux(series))
    program_builder.KERNELS[image.build_id] = image
    chosen = options or EmulatorOptions(pti=False, stdin=b"")
    return EmulatorTarget.start(image, program, arguments, chosen)


def debugger(series: str, program: Path | None = None, *, pti: bool = False) -> Debugger:
    """What `systui emulate --kernel` looks through."""
    wanted = Wanted(program or example("accept_43"), pti=pti, kernel=vmlinux(series))
    return Emulation(wanted).start(lambda _count: b"")
