"""A guest with Debian's 6.1 for the benchmarks that need one, and the programs that run on it."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
_HERE = ROOT / "tests" / "attach"
sys.path.append(str(_HERE))

from guests import Guest, ticks
from kernels import UnavailableError, kernel

__all__ = ["ROOT", "Guest", "built", "on_guest", "ticks"]


def on_guest(measure: Callable[[Guest, Path], None]) -> None:
    """Have `measure` use a guest and an empty folder; where no kernel can be had, say so."""
    try:
        debian = kernel("6.1")
    except UnavailableError as error:
        print(f"left out: {error}")
        return
    with tempfile.TemporaryDirectory() as folder, Guest(debian, Path(folder)) as guest:
        measure(guest, Path(folder))


def built(name: str, folder: Path) -> Path:
    """The program of that name, of the benchmarks or the tests; static, in `folder`."""
    program = folder / name
    own, tests = Path(__file__).with_name(f"{name}.c"), _HERE / "programs" / f"{name}.c"
    source = own if own.exists() else tests
    subprocess.run(["gcc", "-O1", "-g", "-static", "-o", program, source], check=True)
    return program
