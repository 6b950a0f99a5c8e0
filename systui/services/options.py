"""What a run of a program is made of, as its kernel is told."""

from collections.abc import Callable
from typing import NamedTuple

from systui.services.narrow import UNDER_64, Narrow

MIB = 1 << 20


class SystemOptions(NamedTuple):
    """What a run is made of."""

    program: str = "/home/user/program"
    """The executable's path as the program sees it."""
    image: bytes = b""
    """The executable's bytes, shown at `program` where the tree has nothing there."""
    arguments: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    root: str | None = None
    """Host directory that the program sees, read-only, as `/`; None: a small built-in tree."""
    directory: str = "/home/user"
    """Working directory; `/` where the tree lacks it."""
    stdin: bytes | Callable[[int], bytes] | None = None
    """Bytes of a pipe; or what reads up to n more from one; or None: a terminal typed into."""
    stdout_terminal: bool = True
    stderr_terminal: bool = True
    uid: int = 0
    gid: int = 0
    memory: int = 512 * MIB
    """Bytes of private writable mappings."""
    overlay: int = 64 * MIB
    """Bytes that files written by the program may hold."""
    start_time: int = 1_700_000_000_000_000_000
    """CLOCK_REALTIME at the start, in nanoseconds since 1970."""
    seed: int = 0
    """Of everything random."""
    narrow: Narrow = UNDER_64
    """What a 32-bit program finds."""
