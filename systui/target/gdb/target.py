"""A real kernel behind a gdbstub as a target: the live guest, and the stops seen so far."""

import os
import select
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from systui.model.errors import BadInputError, NotSupportedError, TargetGoneError
from systui.model.stop import Channel, MemoryRange, Output, Reason, Registers, Space, Stop, Task
from systui.target.gdb.live import Anticipated, Live, Wanted
from systui.target.gdb.mi import moves
from systui.target.gdb.past import Kept, Past
from systui.target.protocol import (
    Breakpoint,
    Capability,
    Direction,
    How,
    OutputListener,
    Run,
    Step,
    TargetInfo,
    Watchpoint,
)
from systui.words import _

_COMMAND_LIMIT = 60.0
_END_OF_INPUT = b"\x04"
"""Ctrl-D, as a terminal takes it."""
_TYPED_AT_ONCE = 256
_TYPING_PAUSE = 0.01
"""Seconds for a console that is full to take more, before something else is looked at."""


class GdbTarget:
    """Implements `Target`, `Seekable` and `Writable`; `attach` makes one."""

    def __init__(self, live: Live, first: Kept, info: TargetInfo, symbols: Path) -> None:
        """`symbols` is the file that names the kernel's addresses."""
        self._live = live
        self._stub = live.stub
        self._past = Past()
        self._position = 0
        self._points: dict[Breakpoint, int] = {}
        self._watches: dict[Watchpoint, int] = {}
        self._listeners: list[OutputListener] = []
        self._unheard: list[Output] = []
        self._closed = False
        self._moves = False
        self._heard = 0
        """Pieces of output that came during the move under way, or the last one."""
        self._info = info
        self._symbols: Path | None = symbols
        """What gdb is to read before it is asked anything; None once it was told to."""
        self._keep(first)
        if live.machine is not None:
            self._stub.gdb.watch(live.machine.console.fileno(), self._hear_console)

    # --- what it is --------------------------------------------------------------------------

    @property
    def info(self) -> TargetInfo:
        """The kernel by its banner, its slide and the program."""
        return self._info

    @property
    def capabilities(self) -> Capability:
        """Backwards means: through the stops seen so far."""
        can = Capability.BACKWARD | Capability.SEEK | Capability.WRITE | Capability.WATCH
        can |= Capability.LIVE
        if self._stub.physical:
            can |= Capability.PHYSICAL
        if self._live.machine is not None:
            can |= Capability.INPUT | Capability.CONSOLE
        return can

    def tasks(self) -> Sequence[Task]:
        """The tasks that were met at stops, the current one first."""
        current = self.current_stop().task
        return [current, *(one for one in self._live.tasks.values() if one != current)]

    def cpus(self) -> Sequence[int]:
        """Counted from 0, as Linux does."""
        return [thread - 1 for thread in self._stub.threads()]

    def current_stop(self) -> Stop:
        """The stop shown: the newest, or an earlier one marked as past."""
        return self._past.shown(self._position)

    # --- state -------------------------------------------------------------------------------

    def registers(self, task: Task | None = None) -> Registers:
        """Of the current task; NotSupportedError for a task that does not stand here."""
        self._check_open()
        kept = self._kept
        if task is not None and task != kept.stop.task:
            raise NotSupportedError(
                _("The registers of {name} are not known while it does not run.").format(
                    name=task.name
                )
            )
        return kept.registers

    def read_memory(self, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        """At a past stop: what was read while the guest stood there, and code."""
        self._check_open()
        if self._position == self._past.latest:
            return self._live.read(ranges)
        return [self._read_past(one) for one in ranges]

    def anticipate(self, ranges: Sequence[MemoryRange], meanwhile: Callable[[], None]) -> None:
        """Fetch virtual `ranges` with the registers after the next step; `meanwhile` during it."""
        self._live.anticipated = Anticipated(ranges, meanwhile)

    def _read_past(self, one: MemoryRange) -> bytes | None:
        try:
            return self._kept.read(one)
        except KeyError:
            return self._live.read_text(one)

    def write_registers(self, values: Mapping[str, int], task: Task | None = None) -> None:
        """Set registers of the CPU that stands here; NotSupportedError at a past stop."""
        self._check_present()
        self._stub.write_registers(self._live.thread, values)
        self._live.changed()

    def write_memory(self, space: Space, address: int, data: bytes) -> None:
        """Set memory; MemoryFaultError where it cannot be written."""
        self._check_present()
        self._live.memory.write(self._live.view, space, address, data)
        self._live.changed()

    def _check_present(self) -> None:
        if self._position != self._past.latest or not self._live.on_cpu:
            raise NotSupportedError(_("This stop is past: it can be looked at, not changed."))

    # --- moving ------------------------------------------------------------------------------

    def resume(self, how: How, task: Task | None = None) -> Stop:
        """Forwards from a past stop: to the next one seen; from the newest one: for real."""
        self._check_open()
        if how.direction is Direction.BACKWARD:
            return self._back(how)
        if self._position < self._past.latest:
            found = self._forward_in_past(how)
            if found is not None:
                self._position = found
                return self.current_stop()
            self._position = self._past.latest
        return self._forward(how)

    def interrupt(self) -> None:
        """Make a `resume` under way stop soon. Any thread."""
        self._live.interrupt()

    @property
    def earliest(self) -> int:
        """The oldest stop that is kept."""
        return self._past.earliest

    @property
    def latest(self) -> int:
        """The newest stop."""
        return self._past.latest

    def seek(self, position: int) -> Stop:
        """Show the stop at `position`; ValueError outside earliest … latest."""
        self._past.at(position)
        self._position = position
        return self.current_stop()

    def restart(self) -> Stop:
        """NotSupportedError: a guest that has run is not made to begin again."""
        raise NotSupportedError(
            _("A guest cannot run its program again: leave systui and start it anew.")
        )

    def _back(self, how: How) -> Stop:
        if self._watches and isinstance(how, Run):
            raise NotSupportedError(
                _("Only the stops that were seen are known here: nothing is watched backwards.")
            )
        earlier = range(self._position - 1, self._past.earliest - 1, -1)
        wanted = self._wanted_in_past(how)
        found = self._past.find(earlier, wanted)
        self._position = self._past.earliest if found is None else found
        stop = self.current_stop()
        if found is None:
            return _with_reason(stop, Reason.BEGINNING)
        return stop if isinstance(how, Step) else _with_reason(stop, Reason.BREAKPOINT)

    def _forward_in_past(self, how: How) -> int | None:
        later = range(self._position + 1, self._past.latest + 1)
        return self._past.find(later, self._wanted_in_past(how))

    def _wanted_in_past(self, how: How) -> Wanted:
        if isinstance(how, Step):
            return lambda kept: True
        points = self._wanted(how)
        return lambda kept: kept.stop.pc in points and points[kept.stop.pc](kept)

    def _forward(self, how: How) -> Stop:
        self._heard = 0
        self._moves = True
        try:
            kept = self._moved(how)
            self._hear_rest()
        finally:
            self._moves = False
        return self._keep(kept)

    def _moved(self, how: How) -> Kept:
        live = self._live
        if isinstance(how, Step):
            return live.step()
        kept = live.run(self._wanted(how), anyone=how.anyone)
        kept.stop = kept.stop._replace(leap=True)
        return kept

    def _wanted(self, how: Run) -> dict[int, Wanted]:
        """By address: whose stop there counts."""
        expected = self._live.owns if how.anyone else self._expected
        wanted: dict[int, Wanted] = dict.fromkeys(how.addresses, expected)
        for point in self._points:
            wanted[point.address] = self._owner(point.pid)
        return wanted

    @property
    def _expected(self) -> Wanted:
        """Whose stop a run to an address waits for.

        In the middle of a call: this task's. Elsewhere the program's, where it is known: another
        program may have code at the same address, and every task reaches the same handlers.
        """
        origin = self._kept
        in_call = origin.registers.cpl == 0 and origin.stop.reason not in {
            Reason.START,
            Reason.INTERRUPTED,
        }
        if in_call:
            return lambda kept: kept.pointer == origin.pointer
        return self._live.owns

    def _owner(self, pid: int | None) -> Wanted:
        if pid is None:
            return lambda kept: True
        return lambda kept: kept.stop.task.pid == pid

    def _check_open(self) -> None:
        if self._closed:
            raise TargetGoneError(_("This session is closed."))

    @property
    def _kept(self) -> Kept:
        return self._past.at(self._position)

    def _keep(self, kept: Kept) -> Stop:
        if self._heard and kept.stop.position == self._past.latest:
            # It waits at the same place, but not at the same time: something was said meanwhile.
            kept.stop = kept.stop._replace(position=self._past.latest + 1)
        if len(self._past) and kept.stop.position == self._past.latest:
            self._past.replace_last(kept)
        else:
            while len(self._past) and kept.stop.position > self._past.latest + 1:
                self._past.stay()
            self._past.add(kept)
        self._position = self._past.latest
        return self.current_stop()

    # --- breakpoints -------------------------------------------------------------------------

    def set_breakpoint(self, point: Breakpoint) -> None:
        """Arm it, also where nothing is mapped yet."""
        if point not in self._points:
            self._points[point] = self._stub.insert(point.address)

    def clear_breakpoint(self, point: Breakpoint) -> None:
        """Disarm it."""
        number = self._points.pop(point, None)
        if number is not None:
            self._stub.delete([number])

    def set_watchpoint(self, point: Watchpoint) -> None:
        """Arm it; gdb watches virtual addresses only."""
        if point.range.space is Space.PHYSICAL:
            raise NotSupportedError(_("gdb watches virtual addresses only."))
        if point not in self._watches:
            self._watches[point] = self._stub.watch(
                point.range.address, point.range.size, point.access
            )

    def clear_watchpoint(self, point: Watchpoint) -> None:
        """Disarm it."""
        number = self._watches.pop(point, None)
        if number is not None:
            self._stub.delete([number])

    # --- words in and out --------------------------------------------------------------------

    def send_input(self, data: bytes) -> None:
        """Type at the serial console, also while the guest runs; b"" types Ctrl-D. Any thread."""
        if self._live.machine is None:
            raise NotSupportedError(
                _("The guest's console is where QEMU put it; systui has no hand in it.")
            )
        if self._position != self._past.latest:
            raise NotSupportedError(
                _("This stop is past: go to the newest one before typing to the guest.")
            )
        self._live.machine.console.sendall(data or _END_OF_INPUT)

    def subscribe(self, listener: OutputListener) -> None:
        """Call `listener` with what the console says and what gdb answers."""
        self._listeners.append(listener)
        unheard, self._unheard = self._unheard, []
        for output in unheard:
            listener(output)

    def command(self, line: str) -> str:
        """Have gdb run one line of its own language and return what it printed.

        The first time, gdb reads the kernel's symbols before, which is said. BadInputError for
        what is more than a line, or would set the guest running or let it go.
        """
        if moves(line):
            raise BadInputError(
                _("gdb is not to move or leave the guest: {line}; systui's own words do").format(
                    line=line
                )
            )
        said = self._read_symbols() + self._stub.console(line, _COMMAND_LIMIT)
        self._live.changed()
        self._tell(Channel.DEBUGGER, said.encode())
        return said

    def _read_symbols(self) -> str:
        """Have gdb read them where it has not; returns the words for that."""
        symbols, self._symbols = self._symbols, None
        if symbols is None:
            return ""
        if not _is_elf(symbols):
            words = _("gdb knows no symbols of this kernel: {path} is no ELF file.")
            return words.format(path=symbols) + "\n"
        words = _("gdb reads the symbols of {path} …").format(path=symbols)
        self._tell(Channel.DEBUGGER, f"{words}\n".encode())
        return self._stub.load_symbols(symbols, self._info.slide, _COMMAND_LIMIT)

    def close(self) -> None:
        """Detach, or end the guest where systui booted it; nothing is left behind."""
        if self._closed:
            return
        self._closed = True
        self._stub.close(self._live.take_anticipated().meanwhile)
        if self._live.machine is not None:
            self._live.machine.close()

    def hear(self, channel: Channel, data: bytes) -> None:
        """Pass on output that came before anybody listened."""
        self._tell(channel, data)

    def _hear_console(self) -> None:
        assert self._live.machine is not None
        try:
            data = self._live.machine.console.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._stub.gdb.unwatch(self._live.machine.console.fileno())
            return
        self._tell(Channel.CONSOLE, data)

    def type_from(self, descriptor: int) -> None:
        """While the guest runs, type what `descriptor` gives at its console; its end as Ctrl-D.

        Until that end a program that reads is waited for.
        """
        self._live.sleepers.fed = True

        def feed() -> None:
            assert self._live.machine is not None
            console = self._live.machine.console
            if not select.select([], [console], [], _TYPING_PAUSE)[1]:
                return  # the guest has yet to take what was typed before
            data = _given(descriptor)
            if not data:
                self._stub.gdb.unwatch(descriptor)
                self._live.sleepers.fed = False
            with suppress(OSError):  # a guest that is gone is told of by its stub
                console.sendall(data or _END_OF_INPUT)

        self._stub.gdb.watch(descriptor, feed)

    def _hear_rest(self) -> None:
        """What the guest wrote before it stopped is through QEMU by now."""
        if self._live.machine is not None:
            self._stub.gdb.look()

    def _tell(self, channel: Channel, data: bytes) -> None:
        """Output of a move belongs to the stop that it ends at."""
        position = (self._past.latest if len(self._past) else 0) + self._moves
        self._heard += self._moves
        output = Output(channel, data, position)
        if not self._listeners:
            self._unheard.append(output)
        for listener in self._listeners:
            listener(output)


def _is_elf(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
    return False


def _given(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _TYPED_AT_ONCE)
    except OSError:
        return b""


def _with_reason(stop: Stop, reason: Reason) -> Stop:
    return stop._replace(reason=reason)
