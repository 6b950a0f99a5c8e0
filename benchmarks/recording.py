"""Recordings: what making one costs, how big it is, and how soon a long one is shown.

Each round runs every contender once; medians are reported, and of followed calls the median of
each round's ratio, since a machine that is busy for a while slows all of a round. CPU time.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from operator import truediv
from pathlib import Path

from benchmarks.cold import ENVIRONMENT
from systui.cli import collect_rarely
from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.cli.replaying import Replaying
from systui.examples import path as example
from systui.model.call import Phase
from systui.model.stop import Reason
from systui.session.debugger import Debugger

ROUNDS = 15
FOLLOWED = 40
"""Rounds of followed calls: one takes so little that noise is the most of what differs."""
STEPS = 3000
STOPS = 100_000
JUMPS = 400
LONG = 500
"""Steps from which on a call counts as a long one."""


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one run, its output discarded."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command, check=True, capture_output=True, stdin=subprocess.DEVNULL, env=ENVIRONMENT
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def followed_calls(directory: Path) -> None:
    """A whole followed call, cold, with and without a recording."""
    command = [str(Path(sys.executable).with_name("systui")), "emulate", "--follow", "43"]
    command += ["--headless"]
    program = str(example("accept_43"))
    contenders = {
        "not recorded": [],
        "recorded": ["--record", str(directory / "call.jsonl")],
        "recorded, zstd": ["--record", str(directory / "call.jsonl.zst")],
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _round in range(FOLLOWED):
        for name, options in contenders.items():
            times[name].append(cpu_seconds([*command, *options, program]))
    for name, taken in times.items():
        ratio = statistics.median(map(truediv, taken, times["not recorded"]))
        print(f"  follow 43, {name:16} {statistics.median(taken) * 1000:6.0f} ms  {ratio:5.2f} ×")


def seen_steps(directory: Path) -> None:
    """Steps with their whole snapshot."""
    program = Path(str(example("accept_43")))
    for name, recording in (
        ("not recorded", None),
        ("recorded, zstd", Recording(directory / "steps.jsonl.zst", None)),
    ):
        debugger = Emulation(Wanted(program, recording=recording)).start()
        start = time.process_time()
        for _step in range(STEPS):
            debugger.step()
            debugger.snapshot()
        taken = time.process_time() - start
        debugger.target.close()
        print(f"  a step and its snapshot, {name:16} {taken / STEPS * 1e6:6.0f} µs")


def long_recording(path: Path) -> float:
    """Record a long session of a program that makes one call after the other; bytes a stop."""
    source, program = Path(__file__).with_name("calls.c"), path.with_name("calls")
    subprocess.run(["gcc", "-O1", "-g", "-static", "-o", program, source], check=True)
    debugger = Emulation(Wanted(program, recording=Recording(path, None))).start()
    for _step in range(STOPS - 1):
        debugger.step()
    debugger.target.close()
    return path.stat().st_size / STOPS


def long_calls(directory: Path) -> None:
    """The first jump to the end of a long call, each time in a recording just opened."""
    source, program = Path(__file__).with_name("pieces.c"), directory / "pieces"
    subprocess.run(["gcc", "-O1", "-g", "-static", "-o", program, source], check=True)
    path = directory / "pieces.jsonl.zst"
    debugger = Emulation(Wanted(program, recording=Recording(path, None))).start()
    calls, entered = [], 0
    while debugger.step().reason is Reason.STEP:
        position = debugger.stop.position
        if debugger.phase is Phase.USER:
            if position - entered > LONG:
                calls.append((entered, position))
            entered = position
    debugger.target.close()
    for entered, left in calls:
        first, again = [], []
        for _round in range(ROUNDS):
            debugger = Replaying(path, []).start()
            debugger.snapshot()
            first.append(jump_time(debugger, left - 1))
            again.append(jump_time(debugger, (entered + left) // 2))
            debugger.target.close()
        print(
            f"  a first jump into a call of {left - entered:6,} steps "
            f"{statistics.median(first) * 1000:4.1f} ms, worst {max(first) * 1000:.1f} ms; "
            f"the next one {statistics.median(again) * 1000:.1f} ms"
        )


def jump_time(debugger: Debugger, position: int) -> float:
    """CPU seconds until the stop at `position` can be shown."""
    start = time.process_time()
    debugger.seek(position)
    debugger.snapshot()
    return time.process_time() - start


def opened(path: Path) -> None:
    """How soon it is shown, and jumps."""
    collect_rarely()  # as the command does
    start = time.process_time()
    debugger = Replaying(path, []).start()
    debugger.snapshot()
    print(f"  opened to the first snapshot   {(time.process_time() - start) * 1000:6.0f} ms")
    times = []
    for index in range(JUMPS):
        times.append(jump_time(debugger, index * 7919 * 13 % STOPS))
    median, worst = statistics.median(times), max(times)
    print(f"  a jump anywhere, with snapshot {median * 1000:6.1f} ms, worst {worst * 1000:.1f} ms")
    debugger.seek(STOPS // 2)
    start = time.process_time()
    for _step in range(STEPS):
        debugger.step()
        debugger.snapshot()
    print(f"  a step and its snapshot        {(time.process_time() - start) / STEPS * 1e6:6.0f} µs")
    start = time.process_time()
    for _step in range(STEPS):
        debugger.step_back()
        debugger.snapshot()
    print(f"  a step back                    {(time.process_time() - start) / STEPS * 1e6:6.0f} µs")
    debugger.seek(0)
    start = time.process_time()
    debugger.resume()
    print(f"  a run over all of it           {(time.process_time() - start) * 1000:6.0f} ms")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  memory                         {used:6.0f} MB")
    debugger.target.close()


def main() -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        followed_calls(directory)
        seen_steps(directory)
        path = directory / "long.jsonl.zst"
        print(f"  a stop takes                   {long_recording(path):6.1f} bytes")
        child = os.fork()
        if child == 0:
            opened(path)
            long_calls(directory)
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
        cut = directory / "cut.jsonl.zst"
        cut.write_bytes(path.read_bytes()[:-4000])
        start = time.process_time()
        Replaying(cut, []).start().snapshot()
        print(f"  opened without its index       {(time.process_time() - start) * 1000:6.0f} ms")


if __name__ == "__main__":
    main()
