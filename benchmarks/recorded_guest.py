"""What a recording costs on a real kernel behind QEMU's gdbstub: Debian's 6.1.

    python -m benchmarks.recorded_guest

A followed call from the command to its end, recorded and not recorded in turn on one running guest;
then steps along a call's way, likewise. Medians.
"""

import statistics
import subprocess
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

ROUNDS = 9
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


def followed_calls(guest: Guest, folder: Path) -> None:
    """`systui attach --follow`, from the command to its end."""
    source, program = ROOT / "tests" / "attach" / "programs" / "spinner.c", folder / "spinner"
    subprocess.run(["gcc", "-O1", "-g", "-static", "-o", program, source], check=True)
    machine = guest.machine(program, "nokaslr", extra=("-icount", "shift=3"))
    command = [str(Path(sys.executable).with_name("systui")), "attach", str(machine.stub)]
    command += ["--vmlinux", str(guest.kernel.vmlinux), "--program", str(program)]
    command += ["--follow", "getppid", "--headless"]
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(2 * ROUNDS + 2):
        record = ["--record", str(folder / "call.jsonl.zst")] if turn % 2 else []
        started = time.perf_counter()
        subprocess.run([*command, *record], check=True, capture_output=True)
        if turn > 1:  # the first round fills caches
            taken[turn % 2].append(time.perf_counter() - started)
    machine.close()
    plain, recorded = map(statistics.median, taken)
    print(
        f"  a followed call on a gdbstub {plain * 1000:6.0f} ms  "
        f"recorded {recorded * 1000:6.0f} ms  {recorded / plain:5.2f} ×"
    )


def main() -> None:
    """Print the figures; nothing where no kernel can be had."""
    try:
        debian = kernel("6.1")
    except UnavailableError as error:
        print(f"left out: {error}")
        return
    with tempfile.TemporaryDirectory() as folder, Guest(debian, Path(folder)) as guest:
        followed_calls(guest, Path(folder))
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
