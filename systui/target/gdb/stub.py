"""A gdbstub as gdb's machine interface shows it: run, stop, registers, memory, breakpoints.

Knows nothing of Linux. One command costs a round trip, so whatever belongs together is sent in
one write and answered together; the questions that follow a step are sent along with it.
"""

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from systui.model.errors import (
    MemoryFaultError,
    NotSupportedError,
    TargetError,
    TargetGoneError,
)
from systui.model.stop import Registers
from systui.target.gdb.connection import Address
from systui.target.gdb.mi import Record, memory_contents, packet_reply, register_values
from systui.target.gdb.transport import ANSWER_LIMIT, Gdb
from systui.target.protocol import Access
from systui.words import _

_CONNECT_LIMIT = 10.0
_SIGNAL_AGAIN = 0.8
"""Seconds after which an interrupt that was not followed by a stop is sent once more.

By a second one that reaches it while it waits, gdb gives the guest up: not too soon.
"""
_STOP_LIMIT = 2.0
"""Seconds after an interrupt until gdb or the stub is taken to hang."""
_SLICE = 0.5
_GONE = (
    "connection closed",
    "Command aborted",
    "Remote communication error",
    "connection reset",
    "Broken pipe",
)
_PHYSICAL = "maintenance packet Qqemu.PhyMemMode:{}"
_GDB_NAMES = {"rflags": "eflags", "kernel_gs_base": "k_gs_base"}
"""gdb's names where they differ from the architecture's."""
_HALT_FIELDS = re.compile(r'(?:^|,)(reason|thread-id|bkptno|signal-name)="([^"]*)"')
_WATCH_NUMBER = re.compile(r'(?:wpt|hw-rwpt|hw-awpt)={number="(\d+)"')
_WATCH = {Access.WRITE: "", Access.READ: "-r ", Access.ANY: "-a "}


@dataclass(frozen=True, slots=True)
class Halt:
    """Why the stub stopped, in gdb's words."""

    reason: str
    """`end-stepping-range`, `breakpoint-hit`, `signal-received`, …; empty after attaching."""
    thread: int
    """gdb's number of the CPU, counted from 1."""
    number: int | None = None
    """The breakpoint's or watchpoint's."""
    signal: str = ""


