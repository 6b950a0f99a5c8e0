"""What a recording costs on a real kernel behind QEMU's gdbstub: Debian's 6.1.

    python -m benchmarks.recorded_guest

Steps along a system call's way, blocks recorded and not recorded in turn on one guest; medians.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests" / "attach"))

from guests import Guest
from kernels import UnavailableError, kernel

from systui.arch.x86_64 import X86_64
from systui.cli.recording import Recording
from systui.cli.recording import debugger as composed
from systui.examples import path as example
from systui.kernel.image import Image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.syscalls import from_image
from systui.kernel.view import KernelView, ProgramView
from systui.session.debugger import Debugger
from systui.target.recordable import Recordable

BLOCK = 10
BLOCKS = 24


def _debugger(guest: Guest, program: Path) -> Debugger:
    image = Image.open(program)
    target = guest.boot(program, "pti=on nokaslr", extra=("-icount", "shift=3"))
    view = KernelView(
        guest.image, Sources([]), from_image(guest.image), X86_64, 0, Lines(guest.image)
    )
    own = ProgramView(image, Sources([]), 0, Lines(image))
    return composed(target, view, guest.image, own, image, Recording(None, None))


def steps(debugger: Debugger, path: Path, shown: bool) -> tuple[float, float]:
    """Median seconds of a step, not recorded and recorded; `shown`: with its snapshot."""
    target = debugger.target
    assert isinstance(target, Recordable)
    entry = debugger.kernel.path.entry
    assert entry is not None
    plain: list[float] = []
    recorded: list[float] = []
    for block in range(BLOCKS):
        if block % 8 == 0:
            debugger.run_to([entry])
        if block % 2:
            target.start_recording(path)
        for _step in range(BLOCK):
            started = time.perf_counter()
            debugger.step()
            if shown:
                debugger.snapshot()
            (recorded if block % 2 else plain).append(time.perf_counter() - started)
        target.stop_recording()
    return statistics.median(plain), statistics.median(recorded)


def main() -> None:
    """Print the figures; nothing where no kernel can be had."""
    try:
        debian = kernel("6.1")
    except UnavailableError as error:
        print(f"left out: {error}")
        return
    with tempfile.TemporaryDirectory() as folder, Guest(debian, Path(folder)) as guest:
        debugger = _debugger(guest, Path(str(example("accept_43"))))
        path = Path(folder) / "guest.jsonl.zst"
        for shown in (False, True):
            plain, recorded = steps(debugger, path, shown)
            print(
                f"  a step on a gdbstub{', shown' if shown else '       '}  {plain * 1e6:6.0f} µs  "
                f"recorded {recorded * 1e6:6.0f} µs  {recorded / plain:5.2f} ×"
            )
        debugger.target.close()


if __name__ == "__main__":
    main()
