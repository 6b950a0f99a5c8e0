"""The screen over a real kernel, at 120x40: Debian's 6.1 behind QEMU's gdbstub.

    python -m benchmarks.guest_screen

From `systui attach` to the first whole screen with a stop on it, with nothing known of the kernel
and with all of it, beside gdb's own load of the same vmlinux; the memory of systui's own process
then, and at its height; and from key to painted stop, along the entry path.
"""

import asyncio
import os
import statistics
import subprocess
import tempfile
from pathlib import Path
from unittest.mock import patch

from benchmarks.attached import guest_debugger, timed
from benchmarks.debian import Guest, built, on_guest
from benchmarks.screen import FRAME, Timed, key_to_paint, start_up, tell
from systui.session.debugger import Debugger

STARTS = 5
SIZE = (120, 40)
STOP = b"step 0"


class Memory:
    """What a process has resident, in MB; its children are other processes."""

    def __init__(self) -> None:
        self.now: list[float] = []
        self.most: list[float] = []

    def look(self, process: int) -> None:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        self.now.append(int(fields["VmRSS"].split()[0]) / 1024)
        self.most.append(int(fields["VmHWM"].split()[0]) / 1024)


def first_screens(guest: Guest, program: Path) -> None:
    """Print how long the first screen takes, cold and warm, and what memory it takes."""
    machine = guest.machine(program)
    vmlinux = str(guest.kernel.vmlinux)
    load = ["gdb", "-nx", "-q", "-batch", vmlinux]
    memory = Memory()

    def start() -> float:
        words = ("attach", str(machine.stub), "--vmlinux", vmlinux)
        return start_up(words, (FRAME, STOP), memory.look)[1]

    subprocess.run(load, check=True)
    theirs, cold, warm = [], [], []
    for _turn in range(STARTS):
        theirs.append(timed(lambda: subprocess.run(load, check=True)))
        with tempfile.TemporaryDirectory() as cache, patch.dict(os.environ, XDG_CACHE_HOME=cache):
            cold.append(start())
            warm.append(start())
    machine.close()
    ratio = statistics.median(ours / gdbs for ours, gdbs in zip(cold, theirs, strict=True))
    for name, taken in (("gdb loads the same", theirs), ("first screen, warm", warm)):
        print(f"{name:32} {statistics.median(taken):7.2f} s")
    print(f"{'first screen, cold':32} {statistics.median(cold):7.2f} s   {ratio:.2f}× gdb's load")
    print(f"{'resident':32} {max(memory.now):7.0f} MB   (at its height {max(memory.most):.0f} MB)")


def keys(guest: Guest, program: Path) -> None:
    """Print how long a key takes to its painted stop, from the entry on."""
    machine = guest.machine(program, "nokaslr")

    def begin() -> Debugger:
        target = guest.attach(machine, program)
        debugger = guest_debugger(guest, target, program)
        debugger.run_to([guest.address(target, "entry_SYSCALL_64")])
        return debugger

    app = Timed(begin, title=program.name)
    tell("key to paint at 120x40", asyncio.run(key_to_paint(app, SIZE)))
    machine.close()


def main() -> None:
    """Print the figures; nothing where no kernel can be had."""
    on_guest(_measure)


def _measure(guest: Guest, folder: Path) -> None:
    program = built("spinner", folder)
    keys(guest, program)
    first_screens(guest, program)


if __name__ == "__main__":
    main()