class Stub:
    """One connected gdbstub."""

    def __init__(self, gdb: Gdb, names: Sequence[str]) -> None:
        """`names` are the architecture's registers that are to be read."""
        self.gdb = gdb
        self._names = names
        self._numbers: dict[int, str] = {}
        self._register_command = ""
        self._lock = threading.Lock()
        self._running = False
        self._moving = False
        self.asked = False
        """Whether `interrupt` was called since `begin_move`."""
        self._interrupted: float | None = None
        """When SIGINT was sent for the run under way; None while it was not."""
        self._insisted = False
        """Whether a second SIGINT was sent for the run under way."""
        self.physical = False
        """Whether the stub reads physical memory."""

    def connect(self, address: Address) -> Halt:
        """Attach; TargetGoneError with gdb's reason where that fails. The guest stands then."""
        tokens = self.gdb.send(f"-target-select remote {address.for_gdb}")
        result = self.gdb.answers(tokens, _CONNECT_LIMIT)[0]
        if result.name == "error":
            raise _failure(result)
        stopped = [one for one in self.gdb.notices if one.kind == "*" and one.name == "stopped"]
        self.gdb.notices.clear()
        self._learn_registers()
        self.physical = "1" in (self._packet_replies(_PHYSICAL.format(0))[0] or "") or (
            self._packet_replies("maintenance packet qqemu.PhyMemMode")[0] == "0"
        )
        return _halt(stopped[-1]) if stopped else Halt("", 1)

    def settle(self) -> None:
        """Step one CPU at a time, and keep breakpoints in place while the guest stands."""
        self._ask("-gdb-set scheduler-locking step", "-gdb-set breakpoint always-inserted on")

    def threads(self) -> list[int]:
        """gdb's numbers of all CPUs."""
        result = self._ask("-thread-list-ids")[0].results
        ids = result.get("thread-ids", {}).get("thread-id", [])
        return sorted(int(one) for one in ([ids] if isinstance(ids, str) else ids))

    # --- state -------------------------------------------------------------------------------

    def registers(self, thread: int) -> Registers:
        """All registers asked for at the start, of one CPU."""
        command = self._register_command.replace(" --skip", f" --thread {thread} --skip", 1)
        return self._named(self._ask(command)[0])

    def register(self, name: str) -> int:
        """One register by gdb's name, of the CPU that stopped; 0 where there is none such."""
        value = self.gdb.ask(f"-data-evaluate-expression (long)${name}")[0].results.get("value")
        return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else 0

    def read(self, thread: int, ranges: Sequence[tuple[int, int]]) -> list[bytes | None]:
        """Virtual memory, (address, size) each, through the page table of CPU `thread`."""
        if not ranges:
            return []
        replies = self.gdb.ask(*(_read(thread, address, size) for address, size in ranges))
        return [
            self._contents(reply, size) for reply, (_at, size) in zip(replies, ranges, strict=True)
        ]

    def read_physical(self, ranges: Sequence[tuple[int, int]]) -> list[bytes | None]:
        """Physical memory; NotSupportedError where the stub is not QEMU's."""
        if not self.physical:
            raise NotSupportedError(_("This gdbstub cannot read physical memory."))
        on, *replies, off = self.gdb.ask(
            _PHYSICAL.format(1),
            *(_read(None, address, size) for address, size in ranges),
            _PHYSICAL.format(0),
        )
        for one in (on, off):
            _check(one)
        return [
            self._contents(reply, size) for reply, (_at, size) in zip(replies, ranges, strict=True)
        ]

    def write(self, address: int, data: bytes, physical: bool = False) -> None:
        """Write virtual or physical memory; MemoryFaultError where it cannot be written."""
        command = f"-data-write-memory-bytes {address:#x} {data.hex()}"
        if physical:
            _on, reply, _off = self.gdb.ask(_PHYSICAL.format(1), command, _PHYSICAL.format(0))
        else:
            reply = self.gdb.ask(command)[0]
        if reply.name == "error":
            error = _failure(reply)
            if isinstance(error, TargetGoneError):
                raise error
            raise MemoryFaultError(
                _("Memory at {address:#x} cannot be written.").format(address=address)
            )

    def write_registers(self, thread: int, values: Mapping[str, int]) -> None:
        """Set registers of one CPU."""
        known = self._numbers.values()
        for name in values:
            if name not in known:
                raise NotSupportedError(_("gdb cannot set {name}.").format(name=name))
        self._ask(
            f"-thread-select {thread}",
            *(
                f"-gdb-set ${_GDB_NAMES.get(name, name)}=(unsigned long){value:#x}"
                for name, value in values.items()
            ),
        )

    # --- breakpoints ---------------------------------------------------------------------------

    def insert(self, address: int) -> int:
        """Set a breakpoint and return gdb's number for it.

        A hardware one: QEMU keeps it beside the code, so it may lie where nothing is mapped yet.
        """
        return _breakpoint_number(self._ask(f"-break-insert -h *{address:#x}")[0])

    def watch(self, address: int, size: int, access: Access) -> int:
        """Set a watchpoint and return gdb's number for it."""
        expression = f"*(unsigned char(*)[{size}])({address:#x})"
        result = self._ask(f'-break-watch {_WATCH[access]}"{expression}"')[0]
        for value in result.results.values():
            if isinstance(value, dict) and "number" in value:
                return int(value["number"])
        raise TargetError(_("gdb did not set the watchpoint."))

    def delete(self, numbers: Sequence[int]) -> None:
        """Delete breakpoints and watchpoints."""
        if numbers:
            self._ask("-break-delete " + " ".join(map(str, numbers)))

    # --- running -------------------------------------------------------------------------------

    def step(self, thread: int, *along: str) -> tuple[Halt, list[Record]]:
        """Run one instruction of one CPU while the others stand.

        `along` are questions sent with it, to be answered at the stop; their replies come back.
        """
        return self._run(f"-exec-step-instruction --thread {thread}", along)

    def proceed(self, patience: float | None = None) -> Halt | None:
        """Let all CPUs run until something stops them; None after `patience` seconds without.

        After None the guest still runs: call `wait` or `interrupt` next.
        """
        self._start("-exec-continue", ())
        return self.wait(patience)

    def wait(self, patience: float | None = None) -> Halt | None:
        """Wait for the stop of a guest that runs, as `proceed` does."""
        deadline = None if patience is None else time.monotonic() + patience
        while True:
            record = self.gdb.record(self._next_look(deadline))
            if record is None:
                if deadline is not None and time.monotonic() >= deadline:
                    return None
                self._nudge()
                continue
            halt = self._stop_in(record)
            if halt is not None:
                return halt

    @contextmanager
    def moving(self) -> Iterator[None]:
        """The time during which `interrupt` has something to interrupt."""
        with self._lock:
            self._moving, self.asked = True, False
        try:
            yield
        finally:
            with self._lock:
                self._moving = False

    def interrupt(self) -> None:
        """Make a move under way end soon; harmless without one. Any thread; never waits."""
        with self._lock:
            if self._moving:
                self.asked = True
                self._signal()

    def _signal(self) -> None:
        """Send SIGINT, once for each run: by a second one gdb would give the guest up."""
        if self._running and self._interrupted is None:
            self._interrupted = time.monotonic()
            self.gdb.interrupt()

    def halt(self) -> Halt:
        """Stop a guest that runs and wait until it stands."""
        with self._lock:
            self._signal()
        stop = self.wait()
        assert stop is not None
        return stop

    def detach(self) -> None:
        """Let go: the guest runs on. Harmless where it is gone."""
        if self._running:
            self.halt()
        self.gdb.ask("-target-detach")

    # --- inside --------------------------------------------------------------------------------

    def _run(self, command: str, along: Sequence[str]) -> tuple[Halt, list[Record]]:
        tokens = self._start(command, along)
        halt: Halt | None = None
        answers: dict[int, Record] = {}
        deadline = time.monotonic() + _STOP_LIMIT
        endless = deadline - _STOP_LIMIT / 2
        while halt is None or len(answers) < len(along):
            record = self.gdb.record(self._next_look(deadline))
            if record is None and time.monotonic() >= deadline:
                self._running = False
                raise self.gdb.give_up(_STOP_LIMIT)
            if record is None:
                with self._lock:
                    if time.monotonic() >= endless:
                        self._signal()  # such as HLT, which no masked interrupt ends
                self._nudge()
            elif record.kind == "^" and record.token in tokens[1:]:
                answers[record.token] = record
            else:
                halt = self._stop_in(record) or halt
        return halt, [answers[token] for token in tokens[1:]]

    def _start(self, command: str, along: Sequence[str]) -> list[int]:
        with self._lock:
            self._interrupted = None
            self._insisted = False
            self._running = True
        try:
            tokens = self.gdb.send(command, *along)
        except TargetError:
            self._running = False
            raise
        with self._lock:
            if self.asked:
                self._signal()
        return tokens

    def _next_look(self, deadline: float | None) -> float:
        soon = time.monotonic() + _SLICE
        return soon if deadline is None else min(soon, deadline)

    def _nudge(self) -> None:
        """One of several SIGINTs is lost under a storm of stops: send it again, then give up."""
        since = self._interrupted
        if since is None:
            return
        waited = time.monotonic() - since
        if waited > _STOP_LIMIT - _SLICE:
            self._running = False
            raise self.gdb.give_up(_STOP_LIMIT)
        if waited > _SIGNAL_AGAIN:
            self._insisted = True
            self.gdb.interrupt()

    def _stop_in(self, record: Record) -> Halt | None:
        """The stop that `record` reports; raises where it says that there will be none."""
        if record.kind == "*" and record.name == "stopped":
            with self._lock:
                self._running = False
                late = self._interrupted is not None
            halt = _halt(record)
            if late and halt.signal != "SIGINT":
                # The SIGINT came to a gdb that had stopped: its next command is answered `Quit`.
                self.gdb.ask("-gdb-version")
            return halt
        if record.kind == "^" and record.name == "error":
            with self._lock:
                self._running = False
            raise _failure(record)
        if record.kind == "=" and record.name == "thread-group-exited":
            with self._lock:
                self._running = False
            if self._insisted:
                raise TargetGoneError(_("The guest does not react; gdb has given it up."))
            raise TargetGoneError(_("The guest is gone: QEMU ended or closed the connection."))
        self.gdb.notices.append(record)
        return None

    def _ask(self, *commands: str, limit: float = ANSWER_LIMIT) -> list[Record]:
        replies = self.gdb.ask(*commands, limit=limit)
        for reply in replies:
            _check(reply)
        return replies

    def _contents(self, reply: Record, size: int) -> bytes | None:
        if reply.name == "error":
            error = _failure(reply)
            if isinstance(error, TargetGoneError):
                raise error
            return None
        return memory_contents(reply, size)

    def _packet_replies(self, *commands: str) -> list[str | None]:
        return [packet_reply(text) for text in self.gdb.console(*commands)]

    def _learn_registers(self) -> None:
        listed = self._ask("-data-list-register-names")[0].results.get("register-names", [])
        numbers = {name: number for number, name in enumerate(listed) if name}
        self._numbers = {
            numbers[gdb_name]: name
            for name in self._names
            if (gdb_name := _GDB_NAMES.get(name, name)) in numbers
        }
        if not {"rip", "rsp", "rax"} <= set(self._numbers.values()):
            raise NotSupportedError(
                _("This guest is not an x86_64 machine; systui cannot follow it yet.")
            )
        wanted = " ".join(map(str, self._numbers))
        self._register_command = f"-data-list-register-values --skip-unavailable x {wanted}"

    @property
    def register_command(self) -> str:
        """What asks for all registers of the CPU that stopped, to be sent along with a step."""
        return self._register_command

    def named(self, reply: Record) -> Registers:
        """The registers in the reply to `register_command`."""
        _check(reply)
        return self._named(reply)

    def _named(self, reply: Record) -> Registers:
        names = self._numbers
        return Registers({names[number]: value for number, value in register_values(reply).items()})


