"""Attaching to a real kernel, side by side with plain gdb on one guest: Debian's 6.1.

    python -m benchmarks.attached

A step to its decoded snapshot; the rate that a spinning guest keeps while a follow waits; the time
from the command to the first snapshot, with nothing known of the kernel and with all of it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.debian import ROOT, Guest, built, on_guest, ticks
from systui.arch.x86_64 import X86_64
from systui.kernel.image import Image
from systui.kernel.imagetable import from_image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.view import KernelView, ProgramView
from systui.model.stop import MemoryRange, Reason, Space
from systui.session.debugger import Debugger
from systui.target.gdb.target import GdbTarget
from systui.target.protocol import Run

STEPS = 200
SPIN_SECONDS = 2.0
MEETING_SECONDS = 0.02
"""Until an interrupt that meets any task: in the middle of a call only its own task is run for."""
SPINS = 9
STARTS = 5
_START = """
import sys
from pathlib import Path
from types import SimpleNamespace
from systui.cli.guest import Guest
from systui.kernel.image import Image
from systui.target.gdb.attach import attach
from systui.target.gdb.connection import Address
options = SimpleNamespace(
    source=[], gdb="gdb", program=None, vmlinux=sys.argv[1], headless=False
)
stub = Address.parse(sys.argv[2])
image = Image.open(Path(sys.argv[1]))
debugger = Guest(options, image, lambda wanted: attach(stub, wanted), "", False).start()
debugger.snapshot()
debugger.target.close()
"""


class PlainGdb:
    """gdb on its own command line, as a person has it."""

    def __init__(self, *commands: str) -> None:
        words = [word for command in commands for word in ("-ex", command)]
        self._process = subprocess.Popen(
            ["gdb", "-nx", "-q", "-ex", "set pagination off", "-ex", "set confirm off", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.ask("show version")

    def ask(self, command: str) -> None:
        """Run `command` and wait for what is printed after it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\necho <done>\n".encode())
        self._process.stdin.flush()
        said = b""
        while b"<done>" not in said:
            said += os.read(self._process.stdout.fileno(), 65536)

    def close(self) -> None:
        self.ask("detach")
        self._process.kill()
        self._process.wait()


def timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def steps(guest: Guest, program: Path) -> tuple[float, float]:
    """Median seconds for a step to its snapshot through the entry path, ours and `stepi`'s."""
    machine = guest.machine(program, "nokaslr")
    target = guest.attach(machine, program)
    debugger = guest_debugger(guest, target, program)
    entry = guest.address(target, "entry_SYSCALL_64")

    def step() -> None:
        debugger.step()
        debugger.snapshot()

    for _warm in range(2):
        debugger.run_to([entry])
        ours = statistics.median(timed(step) for _ in range(STEPS))
    target.close()
    plain = PlainGdb(
        f"file {guest.kernel.vmlinux}",
        f"target remote {machine.stub}",
        f"hbreak *{entry:#x}",
        "continue",
        "delete",
    )
    theirs = statistics.median(timed(lambda: plain.ask("stepi")) for _ in range(STEPS))
    plain.close()
    machine.close()
    return ours, theirs


def guest_debugger(guest: Guest, target: GdbTarget, program: Path) -> Debugger:
    image = Image.open(program)
    view = KernelView(
        guest.image,
        Sources([]),
        from_image(guest.image),
        X86_64,
        target.info.slide,
        Lines(guest.image),
    )
    return Debugger(target, view, ProgramView(image, Sources([]), 0, Lines(image)))


def spin(guest: Guest, program: Path, followed: bool) -> tuple[float, float, float]:
    """Calls for each second of QEMU's processor time: while one is waited for, and attached only.

    With `followed` the calls are another program's than the one whose instructions are armed. The
    last figure is the median of what each turn kept: on a shared machine turns differ more than the
    two do.
    """
    machine = guest.machine(program)
    target = guest.attach(machine, program if followed else None)
    image = Image.open(program)
    calls, never_run = image.symbol("calls"), image.symbol("abort")
    assert calls is not None
    assert never_run is not None
    place = MemoryRange(Space.USER, calls.address, 8)
    getppid = guest.address(target, "__x64_sys_getppid")
    live = target._live

    def count() -> int:
        """The counter, at a stop in the call: the right page table must be the one in use."""
        data = None
        while data is None:
            live.run({getppid: lambda kept: True}, patient=True)
            (data,) = target.read_memory([place])
        return int.from_bytes(data, "little")

    def run_for(seconds: float, points: frozenset[int]) -> None:
        threading.Timer(seconds, target.interrupt).start()
        assert target.resume(Run(addresses=points)).reason is Reason.INTERRUPTED

    def rate(points: frozenset[int]) -> float:
        before, started = count(), ticks(machine.process.pid)
        run_for(MEETING_SECONDS, frozenset())
        run_for(SPIN_SECONDS, points)
        used = ticks(machine.process.pid) - started
        return (count() - before) / used * os.sysconf("SC_CLK_TCK")

    points = {guest.address(target, "__x64_sys_accept4")}
    points |= {never_run.address} if followed else set()
    kept = dict(live._endings.places)
    armed, bare = [], []
    for _turn in range(SPINS):
        armed.append(rate(frozenset(points)))
        live._endings.places.clear()
        bare.append(rate(frozenset()))
        live._endings.places.update(kept)
    target.close()
    machine.close()
    kept_rates = [one / other for one, other in zip(armed, bare, strict=True)]
    return statistics.median(armed), statistics.median(bare), statistics.median(kept_rates)


def starts(guest: Guest, program: Path) -> tuple[float, float, float]:
    """Seconds to the first snapshot: cold, warm; and those in which gdb loads the same vmlinux."""
    machine = guest.machine(program)
    command = [sys.executable, "-c", _START, str(guest.kernel.vmlinux), str(machine.stub)]
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONPATH": str(ROOT)}

        def start() -> None:
            subprocess.run(command, env=environment, check=True)

        load = ["gdb", "-nx", "-q", "-batch", str(guest.kernel.vmlinux)]
        subprocess.run(load, check=True)
        theirs = statistics.median(
            timed(lambda: subprocess.run(load, check=True)) for _ in range(STARTS)
        )
        cold = timed(start)
        warm = statistics.median(timed(start) for _ in range(STARTS))
    machine.close()
    return cold, warm, theirs


def main() -> None:
    """Print the figures; nothing where no kernel can be had."""
    on_guest(_measure)


def _measure(guest: Guest, folder: Path) -> None:
    ours, theirs = steps(guest, built("spinner", folder))
    print(f"step to snapshot      {ours * 1e6:8.0f} µs   stepi {theirs * 1e6:8.0f} µs", end="")
    print(f"   {ours / theirs:5.2f}×")
    for name, followed in (("counter", False), ("neighbour", True)):
        armed, bare, rate = spin(guest, built(name, folder), followed)
        print(
            f"spinning while armed  {armed:8.0f}/s   bare  {bare:8.0f}/s   {rate:6.1%}",
            end="",
        )
        print("   with --program" if followed else "")
    cold, warm, load = starts(guest, built("counter", folder))
    print(f"first snapshot, cold  {cold:8.2f} s    gdb   {load:8.2f} s    {cold / load:5.2f}×")
    print(f"first snapshot, warm  {warm:8.2f} s")


if __name__ == "__main__":
    main()
