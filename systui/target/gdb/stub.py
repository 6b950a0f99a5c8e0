"""A stub with gdb beside it: gdb runs the guest and keeps breakpoints, systui steps and reads.

Knows nothing of Linux. gdb does not see the steps; before it works again it is told to forget
what it knew of registers.
"""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from systui.arch.spec import Architecture
from systui.model.errors import BadInputError, MemoryFaultError, NotSupportedError, TargetError
from systui.model.stop import Registers
from systui.target.gdb.mi import Record, cli_line, cli_path, quote
from systui.target.gdb.packets import Halt, register_places
from systui.target.gdb.running import Running, check, failure
from systui.target.gdb.transport import Gdb
from systui.target.gdb.wire import Wire
from systui.target.protocol import Access
from systui.words import _

_CONNECT_LIMIT = 10.0
_TRIES = 3
"""Steps that are tried once more where one has run no instruction."""
_REGISTERS = "maintenance print remote-registers"
_FORGET = ("maintenance flush register-cache", "flushregs")
"""The command's name since gdb 11, and before."""
_GDB_NAMES = {"rflags": "eflags", "kernel_gs_base": "k_gs_base"}
"""gdb's names where they differ from the architecture's."""
_WIDE_NAMES = {
    f"e{name}": f"r{name}" for name in ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip")
}
"""A 64-bit machine's names of what a 32-bit kernel uses of it."""
_WATCH = {Access.WRITE: "", Access.READ: "-r ", Access.ANY: "-a "}


