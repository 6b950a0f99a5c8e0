"""A QEMU of systui's own: started on private sockets, ended with systui."""

import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from systui.model.errors import BadInputError, TargetGoneError
from systui.target.gdb.guest.initramfs import INIT
from systui.target.gdb.guest.qmp import Qmp
from systui.target.gdb.private import PrivateFolder
from systui.target.gdb.process import end, spawn
from systui.words import _

QEMU = {64: "qemu-system-x86_64", 32: "qemu-system-i386"}
"""By bits of the kernel."""
_CONNECT_LIMIT = 10.0
"""Seconds that QEMU may take to come to our sockets."""
_BOOT_LIMIT = 120.0
"""Seconds that a guest may take from reset to its first process, on a slow machine."""
_LAST_WORDS = 0.5
"""Seconds that QEMU may take to say why it ends."""
_FAREWELL = 1.0
"""Seconds that it may take to end when asked."""
_MEMORY = "256M"
_ELFCLASS32 = b"\1"


@dataclass(frozen=True, slots=True)
class MachineOptions:
    """What to start."""

    kernel: Path
    initramfs: bytes
    append: str = ""
    """Put behind systui's own kernel parameters."""
    extra: Sequence[str] = ()
    """Options for QEMU itself."""
    bits: int = 64
    """Of the kernel."""


class Machine:
    """A running QEMU with its console, its control port and the path of its gdbstub."""

    def __init__(self, options: MachineOptions) -> None:
        self._folder = PrivateFolder()
        folder = self._folder.path
        self.stub = folder / "gdb"
        self._errors = (folder / "errors").open("w+b")
        self._received = b""
        listeners = {name: _listen(folder / name) for name in ("console", "control", "qmp")}
        (folder / "initramfs").write_bytes(options.initramfs)
        try:
            self.process = spawn(_command(options, folder), signal.SIGKILL, stderr=self._errors)
            self._sockets = {name: self._accept(listener) for name, listener in listeners.items()}
            self._qmp = self._greeted(self._sockets["qmp"])
        except BaseException:
            self.close()
            raise
        finally:
            for listener in listeners.values():
                listener.close()
        self.console = self._sockets["console"]
        self.control = self._sockets["control"]

    def wait_for_program(self, limit: float = _BOOT_LIMIT) -> tuple[int, bytes]:
        """Wait until the guest's first process is there.

        Returns the pid of the program, which waits for `release`, and what the console said
        meanwhile. TargetGoneError when the guest ends or does not get there in `limit` seconds.
        """
        said = b""
        deadline = time.monotonic() + limit
        while b"\n" not in self._received:
            left = deadline - time.monotonic()
            ready = select.select([self.console, self.control], [], [], max(left, 0))[0]
            data = {port: port.recv(65536) for port in ready}
            said += data.get(self.console, b"")
            self._received += data.get(self.control, b"")
            if not ready or not all(data.values()):
                raise TargetGoneError(_boot_failure(said, self._words(), timed_out=not ready))
        (self._folder.path / "initramfs").unlink(missing_ok=True)  # it is in the guest now
        line, _newline, self._received = self._received.partition(b"\n")
        return int(line.split()[1]), said

    def release(self) -> None:
        """Answer the first process: the program starts."""
        self.control.sendall(b".")

    def alive(self) -> bool:
        """Whether QEMU still runs."""
        return self.process.poll() is None

    def ending(self) -> str | None:
        """Why the guest or its QEMU has ended, for a person; None while it runs."""
        deadline = time.monotonic() + _LAST_WORDS
        while self._qmp.look(_LAST_WORDS / 5) and time.monotonic() < deadline:
            pass
        if self._qmp.reason is not None:
            return _shutdown(self._qmp.reason)
        try:  # its control port is closed a moment before the process is gone
            status = self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None
        if status < 0:
            return _("QEMU was ended by {signal}").format(signal=signal.Signals(-status).name)
        return _("QEMU ended: {reason}").format(reason=self._words() or status)

    def close(self) -> None:
        """End QEMU, reap it and remove its folder; harmless when done before."""
        if hasattr(self, "_qmp"):
            self._qmp.quit()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_FAREWELL)
        if hasattr(self, "process"):
            end(self.process)
        for one in getattr(self, "_sockets", {}).values():
            one.close()
        self._errors.close()
        self._folder.close()

    def _greeted(self, connection: socket.socket) -> Qmp:
        try:
            return Qmp(connection, _CONNECT_LIMIT)
        except OSError as error:
            raise TargetGoneError(
                _("QEMU did not start: {reason}").format(reason=self._words() or error)
            ) from error

    def _accept(self, listener: socket.socket) -> socket.socket:
        deadline = time.monotonic() + _CONNECT_LIMIT
        while not select.select([listener], [], [], 0.1)[0]:
            if not self.alive() or time.monotonic() > deadline:
                raise BadInputError(
                    _("QEMU did not start: {reason}").format(
                        reason=self._words() or _("it does not connect")
                    )
                )
        return listener.accept()[0]

    def _words(self) -> str:
        """The last line that QEMU itself complained with."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def _shutdown(reason: str) -> str:
    """A ShutdownCause (qapi/run-state.json) in words."""
    words = {
        "guest-shutdown": _("it powered off"),
        "guest-reset": _("it restarted, which ends a machine that systui booted"),
        "guest-panic": _("its kernel panicked"),
    }
    return words.get(reason) or _("QEMU was ended from outside ({cause})").format(cause=reason)


def find_busybox(bits: int) -> Path | None:
    """A busybox on this machine that needs no libraries, for a shell in a guest of `bits`."""
    found = shutil.which("busybox")
    if found is None:
        return None
    with Path(found).open("rb") as file:
        head = file.read(4096)
    fits = bits == 64 or head[4:5] == _ELFCLASS32
    return Path(found) if fits and b"/ld-linux" not in head else None


def _command(options: MachineOptions, folder: Path) -> list[str]:
    name = QEMU[options.bits]
    if shutil.which(name) is None:
        raise BadInputError(
            _("{name} is not installed; on Debian: apt install qemu-system-x86.").format(name=name)
        )
    if not options.kernel.is_file():
        raise BadInputError(_("{path} is not a file.").format(path=options.kernel))
    parameters = f"console=ttyS0 quiet panic=-1 rdinit={INIT} {options.append}"
    ports = [
        part
        for name in ("console", "control")
        for part in (
            *("-chardev", f"socket,id={name},path={_escaped(folder / name)}"),
            *("-serial", f"chardev:{name}"),
        )
    ]
    return [
        name,
        *("-m", _MEMORY, "-display", "none", "-nic", "none", "-no-reboot", "-nodefaults"),
        *("-kernel", str(options.kernel), "-initrd", str(folder / "initramfs")),
        *("-append", parameters.strip()),
        *ports,
        *("-qmp", f"unix:{_escaped(folder / 'qmp')}"),
        *("-gdb", f"unix:{_escaped(folder / 'gdb')},server=on,wait=off"),
        *options.extra,
    ]


def _escaped(path: Path) -> str:
    """QEMU's option lists end a value at a comma unless it is doubled."""
    return str(path).replace(",", ",,")


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    return listener


def _boot_failure(console: bytes, complaint: str, timed_out: bool) -> str:
    last = console.decode(errors="replace").strip().splitlines()
    words = complaint or (last[-1].strip() if last else _("no word from it"))
    if timed_out:
        return _("The guest did not come up; the last it said: {words}").format(words=words)
    return _("The guest ended before the program could start: {words}").format(words=words)
