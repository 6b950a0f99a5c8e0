"""Guests for tests: booted by systui, or a QEMU that systui only attaches to."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from kernels import Kernel

from systui.kernel.image import Image
from systui.target.gdb.attach import AttachOptions, BootOptions, attach, boot
from systui.target.gdb.connection import Address
from systui.target.gdb.guest.initramfs import pack
from systui.target.gdb.guest.machine import Machine, MachineOptions
from systui.target.gdb.target import GdbTarget

Programs = Callable[[str], Path]
_PATIENCE = 20.0
"""Seconds after which also a busy machine has done what takes a moment."""


class Guest:
    """Everything a test starts, ended when it is over."""

    def __init__(self, kernel: Kernel, cache: Path) -> None:
        self.kernel = kernel
        self.image = Image.open(kernel.vmlinux)
        self._cache = cache
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "Guest":
        return self

    def __exit__(self, *_args: object) -> None:
        self._open.close()

    def options(self, program: Path | None = None, gdb: str = "gdb") -> AttachOptions:
        return AttachOptions(self.image, self._cache, gdb, program)

    def boot(
        self,
        program: Path,
        append: str = "",
        arguments: Sequence[str] = (),
        extra: Sequence[str] = (),
    ) -> GdbTarget:
        """A guest of systui's own, standing at the program's first instruction."""
        wanted = BootOptions(
            self.kernel.bzimage, program, arguments, append=append, extra=tuple(extra)
        )
        target = boot(wanted, self.options(program))
        self._open.callback(target.close)
        return target

    def machine(
        self,
        program: Path,
        append: str = "",
        extra: Sequence[str] = (),
        started: bool = True,
        wait: bool = True,
    ) -> Machine:
        """A QEMU that is not systui's to end; its program runs unless `started` is False."""
        image = pack(program)
        machine = Machine(MachineOptions(self.kernel.bzimage, image, append, extra))
        self._open.callback(machine.close)
        if wait:
            machine.wait_for_program()
        if started:
            machine.release()
        return machine

    def attach(self, machine: Machine, program: Path | None = None, gdb: str = "gdb") -> GdbTarget:
        target = attach(Address(path=machine.stub), self.options(program, gdb))
        self._open.callback(target.close)
        return target

    def address(self, target: GdbTarget, name: str) -> int:
        symbol = self.image.symbol(name)
        assert symbol is not None, name
        return symbol.address + target.info.slide


def gdb_of(target: GdbTarget) -> "subprocess.Popen[bytes]":
    """The gdb process below a target, for tests that take it away."""
    return target._stub.gdb.process


def drop(target: GdbTarget) -> None:
    """Break the connection without a word: the guest stays where it stands."""
    target._stub._wire.close()
    target._stub.gdb.close()


def runs(machine: Machine) -> bool:
    """Whether the guest executes: its QEMU uses a CPU, once a busy machine gives it one."""
    deadline = time.monotonic() + _PATIENCE
    while stands(machine):
        if time.monotonic() > deadline:
            return False
    return True


def stands(machine: Machine) -> bool:
    """Whether the guest does not execute now: its QEMU hardly uses any time."""
    before = ticks(machine.process.pid)
    time.sleep(0.4)
    return ticks(machine.process.pid) - before <= 5


@contextlib.contextmanager
def interrupted(target: GdbTarget, after: float = 0.1) -> Iterator[None]:
    """Interrupt what is done inside, `after` seconds from now and again as often until it is over.

    An interrupt that comes before a run has begun is lost, and a busy machine may begin late.
    """
    done = threading.Event()

    def insist() -> None:
        while not done.wait(after):
            target.interrupt()

    thread = threading.Thread(target=insist)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def ticks(pid: int) -> int:
    """Clock ticks that a process used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def children_of(pid: int) -> list[int]:
    """Processes whose parent is `pid`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == pid:
                    found.append(int(entry.name))
    return found


def gone(pid: int) -> bool:
    """Whether process `pid` ends, or is a corpse."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def stop_process(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


class SilentListener:
    """A port at which somebody listens and says nothing."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> "SilentListener":
        return self

    def __exit__(self, *_args: object) -> None:
        self._socket.close()