class Stub:
    """One connected gdbstub."""

    def __init__(self, gdb: Gdb, connection: socket.socket) -> None:
        """`connection` is an open stub's, whose guest stands."""
        self.gdb = gdb
        self._wire = Wire(connection)
        self._running = Running(gdb, self._wire.halt)
        self._forget = _FORGET[0]
        self._stale = False
        """Whether the guest moved without gdb's knowledge."""
        self._known: frozenset[str] = frozenset()
        self._theirs: dict[str, str] = {}
        """gdb's names of the registers."""
        self._pc = ""
        self._armed: dict[int, int] = {}
        """Addresses of breakpoints by gdb's numbers."""
        self.physical = False
        """Whether the stub reads physical memory."""

    def connect(self, arch: Architecture, meanwhile: Callable[[], None]) -> Halt:
        """Have gdb attach, and learn where the registers of `arch` lie; `meanwhile` is called then.

        TargetGoneError with gdb's reason where that fails, BadInputError where the guest is no
        machine that such a kernel runs on.
        """
        path = cli_path(self._wire.open_for(self.gdb))
        result = self.gdb.ask(f"-target-select remote {path}", limit=_CONNECT_LIMIT)[0]
        if result.name == "error":
            raise failure(result)
        self.gdb.notices.clear()
        printed = self.gdb.console(cli_line(_REGISTERS), meanwhile=meanwhile)[0]
        wide = _WIDE_NAMES if register_places(printed, {"pc": "rip"}) else {}
        names = {**_GDB_NAMES, **wide}
        self._theirs = {name: names.get(name, name) for name in arch.register_names}
        places = register_places(printed, self._theirs)
        if not {arch.pc, arch.sp, arch.syscall.number} <= set(places):
            raise BadInputError(
                _(
                    "The guest's machine does not run {arch} kernels: it is not what was named."
                ).format(arch=arch.name)
            )
        self._pc = arch.pc
        self._known = frozenset(places)
        self._forget = next(filter(self._forgets, _FORGET))
        halt = self._wire.learn(places)
        self.physical = self._wire.ask("qqemu.PhyMemMode")[0] == "0"
        return halt

    def guard(self) -> None:
        """From now on, let the guest run on also when systui is killed."""
        self._wire.guard()

    def settle(self) -> None:
        """Step one CPU at a time, and keep breakpoints in place while the guest stands."""
        self._ask("-gdb-set scheduler-locking step", "-gdb-set breakpoint always-inserted on")

    def threads(self) -> list[int]:
        """All CPUs, counted from 1, as gdb numbers them."""
        return self._wire.threads()

    # --- state -------------------------------------------------------------------------------

    def registers(self, thread: int) -> Registers:
        """All registers asked for at the start, of one CPU."""
        return Registers(self._wire.look(thread)[0])

    def look(
        self, thread: int, ranges: Sequence[tuple[int, int]]
    ) -> tuple[Registers, list[bytes | None]]:
        """All registers of one CPU, and virtual memory as `read` has it, in one round trip."""
        values, found = self._wire.look(thread, ranges)
        return Registers(values), found

    def register(self, name: str) -> int:
        """One register by gdb's name, of the CPU that stopped; 0 where there is none such."""
        value = self._ask(f"-data-evaluate-expression (long)${name}")[0].results.get("value")
        return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else 0

    def monitor(self, line: str) -> str:
        """What QEMU's monitor says to `line`; nothing from another stub."""
        return self._wire.monitor(line)

    def read(self, thread: int, ranges: Sequence[tuple[int, int]]) -> list[bytes | None]:
        """Virtual memory, (address, size) each, through the page table of CPU `thread`."""
        return self._wire.read(thread, ranges)

    def read_physical(self, ranges: Sequence[tuple[int, int]]) -> list[bytes | None]:
        """Physical memory; NotSupportedError where the stub is not QEMU's."""
        if not self.physical:
            raise NotSupportedError(_("This gdbstub cannot read physical memory."))
        return self._wire.read(None, ranges)

    def write(self, thread: int | None, address: int, data: bytes) -> None:
        """Write virtual memory, or physical memory without a thread.

        MemoryFaultError where it cannot be written.
        """
        if not self._wire.write(thread, address, data):
            raise MemoryFaultError(
                _("Memory at {address:#x} cannot be written.").format(address=address)
            )

    def write_registers(self, thread: int, values: Mapping[str, int]) -> None:
        """Set registers of one CPU."""
        for name in values:
            if name not in self._known:
                raise NotSupportedError(_("gdb cannot set {name}.").format(name=name))
        self._ask(
            f"-thread-select {thread}",
            *(
                f"-gdb-set ${self._theirs[name]}=(unsigned long){value:#x}"
                for name, value in values.items()
            ),
        )

    def console(self, line: str, limit: float) -> str:
        """Have gdb run one line of its own language; returns what it printed."""
        self._refresh()
        return self.gdb.console(cli_line(line), limit=limit)[0]

    def load_symbols(self, path: Path, slide: int, limit: float) -> str:
        """Have gdb read the symbols of `path`, which runs `slide` higher; returns what it printed.

        TargetGoneError where that takes more than `limit` seconds; gdb is ended then.
        """
        self._refresh()
        line = f"symbol-file -o {slide:#x} {cli_path(path)}"
        return self.gdb.console(f"-interpreter-exec console {quote(line)}", limit=limit)[0]

    # --- breakpoints ---------------------------------------------------------------------------

    def insert(self, address: int) -> int:
        """Set a breakpoint and return gdb's number for it.

        A hardware one: QEMU keeps it beside the code, so it may lie where nothing is mapped yet.
        """
        reply = self._ask(f"-break-insert -h *{address:#x}")[0]
        number = int(reply.results["bkpt"]["number"])
        self._armed[number] = address
        return number

    def armed(self, address: int) -> bool:
        """Whether a breakpoint lies at `address`."""
        return address in self._armed.values()

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
            for number in numbers:
                self._armed.pop(number, None)
            self._ask("-break-delete " + " ".join(map(str, numbers)))

    # --- running -------------------------------------------------------------------------------

    def step(self, thread: int, meanwhile: Callable[[], None] = lambda: None) -> Halt:
        """Run one instruction of one CPU while the others stand; `meanwhile` is called then."""
        if not self.gdb.alive:
            raise self.gdb.gone()
        self._stale = True
        return self._wire.step(thread, lambda: self.asked, meanwhile)

    def advance(
        self,
        thread: int,
        before: Registers,
        ranges: Sequence[tuple[int, int]] = (),
        meanwhile: Callable[[], None] = lambda: None,
    ) -> tuple[Halt, Registers, list[bytes | None]]:
        """`step` and then `look`; again where the instruction has not run, by registers `before`.

        One step in a hundred ends so, as QEMU saw to something of its own.
        """
        halt = self.step(thread, meanwhile)
        registers, found = self.look(halt.thread, ranges)
        if halt.signal or registers != before:
            return halt, registers, found
        # It may be the breakpoint at the instruction that keeps it from running.
        with self._without_breakpoint(before[self._pc]):
            for _try in range(_TRIES):
                halt = self.step(thread)
                registers, found = self.look(halt.thread, ranges)
                if halt.signal or registers != before:
                    break
        return halt, registers, found

    @contextmanager
    def _without_breakpoint(self, address: int) -> Iterator[None]:
        """While the guest stands or is stepped: gdb hears nothing of it."""
        if not self.armed(address):
            yield
            return
        self._wire.break_at(address, wanted=False)
        try:
            yield
        finally:
            self._wire.break_at(address, wanted=True)

    def proceed(
        self,
        thread: int,
        patience: float | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Halt | None:
        """Let all CPUs run until something stops them; None after `patience` seconds without.

        `thread` is the CPU whose stop was told last: the breakpoint that it stands at does not
        count again. After None the guest still runs: call `halt` next.
        `meanwhile` is called while it runs, if it comes to that.
        """
        armed, before = self._armed.values(), self.registers(thread)
        if before[self._pc] in armed:
            # gdb steps over a breakpoint only where it saw the guest stop at it, and only once.
            halt, after, _found = self.advance(thread, before)
            if halt.reason != "end-stepping-range":
                return halt
            if after[self._pc] in armed:
                return Halt("breakpoint-hit", thread)
        self._refresh()
        return self._running.proceed(patience, meanwhile)

    def halt(self) -> Halt:
        """Stop a guest that runs and wait until it stands."""
        return self._running.halt()

    @property
    def asked(self) -> bool:
        """Whether the move under way was interrupted."""
        return self._running.asked

    def moving(self) -> AbstractContextManager[None]:
        """The time during which `interrupt` has something to interrupt."""
        return self._running.moving()

    def interrupt(self) -> None:
        """Make a move under way end soon; harmless without one. Any thread; never waits."""
        self._running.interrupt()

    def close(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Let go, and end gdb: the guest runs on. Harmless where either is gone, or done before.

        `meanwhile` is called while gdb ends, if it comes to that.
        """
        self._running.close()
        self._wire.detach()
        self._wire.close()
        self.gdb.close(meanwhile)

    # --- inside --------------------------------------------------------------------------------

    def _ask(self, *commands: str) -> list[Record]:
        self._refresh()
        replies = self.gdb.ask(*commands)
        for reply in replies:
            check(reply)
        return replies

    def _refresh(self) -> None:
        """Before gdb works: tell it that the guest has moved."""
        if self._stale:
            self._stale = False
            self.gdb.console(cli_line(self._forget))

    def _forgets(self, command: str) -> bool:
        return "ndefined" not in self.gdb.console(cli_line(command))[0]
