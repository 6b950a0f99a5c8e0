"""The bundled miniature kernels: ELF images with debug information, and their sources.

They are ours, written from the architecture's rules: one in the shape of a modern x86_64 Linux, and
one for each older age in `eras`. What they are and are not says README.md beside this file.
"""

from pathlib import Path

from systui.minikernel.eras import TODAY

_HERE = Path(__file__).parent


def path() -> Path:
    """The linked image of today's, as shipped."""
    return TODAY.path


def sources() -> Path:
    """The directory that the images' line tables are relative to."""
    return _HERE / "src"
