"""The bundled miniature kernel: an ELF image with debug information, and its sources.

It is ours, written from the architecture's rules, in the shape of a modern x86_64 Linux; what it
is and is not says README.md beside this file.
"""

from pathlib import Path

_HERE = Path(__file__).parent


def path() -> Path:
    """The linked image, as shipped."""
    return _HERE / "minikernel.elf"


def sources() -> Path:
    """The directory that the image's line table is relative to."""
    return _HERE / "src"
