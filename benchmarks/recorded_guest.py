"""What a recording costs on a real kernel behind QEMU's gdbstub: Debian's 6.1.

    python -m benchmarks.recorded_guest

The first steps of a call, and a followed call from the command to its end, to a new file each;
recorded and not recorded in turn on one running guest. Each recorded one is set against the
nearest one in time, and the median of these ratios is told: a machine that is busy for a while
slows both. Wall time, and CPU time of systui with its gdb, which the guest's own speed does not
touch. The program is found outside a call: to begin inside of one takes longer.
"""

import re
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from benchmarks.debian import Guest, built, on_guest
from systui.arch.x86_64 import X86_64
from systui.cli.recording import Recording
from systui.cli.recording import debugger as composed
from systui.kernel.image import Image
from systui.kernel.imagetable import from_image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.view import KernelView, ProgramView
from systui.session.debugger import Debugger
from systui.target.recordable import Recordable

CALLS = 60
"""Followed calls of each kind."""
BLOCK = 10
BLOCKS = 24
_STOP = re.compile(r"^ +(\d+)  \S", re.MULTILINE)
"""A landmark of the printed walk, with its stop's number."""


def _debugger(guest: Guest, program: Path) -> Debugger:
    image = Image.open(program)
    target = guest.boot(program, "pti=on nokaslr", extra=("-icount", "shift=3"))
    view = KernelView(
        guest.image, Sources([]), from_image(guest.image), X86_64, 0, Lines(guest.image)
    )
    own = ProgramView(image, Sources([]), 0, Lines(image))
    return composed(target, view, guest.image, own, image, Recording(None, None))


class Cost(NamedTuple):
    """What something took, in seconds."""

    wall: float
    cpu: float


def _now(whose: int) -> Cost:
    used = resource.getrusage(whose)
    return Cost(time.perf_counter(), used.ru_utime + used.ru_stime)


def _since(before: Cost, whose: int) -> Cost:
    now = _now(whose)
    return Cost(now.wall - before.wall, now.cpu - before.cpu)


def _tell(what: str, unit: float, pairs: list[tuple[Cost, Cost]]) -> None:
    """Print the medians; `pairs`: not recorded, and recorded right after it."""
    for kind in Cost._fields:
        plain, recorded = (
            [getattr(cost, kind) for cost in side] for side in zip(*pairs, strict=True)
        )
        ratio = statistics.median(
            after / before for before, after in zip(plain, recorded, strict=True)
        )
        print(
            f"  {what:32} {kind:4}  {statistics.median(plain) * unit:7.0f}  "
            f"recorded {statistics.median(recorded) * unit:7.0f}  {ratio:5.2f} ×"
        )


def steps(debugger: Debugger, path: Path, shown: bool) -> list[tuple[Cost, Cost]]:
    """What a step takes; `shown`: with its snapshot."""
    target = debugger.target
    assert isinstance(target, Recordable)
    entry = debugger.kernel.path.entry
    assert entry is not None
    costs: list[Cost] = []
    for block in range(BLOCKS + 2):
        debugger.run_to([entry])
        if block % 2:
            target.start_recording(path)
        before = _now(resource.RUSAGE_SELF)
        for _step in range(BLOCK):
            debugger.step()
            if shown:
                debugger.snapshot()
        costs.append(Cost(*(each / BLOCK for each in _since(before, resource.RUSAGE_SELF))))
        target.stop_recording()
    return list(zip(costs[2::2], costs[3::2], strict=True))  # the first ones fill caches


def followed_calls(guest: Guest, program: Path, folder: Path) -> dict[int, list[tuple[Cost, Cost]]]:
    """`systui attach --follow`, from the command to its end, by how many stops the call has.

    An interrupt or another task's turn may add to them: only calls of the same length say what
    recording adds.
    """
    machine = guest.machine(program, "nokaslr", extra=("-icount", "shift=3"))
    command = [str(Path(sys.executable).with_name("systui")), "attach", str(machine.stub)]
    command += ["--vmlinux", str(guest.kernel.vmlinux), "--program", str(program)]
    command += ["--follow", "getppid", "--headless"]
    costs: tuple[dict[int, dict[int, Cost]], ...] = (defaultdict(dict), defaultdict(dict))
    for turn in range(2 * CALLS + 2):
        record = ["--record", str(folder / f"call-{turn}.jsonl.zst")] if turn % 2 else []
        before = _now(resource.RUSAGE_CHILDREN)
        done = subprocess.run([*command, *record], check=False, capture_output=True, text=True)
        cost = _since(before, resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise SystemExit(done.stdout[-400:] + done.stderr)
        if turn > 1:  # the first ones fill caches
            costs[turn % 2][int(_STOP.findall(done.stdout)[-1])][turn] = cost
    machine.close()
    plain, recorded = costs
    return {
        stops: [(_nearest(plain[stops], turn), cost) for turn, cost in recorded[stops].items()]
        for stops in sorted(plain.keys() & recorded.keys())
    }


def _nearest(costs: dict[int, Cost], turn: int) -> Cost:
    return costs[min(costs, key=lambda other: abs(other - turn))]


def main() -> None:
    """Print the figures; nothing where no kernel can be had."""
    on_guest(_measure)


def _measure(guest: Guest, folder: Path) -> None:
    program = built("paced", folder)
    debugger = _debugger(guest, program)
    path = folder / "guest.jsonl.zst"
    _tell("a step on a gdbstub, µs", 1e6, steps(debugger, path, shown=False))
    _tell("a step on a gdbstub, shown, µs", 1e6, steps(debugger, path, shown=True))
    debugger.target.close()
    for stops, pairs in followed_calls(guest, program, folder).items():
        _tell(f"{len(pairs)} followed calls, {stops} stops, ms", 1e3, pairs)


if __name__ == "__main__":
    main()
