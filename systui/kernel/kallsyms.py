"""The symbols that a kernel keeps in itself (kallsyms), found by vmlinux-to-elf.

That is a program of its own (GPL-3.0-or-later; the extra `kallsyms` installs it): it looks through
the image for the compressed table and prints it as System.map does. It runs in a process with
bounds on time and memory, since nobody vouches for the image.
"""

import subprocess
import sys
from importlib.util import find_spec

from systui.kernel.elf import File
from systui.model.errors import BadInputError
from systui.words import _

_MODULE = "vmlinux_to_elf.scripts.kallsyms_finder"
_SECONDS = 60
_MEMORY = 2 << 30
_BOUNDED = f"""
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_CPU, ({_SECONDS}, {_SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
runpy.run_module({_MODULE!r}, run_name="__main__", alter_sys=True)
"""


def find(kernel: File) -> bytes:
    """The table in the unpacked `kernel` as System.map's text.

    BadInputError where there is none or what finds it is not installed.
    """
    if find_spec("vmlinux_to_elf") is None:
        raise BadInputError(
            _(
                "{path}: has no symbols; name its System.map with --symbols, or install "
                "vmlinux-to-elf with pip, which finds those that a kernel keeps in itself"
            ).format(path=kernel.path)
        )
    command = [sys.executable, "-I", "-c", _BOUNDED, "/dev/stdin"]
    try:
        done = subprocess.run(
            command,
            stdin=kernel.rewound(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=2 * _SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise _none(kernel) from None
    if done.returncode != 0 or not done.stdout:
        raise _none(kernel)
    return done.stdout


def _none(kernel: File) -> BadInputError:
    return BadInputError(
        _(
            "{path}: has no symbols, and vmlinux-to-elf finds none that it keeps in itself; "
            "name its System.map with --symbols"
        ).format(path=kernel.path)
    )
