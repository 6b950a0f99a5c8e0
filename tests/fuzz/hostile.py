"""Hostile inputs for the emulator: mutated programs, and a program that calls at random.

`python tests/fuzz/hostile.py [SECONDS] [SEED]` goes on for as long as asked and prints what it
tried; the tests run the same for a moment. Anything but a typed error or a typed stop escapes and
ends the run with the input's seed.
"""

import random
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from systui import minikernel
from systui.kernel.image import Image
from systui.model.errors import SystuiError
from systui.model.stop import Reason, Stop
from systui.target.emulator.options import MIB, EmulatorOptions, Limits
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run

HERE = Path(__file__).parent
LIMITS = Limits(memory=32 * MIB, instructions=5_000_000, history=8 * MIB)
HEADER_BYTES = 64 + 56 * 12
"""The ELF header and the program headers behind it: where a change does something."""
EDGES = (0, 1, 0xFFF, 0x1000, 0x7FFF_FFFF_F000, 1 << 47, 1 << 63, (1 << 64) - 1, 1 << 40)


def mutated(original: bytes, chance: random.Random) -> bytes:
    """`original` with some bytes or fields changed, mostly in its headers, or cut short."""
    data = bytearray(original)
    for _change in range(chance.randint(1, 6)):
        place = chance.randrange(HEADER_BYTES if chance.random() < 0.9 else len(data))
        match chance.randrange(3):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                data[place] ^= 1 << chance.randrange(8)
            case _:
                place &= ~7
                data[place : place + 8] = struct.pack("<Q", chance.choice(EDGES))
    if chance.random() < 0.1:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


def run(program: Path, arguments: list[str], kernel: Image, root: Path | None = None) -> Stop:
    """The stop at which the program's run ends; SystuiError when it cannot be started."""
    options = EmulatorOptions(limits=LIMITS, stdin=b"one line\n", root=root)
    target = EmulatorTarget.start(kernel, program, arguments, options)
    try:
        return target.resume(Run())
    finally:
        target.close()


def try_mutation(original: bytes, seed: int, kernel: Image, file: Path) -> str:
    """Run one mutated program; what came of it."""
    file.write_bytes(mutated(original, random.Random(seed)))
    file.chmod(0o700)
    try:
        return str(run(file, [], kernel).reason.value)
    except SystuiError:
        return "refused"


def build_random_calls(directory: Path) -> Path:
    """The compiled program that makes calls at random."""
    program = directory / "random_calls"
    flags = ["-O1", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector"]
    subprocess.run(["gcc", *flags, "-o", program, HERE / "random_calls.c"], check=True)
    return program


def try_calls(
    program: Path, seed: int, calls: int, kernel: Image, root: Path, tasks: int = 1
) -> str:
    """Run it with one seed, `root` as its file system; how it ended."""
    stop = run(program, [str(seed), str(calls), str(tasks)], kernel, root)
    assert stop.reason in {Reason.EXIT, Reason.LIMIT, Reason.BLOCKED}, (seed, stop)
    return str(stop.reason.value)


def main() -> None:
    """Alternate both kinds for the time asked."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    kernel = Image.open(minikernel.path())
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        program = build_random_calls(directory)
        original = program.read_bytes()
        root = directory / "root"
        (root / "tmp").mkdir(parents=True)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                counts["program: " + try_mutation(original, seed, kernel, directory / "odd")] += 1
                counts["calls: " + try_calls(program, seed, 100, kernel, root)] += 1
                several = try_calls(program, seed, 50, kernel, root, 2 + seed % 5)
                counts["tasks: " + several] += 1
            except BaseException:
                print(f"seed {seed}", file=sys.stderr)
                raise
            seed += 1
    for what, count in sorted(counts.items()):
        print(f"{count:7} {what}")


if __name__ == "__main__":
    main()
