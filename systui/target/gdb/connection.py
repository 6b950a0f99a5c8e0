"""Where a gdbstub listens, and whether anything answers there: asked with a plain socket first.

gdb itself needs 12 s for a refused port and waits for ever on a silent one.
"""

import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from systui.model.errors import BadInputError, TargetGoneError
from systui.words import _

PROBE_LIMIT = 1.5
"""Seconds for connecting and for the first answer."""
_QUESTION = b"$qSupported#37"
_COMPLETE = re.compile(rb"\$[^#]*PacketSize=[^#]*#[0-9a-fA-F]{2}")
_PORTS = range(1, 65536)
_HOST = re.compile(r"[\w.-]+|\[[0-9a-fA-F:.]+\]")


@dataclass(frozen=True, slots=True)
class Address:
    """A gdbstub's address: a TCP port or the path of a Unix socket."""

    host: str = "localhost"
    port: int = 0
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `[HOST]:PORT` or a path (one with a `/` in it); BadInputError for anything else."""
        if "/" in text:
            return cls(path=Path(text).absolute())
        host, colon, port = text.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or int(port) not in _PORTS:
            raise BadInputError(
                _("{text} is not an address: give [HOST]:PORT or the path of a socket.").format(
                    text=text
                )
            )
        if host and not _HOST.fullmatch(host):
            raise BadInputError(_("{host} is not a host's name.").format(host=host))
        return cls(host=host or "localhost", port=int(port))

    def __str__(self) -> str:
        return str(self.path) if self.path else f"{self.host}:{self.port}"

    @property
    def option(self) -> str:
        """The option with which QEMU listens here."""
        if self.path is not None:
            return f"-gdb unix:{self.path},server=on,wait=off"
        return f"-gdb tcp:{self.host}:{self.port}"

    def connect(self, limit: float) -> socket.socket:
        """Connect a plain socket; OSError where nobody listens."""
        if self.path is None:
            return socket.create_connection((self.host.strip("[]"), self.port), limit)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(limit)
        try:
            connection.connect(str(self.path))
        except OSError:
            connection.close()
            raise
        return connection


def open_stub(address: Address) -> socket.socket:
    """Connect to a free gdbstub at `address`; TargetGoneError says what does not answer.

    The guest stands when this returns, as it does for every client that comes.
    """
    try:
        connection = address.connect(PROBE_LIMIT)
    except TimeoutError as error:
        raise TargetGoneError(_silent(address)) from error
    except OSError as error:
        raise TargetGoneError(
            _("Nothing listens at {address} ({reason}); start QEMU with {option}.").format(
                address=address, reason=error.strerror or error, option=address.option
            )
        ) from error
    try:
        _expect_answer(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


def _expect_answer(connection: socket.socket, address: Address) -> None:
    received = b""
    deadline = time.monotonic() + PROBE_LIMIT
    try:
        connection.sendall(_QUESTION)
        # A guest that ran is stopped by our coming, which the stub may report before it answers.
        while not _COMPLETE.search(received) and received[:1] in b"+$":
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            data = connection.recv(4096)
            received += data
            if not data:
                break
    except TimeoutError as error:
        raise TargetGoneError(_silent(address)) from error
    except OSError as error:
        raise TargetGoneError(
            _(
                "{address} broke the connection ({reason}): it is no gdbstub, or its QEMU ended; "
                "start QEMU with {option}."
            ).format(address=address, reason=error.strerror or error, option=address.option)
        ) from error
    if not _COMPLETE.search(received):
        raise TargetGoneError(
            _("What answers at {address} is not a gdbstub; start QEMU with {option}.").format(
                address=address, option=address.option
            )
        )


def _silent(address: Address) -> str:
    return _(
        "{address} does not answer: another debugger is attached there, which has to end first, "
        "or it is no gdbstub; start QEMU with {option}."
    ).format(address=address, option=address.option)
