"""QEMU's control port, spoken to in JSON lines: docs/interop/qmp-spec in QEMU's tree.

It tells what no gdbstub can: that the guest has ended, and by whose doing.
"""

import json
import select
import socket
import time
from contextlib import suppress

from systui.words import _

_CHUNK = 1 << 16
_LONGEST = 1 << 20
"""Bytes of one line; QEMU's own are below a kilobyte here."""


class Qmp:
    """One open port, greeted."""

    def __init__(self, connection: socket.socket, limit: float) -> None:
        """Greet QEMU at `connection`; OSError when it does not answer within `limit` seconds."""
        self._connection = connection
        self._rest = b""
        self._answered = False
        self.reason: str | None = None
        """`SHUTDOWN`'s reason (qapi/run-state.json, ShutdownCause) once the guest has ended."""
        self._send("qmp_capabilities")
        deadline = time.monotonic() + limit
        while not self._answered:
            there = self.look(max(deadline - time.monotonic(), 0))
            if not there or time.monotonic() >= deadline:
                raise TimeoutError(_("QEMU's control port does not answer."))

    def look(self, patience: float = 0) -> bool:
        """Take note of what QEMU says within `patience` seconds; False once it says no more."""
        if not select.select([self._connection], [], [], patience)[0]:
            return True
        try:
            data = self._connection.recv(_CHUNK)
        except OSError:
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-_LONGEST:]
        for line in lines:
            with suppress(ValueError):
                self._note(json.loads(line))
        return bool(data)

    def quit(self) -> None:
        """Ask QEMU to end itself; harmless when it has."""
        with suppress(OSError):
            self._send("quit")

    def _send(self, command: str) -> None:
        self._connection.sendall(json.dumps({"execute": command}).encode() + b"\n")

    def _note(self, said: object) -> None:
        if not isinstance(said, dict):
            return
        if "return" in said:
            self._answered = True
        if said.get("event") == "SHUTDOWN":
            data = said.get("data")
            self.reason = str(data.get("reason", "")) if isinstance(data, dict) else ""
