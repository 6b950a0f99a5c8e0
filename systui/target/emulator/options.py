"""What a run in the emulator is made of, and its limits."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

MIB = 1 << 20


class Limits(NamedTuple):
    """Where a program is stopped before it harms the machine it runs on.

    A program that maps more memory than `memory` gets ENOMEM; one that touches more than that, or
    needs more page tables than fit in 16 MiB, stops with `Reason.LIMIT`. A stack deeper than 8 MiB
    is a SIGSEGV, as under Linux's default limit.
    """

    memory: int = 256 * MIB
    """Bytes of private writable memory for the program."""
    instructions: int = 2_000_000_000
    """Positions that one run goes through before it stops with `Reason.LIMIT`; the next run goes
    on from there."""
    history: int = 48 * MIB
    """Bytes kept for going back: checkpoints and the pages that differ between them. It decides
    how long a step far back takes, not how far back one can go: the start is always kept."""


class KernelChoices(NamedTuple):
    """What is done to the kernel's code, and left to it."""

    pti: bool = True
    alternatives: bool = False
    native: frozenset[str] = frozenset()


class EmulatorOptions(NamedTuple):
    """Choices of the user."""

    environment: Mapping[str, str] = MappingProxyType({})
    """The program's whole environment."""
    root: Path | None = None
    """Directory that the program sees as `/`, read-only; None: nothing of the host."""
    pti: bool = True
    """Page-table isolation, where the kernel can do it."""
    alternatives: bool = False
    """Patch all of the kernel's alternatives for the emulated CPU, not only those for `pti`."""
    native: frozenset[str] = frozenset()
    """Calls that a real kernel's own handlers are to answer beyond those that surely can."""
    era: str = ""
    """The Linux version in whose shape the miniature kernel is; empty for today's, and others."""
    stdin: bytes | Callable[[int], bytes] | None = None
    """Bytes of a pipe; or what reads up to n more from one; or None: `send_input` gives them."""
    stdout_terminal: bool = True
    stderr_terminal: bool = True
    limits: Limits = Limits()