def _read(thread: int | None, address: int, size: int) -> str:
    place = "" if thread is None else f"--thread {thread} "
    return f"-data-read-memory-bytes {place}{address:#x} {size}"


def _halt(record: Record) -> Halt:
    """Read by patterns: the full parser takes as long as the rest of a step."""
    found = dict(_HALT_FIELDS.findall(record.body))
    number = found.get("bkptno")
    if number is None and "trigger" in record.body:
        watched = _WATCH_NUMBER.search(record.body)
        number = None if watched is None else watched[1]
    return Halt(
        found.get("reason", ""),
        int(found.get("thread-id", 1)),
        None if number is None else int(number),
        found.get("signal-name", ""),
    )


def _breakpoint_number(reply: Record) -> int:
    return int(reply.results["bkpt"]["number"])


def _check(reply: Record) -> None:
    if reply.name == "error":
        raise _failure(reply)


def _failure(reply: Record) -> TargetError:
    words = str(reply.results.get("msg", "")).strip().splitlines()
    message = words[0] if words else _("no reason given")
    if any(sign in message for sign in _GONE):
        return TargetGoneError(
            _("The guest is gone: QEMU ended or closed the connection ({reason}).").format(
                reason=message
            )
        )
    return TargetError(_("gdb says: {reason}").format(reason=message))
