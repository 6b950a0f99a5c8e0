"""The debugger: every way of moving through the execution, with each step tracked."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from systui.arch.spec import SyscallConvention
from systui.kernel.arrival import Entry
from systui.kernel.provenance import Provenance, provenance
from systui.kernel.view import KernelView, ProgramView
from systui.model.call import Landmark, Made, Phase, SyscallRow
from systui.model.code import Instruction, Location, SourceText
from systui.model.edit import Edit
from systui.model.errors import BadInputError, NotRecordedError, NotSupportedError
from systui.model.snapshot import Snapshot
from systui.model.stop import Reason, Space, Stop, Task
from systui.session.picture import Picture
from systui.session.points import Points
from systui.session.tracker import Tracker
from systui.target.protocol import (
    Commandable,
    Direction,
    RegisterIs,
    Restartable,
    Run,
    Seekable,
    Step,
    Target,
)
from systui.target.recordable import Recordable
from systui.words import _

if TYPE_CHECKING:
    from systui.session.backtrace import CallFrame
    from systui.session.editing import Editor
    from systui.session.lanes import Lanes, Weaving
    from systui.session.moves import Moves
    from systui.session.retrace import Retrace
    from systui.session.route import Route, Routes
    from systui.session.search import Query

Observer = Callable[[Stop], None]


class Debugger:
    """Moves a target and keeps what its decoders need; synchronous, for one thread.

    Every method that moves returns the stop it ended at. All may raise
    `systui.model.errors.TargetError`s.
    """

    def __init__(self, target: Target, kernel: KernelView, program: ProgramView | None) -> None:
        self.target = target
        self.kernel = kernel
        self.program = program
        self._tracker = Tracker(target, kernel, program)
        self._picture = Picture(self._tracker)
        self.points = Points(target)
        """Breakpoints and watchpoints."""
        self.changes = 0
        """Grows whenever anything that a snapshot shows may have changed."""
        self._observers: list[Observer] = []
        self._interrupted = False

    # --- where it stands ---------------------------------------------------------------------

    @property
    def stop(self) -> Stop:
        """Where the target stands."""
        return self._tracker.stop

    @property
    def phase(self) -> Phase:
        """The phase at the current stop; cheap."""
        return self._tracker.phase

    @property
    def in_stub(self) -> bool:
        """The handler under way is entry code, as 3.x's stub_fork is: it need not return."""
        way = self._tracker.track.way
        handler = None if way is None or self.phase is not Phase.HANDLER else way.handler
        return handler is not None and handler in self.kernel.path.entry_text

    @property
    def landmark(self) -> Landmark | None:
        """The landmark at the current stop, if it is one; cheap."""
        return self._tracker.landmark

    @property
    def convention(self) -> SyscallConvention:
        """How the call is passed that is about to be made or has just arrived; cheap."""
        calling = self._tracker.calling(self.stop.pc) if self.phase is Phase.USER else None
        return calling or self.kernel.path.convention(self.stop.pc)

    @property
    def entry(self) -> Entry | None:
        """Where the call under way came in; cheap."""
        call = self._tracker.track.call
        return None if call is None else self.kernel.path.entries.get(call.entry)

    @property
    def made(self) -> Made | None:
        """The call under way as the program made it; None where there is none; cheap."""
        track = self._tracker.track
        call = next((way for way in reversed(track.ways) if way.syscall), None)
        if call is None:
            return None
        convention = self._tracker.arch.convention(call.abi)
        number = call.before.get(convention.number)
        return Made(
            call.entered_at,
            call.abi,
            None if number is None else number & 0xFFFF_FFFF,
            call.before.get(convention.arguments[0]),
        )

    def snapshot(self, since: int | None = None) -> Snapshot:
        """The current stop, decoded.

        `effect` covers what ran since position `since` (None: the last instruction), and
        `changed` compares with it. Where the target can go back, a call that was come upon in
        the middle is first watched from its beginning, so that all of it is known.
        """
        if self._tracker.unwatched:
            self._watch_anew()
        if self._picture.code.whole and self._leapt:
            from systui.session.retrace import look_back

            self._picture.looked_back = look_back(self._tracker)
        return self._picture.take(since)

    def _watch_anew(self) -> None:
        """See how the call under way came in, as far as the target's past holds that."""
        here = self.stop
        try:
            self._retrace.run()
        except NotRecordedError:  # what led in was passed without a stop
            if isinstance(self.target, Seekable):
                self.target.seek(here.position)
            self._tracker.arrive(here)
            self._tracker.give_up()

    def rest(self) -> None:
        """Nothing is asked for now: the stop is to be safe in a recording."""
        if isinstance(self.target, Recordable):
            self.target.settle()

    @property
    def _leapt(self) -> bool:
        """What ran last was not seen, and looking back writes nothing into a recording."""
        position = self.stop.position
        if position in self._picture.looked_back or self._tracker.history.get(position - 1):
            return False
        target = self.target
        return not isinstance(target, Recordable) or target.path is None

    @cached_property
    def _retrace(self) -> "Retrace":
        from systui.session.retrace import Retrace

        return Retrace(self._tracker)

    def locate(self, address: int) -> Location:
        """What `address` is called, in the kernel or in the program."""
        return self._tracker.locate(address)

    def backtrace(self) -> "list[CallFrame]":
        """The frames of the present stop, innermost first."""
        from systui.session.backtrace import Backtrace

        return Backtrace(self._tracker).frames()

    def provenance(self, row: SyscallRow) -> Provenance:
        """Where a row of the call table comes from, its slot read as it is now."""
        view = self.kernel
        return provenance(row, view.image, view.lines, view.slide, self._tracker.read)

    def route(self) -> "Route":
        """The map of the call under way, and what of it was passed."""
        return self._routes.route()

    @cached_property
    def _routes(self) -> "Routes":
        from systui.session.route import Routes

        return Routes(self._tracker)

    def lanes(self) -> "Lanes":
        """All tasks as they are at this stop, and what they did around it."""
        return self._weaving.lanes()

    @cached_property
    def _weaving(self) -> "Weaving":
        from systui.session.lanes import Weaving

        return Weaving(self._tracker)

    def code(self, address: int) -> tuple[Instruction, ...]:
        """The instructions around `address`, in address order; empty where none can be read."""
        return self._picture.code.at(address)

    def source_line(self, location: Location) -> str | None:
        """The text of a location's line, where it can be had."""
        text = self._picture.source(location)
        if text is None or location.source is None:
            return None
        lines, line = text.lines, location.source.line
        return lines[line - 1] if 0 < line <= len(lines) else None

    def source_of(self, file: str) -> SourceText | None:
        """The text of a file as line tables spell it, where it can be had."""
        for view in (self.kernel, self.program):
            text = None if view is None else view.sources.text(file)
            if text is not None:
                return text
        return None

    def source_text(self, location: Location) -> SourceText | None:
        """The whole text of a location's file, where it can be had."""
        return self._picture.source(location)

    def command(self, target: Commandable, line: str) -> str:
        """Have the target's own debugger do `line`; what it printed. It may change anything."""
        said = target.command(line)
        self._tracker.arrive(self.target.current_stop(), self._tracker.track.ways)
        self._observed()
        return said

    def instruction(self, address: int) -> Instruction | None:
        """The instruction at `address`, from live memory; None where it cannot be read."""
        operation = self._tracker.operation(address)
        return None if operation is None else operation.instruction

    @property
    def shows_code(self) -> bool:
        """Whether snapshots hold the instructions around pc, or only the one at it (cheaper)."""
        return self._picture.code.whole

    @shows_code.setter
    def shows_code(self, shown: bool) -> None:
        self._picture.code.whole = shown

    # --- single steps and free runs ----------------------------------------------------------

    def step(self) -> Stop:
        """Run one instruction, tracked."""
        if self._interrupted:
            return self._interruption()
        self._tracker.prepare()
        stop = self.target.resume(Step(), self.stop.task)
        if stop.position == self.stop.position:
            self._tracker.waited(stop)
        else:
            self._tracker.stepped(stop)
        return self._observed()

    def step_back(self) -> Stop:
        """Go back over one instruction."""
        if self._interrupted:
            return self._interruption()
        self._tracker.arrive(self.target.resume(Step(Direction.BACKWARD), self.stop.task))
        return self._observed()

    def resume(self, direction: Direction = Direction.FORWARD) -> Stop:
        """Run until a breakpoint or anything else stops the target."""
        return self.run_to((), direction)

    def run_to(
        self,
        addresses: Iterable[int],
        direction: Direction = Direction.FORWARD,
        task: Task | None = None,
        anyone: bool = False,
    ) -> Stop:
        """Run until one of `addresses` is next (in `task`), or anything else stops the target.

        In the middle of a call some targets wait for its own task, unless `anyone` of the
        program's is meant.
        """
        wanted = frozenset(addresses)
        if self._interrupted:
            return self._interruption()
        if direction is Direction.BACKWARD:
            return self._run_back(wanted, task)
        while not self._run_on(wanted, task, anyone):
            if self._interrupted:
                return self._interruption()
        return self.stop

    def run_filtered(self, addresses: frozenset[int], only: RegisterIs) -> Stop:
        """Run until one of `addresses` is next with `only` holding, or anything else stops it.

        NotSupportedError where the target lacks Capability.FILTER.
        """
        while self._tracker.track.ways:
            stop = self.run_to(self._tracker.exits)
            if stop.pc in self._tracker.exits:
                stop = self.step()
            if stop.reason not in (Reason.STEP, Reason.BREAKPOINT) or self.points.stops(stop.pc):
                return stop
        stops = Run(Direction.FORWARD, addresses, only)
        while not self._interrupted:
            self._tracker.arrive(self.target.resume(stops))
            stop = self._observed()
            wanted = stop.pc in addresses and only.holds(self._tracker.values)
            if wanted or not self.points.passes(stop):
                return stop
        return self._interruption()

    def _run_back(self, wanted: frozenset[int], task: Task | None) -> Stop:
        while not self._interrupted:
            before = self.stop.position
            self._tracker.arrive(self.target.resume(Run(Direction.BACKWARD, wanted), task))
            stop = self._observed()
            if stop.pc in wanted or stop.position == before or not self.points.passes(stop):
                return stop
        return self._interruption()

    def _run_on(self, wanted: frozenset[int], task: Task | None, anyone: bool) -> bool:
        """Run to the next stop; False where it is only the end of a way that was open.

        The instructions that leave the kernel are stepped over, so that the end of a call that
        was followed is always seen, and another one never taken for it.
        """
        ways = self._tracker.track.ways
        exits = self._tracker.exits if ways else frozenset[int]()
        if self.stop.pc in exits and self._tracker.returns_to_kernel:
            # An interrupt's end inside the way, which goes on: not watched, like the rest of it.
            self._tracker.arrive(self.target.resume(Step(), self.stop.task), ways)
            stop = self._observed()
            return stop.reason is not Reason.STEP or self._stops(stop, wanted)
        if self.stop.pc in exits:
            stop = self.step()
            return stop.reason is not Reason.STEP or self._stops(stop, wanted)
        run = Run(Direction.FORWARD, wanted | exits, anyone=anyone)
        stop = self.target.resume(run, task)
        self._tracker.arrive(stop, ways)
        self._observed()
        if stop.reason is not Reason.BREAKPOINT or self._stops(stop, wanted):
            return True
        return stop.pc not in exits and not self.points.passes(stop)

    def _stops(self, stop: Stop, wanted: frozenset[int]) -> bool:
        return stop.pc in wanted or self.points.stops(stop.pc)

    def seek(self, position: int) -> Stop:
        """Stand at `position`; NotSupportedError where the target cannot seek.

        BadInputError where the position was never come to, or is not kept.
        """
        target = self.target
        if not isinstance(target, Seekable):
            raise NotSupportedError(_("this target cannot go to a position of its past"))
        try:
            stop = target.seek(position)
        except ValueError as error:
            raise BadInputError(
                _("step {position:,} cannot be gone to: there are {first:,} to {last:,}").format(
                    position=position, first=target.earliest, last=target.latest
                )
            ) from error
        self._tracker.arrive(stop)
        return self._observed()

    def restart(self) -> Stop:
        """Run the program again from its start; NotSupportedError where that cannot be."""
        if not isinstance(self.target, Restartable):
            raise NotSupportedError(_("this target cannot run its program again"))
        stop = self.target.restart()
        self._picture.restart()
        self._tracker.restart(stop)
        return self._observed()

    # --- longer steps ------------------------------------------------------------------------

    @cached_property
    def _moves(self) -> "Moves":
        from systui.session.moves import Moves

        return Moves(self, self._tracker)

    def line(self, direction: Direction = Direction.FORWARD) -> Stop:
        """Go to another source line, into calls; one instruction where no line is known.

        Backwards: to the beginning of the line, or, from there, of the line before.
        """
        return self._moves.line(direction, over=False)

    def over(self, direction: Direction = Direction.FORWARD) -> Stop:
        """As `line`, but over calls; a `syscall` instruction is one."""
        return self._moves.line(direction, over=True)

    def over_instruction(self, direction: Direction = Direction.FORWARD) -> Stop:
        """Run one instruction with all of what it calls, or go back over one."""
        return self._moves.instruction(direction)

    def finish(self, direction: Direction = Direction.FORWARD) -> Stop:
        """Run to the return of the current function (backwards: to where it was called).

        In entry code, which has no caller, that is the way's end (or its beginning).
        """
        return self._moves.finish(direction)

    def search(self, query: "Query", direction: Direction = Direction.FORWARD) -> Stop:
        """Stand where what ran last made `query` true, the next time or the last.

        NotFoundError where there is none; then the target stands where it did.
        """
        from systui.session.search import Search

        return Search(self, self._tracker).run(query, direction)

    # --- breakpoints -------------------------------------------------------------------------

    def toggle_breakpoint(self, address: int) -> bool:
        """Set or clear the breakpoint at `address`; True where it is set now."""
        return self.points.toggle(self.locate(address).name, (address,))

    @property
    def breakpoints(self) -> frozenset[int]:
        """Addresses with a breakpoint."""
        return self.points.addresses

    # --- changing ----------------------------------------------------------------------------

    def write_register(self, name: str, value: int) -> Edit:
        """Set a register by hand; NotSupportedError, and what the target raises."""
        edit = self._editor.register(name, value)
        self._observed()
        return edit

    def write_memory(self, space: Space, address: int, size: int, value: int) -> Edit:
        """Store a number of `size` bytes by hand; MemoryFaultError, NotSupportedError."""
        edit = self._editor.memory(space, address, size, value)
        self._observed()
        return edit

    @cached_property
    def _editor(self) -> "Editor":
        from systui.session.editing import Editor

        return Editor(self._tracker, self._picture)

    # --- others ------------------------------------------------------------------------------

    def add_observer(self, observer: Observer) -> None:
        """Call `observer` with each stop that was reached, tracked steps of a walk included."""
        self._observers.append(observer)

    def remove_observer(self, observer: Observer) -> None:
        """Call it no more; harmless when it was not there."""
        if observer in self._observers:
            self._observers.remove(observer)

    def interrupt(self) -> None:
        """Make the move under way, or else the next one, end soon. Any thread; never waits."""
        self._interrupted = True
        self.target.interrupt()

    def clear_interrupt(self) -> None:
        """Forget an `interrupt` that has not ended a move."""
        self._interrupted = False

    def _interruption(self) -> Stop:
        """The present stop, as the end of a move that was not allowed to begin."""
        self._tracker.waited(self.stop._replace(reason=Reason.INTERRUPTED))
        return self._observed()

    def _observed(self) -> Stop:
        self.changes += 1
        if self.stop.reason is Reason.INTERRUPTED:
            self._interrupted = False
        for observer in self._observers:
            observer(self.stop)
        return self.stop
