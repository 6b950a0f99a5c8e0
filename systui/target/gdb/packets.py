"""The remote serial protocol as bytes: packets, stop replies, register layout. Pure.

Facts: "Remote Protocol" in gdb's manual.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_SUM = 2
"""Characters of the sum behind a packet's `#`; the connection is one that loses nothing."""
_RUN_BIAS = 29
"""A repeat count is the character's code less this one."""
_STOP = re.compile(r"[ST]([0-9a-f]{2})(.*)", re.DOTALL)
_THREAD = re.compile(r"(?:p([0-9a-f]+)\.)?([0-9a-f]+)")
_STOPPED = re.compile(rb"\$T[0-9a-f]{2}[^#]*?thread:([^;#]+)")
_SELECT = re.compile(rb"\$(Hg[^#]*)#")
_REGISTER_ROW = re.compile(r"^ *(\S+) +\d+ +\d+ +\d+ +(\d+) .*?(\d+) *$", re.MULTILINE)
_SIGINT = 2
_SIGTRAP = 5
WATCHES = {
    "watch": "watchpoint-trigger",
    "rwatch": "read-watchpoint-trigger",
    "awatch": "access-watchpoint-trigger",
}
"""The stub's words for a watchpoint that triggered, in gdb's."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Why the stub stopped, in gdb's words."""

    reason: str
    """`end-stepping-range`, `breakpoint-hit`, `signal-received`, …; empty after attaching."""
    thread: int
    """The CPU, counted from 1."""
    signal: str = ""


class ThreadName(NamedTuple):
    """How a stub names its threads: with a process's number before it, or without."""

    process: str | None = None

    def of(self, thread: int) -> str:
        """The name of a thread counted from 1."""
        return f"{thread:x}" if self.process is None else f"p{self.process}.{thread:x}"


def framed(packets: Sequence[str]) -> bytes:
    """The packets as they are sent, each with a sign that all before it was received."""
    return b"".join(map(_frame, packets))


@lru_cache(maxsize=256)
def _frame(packet: str) -> bytes:
    data = packet.encode()
    return b"+$%b#%02x" % (data, sum(data) & 0xFF)


def split(received: bytes) -> tuple[list[str], bytes]:
    """The replies that are whole in `received`, and what is left of it."""
    replies: list[str] = []
    end = 0
    while True:
        start = received.find(b"$", end) + 1
        stop = received.find(b"#", start)
        if not start or stop < 0 or stop + _SUM >= len(received):
            return replies, received[end:]
        replies.append(_expanded(received[start:stop]).decode("ascii", "replace"))
        end = stop + _SUM + 1


def _expanded(body: bytes) -> bytes:
    """Undo run-length encoding: `0* ` is `0000`."""
    if b"*" not in body:
        return body
    return re.sub(
        rb"(.)\*(.)",
        lambda run: run[1] * (1 + max(run[2][0] - _RUN_BIAS, 0)),
        body,
        flags=re.DOTALL,
    )


def selected(sent: bytes) -> str | None:
    """The last thread that `sent`, out of gdb's mouth, chooses to ask about."""
    found = _SELECT.findall(sent)
    return found[-1].decode("ascii", "replace") if found else None


def stop_in(reply: str) -> tuple[Halt, ThreadName] | None:
    """The stop that a reply reports; None where it is another reply."""
    match = _STOP.fullmatch(reply)
    if match is None:
        return None
    number = int(match[1], 16)
    told = dict(part.partition(":")[::2] for part in match[2].split(";") if part)
    name = _THREAD.fullmatch(told.get("thread", "1"))
    process, thread = (None, 1) if name is None else (name[1], int(name[2], 16))
    watched = next((words for key, words in WATCHES.items() if key in told), None)
    signal = {_SIGINT: "SIGINT", _SIGTRAP: ""}.get(number, f"signal {number}")
    reason = watched or ("signal-received" if signal else "end-stepping-range")
    return Halt(reason, max(thread, 1), signal), ThreadName(process)


def threads_in(reply: str) -> list[int]:
    """The threads that a reply to `qfThreadInfo` or `qsThreadInfo` lists, counted from 1."""
    names = map(_THREAD.fullmatch, reply[1:].split(",")) if reply.startswith("m") else ()
    return [int(name[2], 16) for name in names if name is not None]


def stopped(received: bytes) -> str | None:
    """The thread of the last stop that `received` reports, as a choice of that thread.

    By a stop the stub chooses the thread that stopped, and gdb relies on it.
    """
    found = _STOPPED.findall(received)
    return "Hg" + found[-1].decode("ascii", "replace") if found else None


class Place(NamedTuple):
    """Where a register lies in the reply to `g`, in hexadecimal digits."""

    start: int
    end: int


def register_places(printed: str, names: Mapping[str, str]) -> dict[str, Place]:
    """Read gdb's `maintenance print remote-registers` for the registers `names`.

    `names` maps our names to gdb's.
    """
    rows = {name: (int(size), int(at)) for name, size, at in _REGISTER_ROW.findall(printed)}
    return {
        ours: Place(2 * at, 2 * (at + size))
        for ours, theirs in names.items()
        if theirs in rows
        for size, at in [rows[theirs]]
    }


def register_values(reply: str, places: Mapping[str, Place]) -> dict[str, int]:
    """The registers in the reply to `g`; those that the stub marks as unknown are left out."""
    raw = bytes.fromhex(reply.replace("x", "0"))
    return {
        name: int.from_bytes(raw[start // 2 : end // 2], "little")
        for name, (start, end) in places.items()
        if end <= len(reply) and reply[start] != "x"
    }


def contents(reply: str, size: int) -> bytes | None:
    """The bytes in the reply to `m`; None unless all `size` are there."""
    if len(reply) != 2 * size:
        return None
    try:
        return bytes.fromhex(reply)
    except ValueError:
        return None
