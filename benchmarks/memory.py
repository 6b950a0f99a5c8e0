"""Resident memory after a million tracked steps, every hundredth with its whole snapshot."""

import resource
import subprocess
import tempfile
from pathlib import Path

from benchmarks.composed import debugger

STEPS = 1_000_000
SHOWN = 100
SOURCE = """
static volatile unsigned long table[1 << 16];
int main(void)
{
    for (unsigned long i = 0; i < 1000000; i++) {
        table[(i * 40503) & 0xffff] += i;
        if (i % 1000 == 0)
            __asm__ volatile("syscall" : : "a"(39) : "rcx", "r11", "memory");
    }
    return 0;
}
"""


def main() -> None:
    """Print the resident set before and after."""
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / "busy"
        subprocess.run(
            ["gcc", "-O1", "-static", "-x", "c", "-", "-o", program],
            input=SOURCE.encode(),
            check=True,
        )
        driven = debugger(program)
        driven.snapshot()
        before = _resident()
        for step in range(STEPS):
            driven.step()
            if step % SHOWN == 0:
                driven.snapshot()
        print(f"resident memory at the start           {before:4} MB")
        print(f"resident memory after {STEPS:,} steps {_resident():4} MB")


def _resident() -> int:
    """The largest resident set so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
