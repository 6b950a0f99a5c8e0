"""Real, unbooted kernels under programs, for tests."""

import functools
from collections.abc import Sequence
from pathlib import Path

import built_kernels
import program_builder
from i386_kernels import i386_kernel
from kernels import Kernel, kernel
from real_parts import had

from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example
from systui.kernel.image import Image
from systui.session.debugger import Debugger
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget

SERIES = ("6.1", "6.12")
"""Debian's cloud kernels."""
SMALL = built_kernels.SMALL
ALL = (*SERIES, SMALL)
I386 = "6.1 for i386"
"""Debian's 32-bit kernel."""


_OTHERS = {SMALL: built_kernels.small, I386: i386_kernel}


@functools.cache
def real(name: str) -> Kernel:
    """A series' newest cloud kernel, `SMALL` or `I386`; without it the test is left out."""
    return had(name, _OTHERS.get(name) or functools.partial(kernel, name))


def vmlinux(name: str) -> Path:
    """That kernel's image with symbols."""
    return real(name).vmlinux


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
