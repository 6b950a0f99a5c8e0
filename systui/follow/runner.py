"""Walking a script on a debugger: the same for the screen and for the printer."""

from collections.abc import Callable, Generator, Iterator, Mapping

from systui.follow import armed, finder
from systui.follow.call import CallSpec
from systui.follow.outcome import Ending, Outcome, WalkEndedError
from systui.follow.places import Place, resolve_first
from systui.follow.script import Move, Pace, Script, ScriptStep
from systui.follow.values import broken, fill
from systui.kernel.arrival import INSTRUCTIONS, SPELT, Arrival
from systui.model.call import Phase
from systui.model.snapshot import Snapshot
from systui.model.stop import MemoryRange, Reason, Space, Task
from systui.session.debugger import Debugger
from systui.target.protocol import Capability
from systui.words import _

Show = Callable[[Snapshot, str | None], None]
"""Called with each stop that is to be shown, and the script's sentence for it."""


Shown = tuple[Snapshot, str | None]
"""A stop that is to be shown, and the script's sentence for it."""


def run(
    debugger: Debugger,
    script: Script,
    call: CallSpec | None,
    show: Show,
    should_stop: Callable[[], bool],
    pace: Pace | None = None,
) -> Outcome:
    """Walk `script` to its end, from where the debugger stands; see `Walk`."""
    walk = Walk(debugger, script, call, should_stop, pace)
    for snapshot, note in walk.stops():
        show(snapshot, note)
    return walk.outcome


class Walk:
    """One walk of a script on a debugger, for `call` where one is given.

    `pace` makes every move show at least the stops that it names (None: as the script says).
    A walk that `waits` shows the stop at which the program waits for something, and goes on from
    there when it is asked for the next one; else it ends there. Making one raises BadInputError
    when the script names a place that neither kernel nor program has.
    """

    def __init__(
        self,
        debugger: Debugger,
        script: Script,
        call: CallSpec | None,
        should_stop: Callable[[], bool],
        pace: Pace | None = None,
        *,
        waits: bool = False,
    ) -> None:
        self.outcome = Outcome(Ending.STOPPED, _("the walk is under way"), debugger.stop)
        """How it ended, once `stops` has given the last one."""
        self._debugger = debugger
        self._script = script
        self._call = call
        self._should_stop = should_stop
        self._pace = pace
        self._waits = waits
        self._places = {
            step.number: resolve_first(step.move.places, debugger)
            for step in script.steps
            if step.move is not None and step.move.places
        }
        self._begun: int | None = None
        self._task: Task | None = None
        """Whose call is followed."""
        """Position at which the wanted call began; None when none is wanted."""
        self._partial = False
        """The call was met at its handler: what lay before is over."""
        self._shown: int | None = None
        """Position of the stop shown last, or about to be."""
        self._before: int | None = None
        """Position of the one before it."""
        self._pending: list[str] | None = None
        """Notes of the stop that is shown before the next move; None when none waits."""
        self._line: tuple[str, int] | None = None

    def stops(self) -> Iterator[Shown]:
        """Each stop that is to be shown; the debugger stands there until the next is asked for."""
        ending, reason = Ending.WALKED, ""
        try:
            yield from self._find()
            for step in self._script.steps:
                yield from self._do(step)
        except WalkEndedError as end:
            ending, reason = end.ending, end.reason
        yield from self._flush()
        self.outcome = Outcome(ending, reason, self._debugger.stop)

    def _find(self) -> Iterator[Shown]:
        """To the call; gives the stops at which the program waits meanwhile."""
        if self._call is None:
            return
        search = armed.Search if self._stops_are_dear() else finder.Search
        looking = search(self._debugger, self._call, self._check)
        while self._begun is None:
            try:
                self._partial = not looking.run()
                self._begun = self._debugger.stop.position
                self._task = self._debugger.stop.task
            except WalkEndedError as end:
                if end.ending in (Ending.PROGRAM_ENDED, Ending.NOT_RECORDED):
                    raise self._never_came(end) from end
                self._wait(end)
                yield from self._flush()

    def _never_came(self, end: WalkEndedError) -> WalkEndedError:
        live = Capability.LIVE in self._debugger.target.capabilities
        said = (
            _("call {call} never came: {reason}")
            if live
            else _("call {call} is not recorded: {reason}")
        )
        return WalkEndedError(Ending.NEVER_CAME, said.format(call=self._call, reason=end.reason))

    def _wait(self, end: WalkEndedError) -> None:
        """Have the stop shown at which the program waits; raises `end` where that ends the walk."""
        if not self._waits or end.ending is not Ending.BLOCKED:
            raise end
        self._arrive(None)

    def _stops_are_dear(self) -> bool:
        """Whether the target is a live one that must not be stopped at every call."""
        can = self._debugger.target.capabilities
        return Capability.BACKWARD in can and not can & (Capability.FILTER | Capability.WHOLE_PAST)

    def _do(self, step: ScriptStep) -> Iterator[Shown]:
        if step.move is not None:
            arrived = yield from self._go(step, step.move)
            if not arrived:
                return
        if step.expect is not None:
            reason = broken(step.expect, self._debugger.snapshot())
            if reason is not None:
                self._arrive(reason)
                raise WalkEndedError(
                    Ending.UNEXPECTED,
                    _("script {name}, step {number}: {reason}").format(
                        name=self._script.name, number=step.number, reason=reason
                    ),
                )
        if step.note is not None:
            self._arrive(step.note)

    def _go(self, step: ScriptStep, move: Move) -> Generator[Shown, None, bool]:
        """Make `move`; False where it was optional and something later came first."""
        if not move.places:
            yield from self._count(move, step.notes)
            return True
        place = self._places[step.number]
        if self._partial and place.landmarks == {"user_syscall"}:
            self._partial = False
            self._arrive(self._way_in())
            return True
        if self._is_behind(place):
            return False
        later = self._later(step.number) if move.optional else ()
        while True:
            fresh = self._debugger.stop.position != self._shown
            if fresh and place.here(self._debugger):
                self._arrive(self._noted(step.notes))
                return True
            over = self._over(place)
            if move.optional and (over or self._any_here(later)):
                return False
            if over:
                raise WalkEndedError(
                    Ending.NEVER_CAME,
                    _("{place} was not reached: the call took another way").format(
                        place=place.name
                    ),
                )
            if fresh and self._is_shown(move):
                self._arrive(self._noted(step.notes))
            yield from self._flush()
            try:
                self._advance(move, place)
            except WalkEndedError as end:
                self._wait(end)

    def _way_in(self) -> str:
        """How the call came in that was met at its handler."""
        told = _(
            "The call is shown from its handler on: "
            "where the program makes it was not known before."
        )
        entry = self._debugger.entry
        if entry is None:
            return told
        return (
            told
            + " "
            + _("It came in by {instruction} at {entry}; pt_regs tells the rest.").format(
                instruction=SPELT[entry.arrival], entry=self._debugger.locate(entry.address).name
            )
        )

    def _count(self, move: Move, notes: Mapping[str, str]) -> Iterator[Shown]:
        left = move.repeat
        while left:
            yield from self._flush()
            try:
                self._advance(move, None)
            except WalkEndedError as end:
                self._wait(end)
                continue
            counted = self._pace_shows(move.pace)
            if self._is_shown(move):
                self._arrive(self._noted(notes))
            left -= counted

    def _later(self, number: int) -> tuple[Place, ...]:
        """The places that the steps after step `number` lead to."""
        return tuple(place for step, place in self._places.items() if step > number)

    def _any_here(self, places: tuple[Place, ...]) -> bool:
        return any(place.here(self._debugger) for place in places)

    def _is_behind(self, place: Place) -> bool:
        """Whether the call was come upon behind its user instruction, which cannot be shown."""
        landmark = self._debugger.landmark
        return (
            "user_syscall" in place.landmarks
            and self._begun in {None, self._debugger.stop.position}
            and landmark is not None
            and landmark.name == "entry"
        )

    def _over(self, place: Place) -> bool:
        """Whether the followed call is over, so that a landmark of its way cannot come."""
        return (
            bool(place.landmarks - {"user_syscall"})
            and self._begun is not None
            and self._debugger.phase is Phase.USER
            and self._debugger.stop.position > self._begun
        )

    def _is_shown(self, move: Move) -> bool:
        return self._pace_shows(move.pace) or (
            self._pace is not None and self._pace_shows(self._pace)
        )

    def _pace_shows(self, pace: Pace) -> bool:
        if pace is Pace.INSTRUCTIONS:
            return True
        if pace is Pace.TARGET:
            return False
        if self._debugger.landmark is not None:
            return True
        return pace is Pace.LINES and self._source() not in {None, self._line}

    def _source(self) -> tuple[str, int] | None:
        debugger, pc = self._debugger, self._debugger.stop.pc
        view = debugger.program if debugger.phase is Phase.USER else debugger.kernel
        source = None if view is None else view.locate(pc).source
        return None if source is None else (source.file, source.line)

    def _noted(self, notes: Mapping[str, str]) -> str | None:
        landmark = self._debugger.landmark
        if landmark is None:
            return None
        arrival = self._arrival()
        kinds = (self._debugger.kernel.arch.name, "" if arrival is None else arrival.value)
        own = (notes.get(f"{landmark.name}.{kind}") for kind in kinds)
        return next(filter(None, own), notes.get(landmark.name))

    def _arrival(self) -> Arrival | None:
        """How the call came in, or is about to; None where that is not known."""
        entry, instruction = self._debugger.entry, self._debugger.snapshot().instruction
        if entry is not None or instruction is None:
            return None if entry is None else entry.arrival
        return next((each for each, code in INSTRUCTIONS.items() if instruction.code == code), None)

    def _arrive(self, note: str | None) -> None:
        """Have the current stop shown, with `note`, before the next move."""
        position = self._debugger.stop.position
        if self._pending is None:
            if self._shown != position:
                self._before, self._shown = self._shown, position
            self._pending = []
            self._line = self._source()
        if note is not None:
            self._pending.append(note)

    def _flush(self) -> Iterator[Shown]:
        """Give the stop that waits to be shown."""
        if self._pending is None:
            return
        notes, self._pending = self._pending, None
        before = self._before
        if before is not None and self._shown is not None and self._shown - before <= 1:
            before = None
        snapshot = self._debugger.snapshot(since=before)
        yield snapshot, "\n".join(fill(note, snapshot) for note in notes) or None

    def _advance(self, move: Move, place: Place | None) -> None:
        """One step of the way: an instruction, the handler as a whole, or a run at full speed."""
        if self._should_stop():
            raise WalkEndedError(Ending.STOPPED, _("stopped on request"))
        debugger = self._debugger
        landmark = debugger.landmark
        at_call = landmark is not None and landmark.name == "user_syscall"
        if debugger.phase is Phase.USER and self._is_fast(move) and not at_call:
            self._run_program(place)
        elif debugger.phase is Phase.HANDLER and not move.inside and not debugger.in_stub:
            self._leave_handler(place)
        else:
            debugger.step()
            self._check()

    def _is_fast(self, move: Move) -> bool:
        """Whether the program's own instructions need not be shown."""
        fast = {Pace.TARGET, Pace.LANDMARKS}
        return move.pace in fast and (self._pace is None or self._pace in fast)

    def _run_program(self, place: Place | None) -> None:
        if place is not None and place.addresses:
            self._debugger.run_to(place.addresses, task=self._debugger.stop.task)
            self._check()
            return
        finder.to_entry(self._debugger, self._check)
        finder.back_to_user(self._debugger)

    def _leave_handler(self, place: Place | None) -> None:
        """Over the handler at full speed, but for the place and for what is served from outside."""
        debugger, landmark = self._debugger, self._debugger.landmark
        if landmark is not None and landmark.name == "handler":
            wanted = frozenset() if place is None else place.addresses
            stops = wanted | self._return_address() | self._served()
            debugger.run_to(stops, task=debugger.stop.task)
        elif landmark is not None and landmark.name == "served":
            debugger.step()
        else:
            debugger.finish()
        self._check()

    def _served(self) -> frozenset[int]:
        return self._debugger.kernel.path.served

    def _return_address(self) -> frozenset[int]:
        """Where the function just entered returns to: the word that rsp points to."""
        arch, target = self._debugger.kernel.arch, self._debugger.target
        word = arch.pt_regs.word
        place = MemoryRange(Space.KERNEL, target.registers()[arch.sp], word)
        (data,) = target.read_memory([place])
        return frozenset() if data is None else frozenset((int.from_bytes(data, "little"),))

    def _check(self) -> None:
        """Raise WalkEndedError where the stop stood at ends every walk."""
        stop = self._debugger.stop
        match stop.reason:
            case Reason.EXIT:
                raise WalkEndedError(
                    Ending.PROGRAM_ENDED,
                    _("the program {ended}").format(ended=stop.detail or _("ended")),
                )
            case Reason.BLOCKED:
                raise WalkEndedError(
                    Ending.BLOCKED, _("the program cannot go on: {what}").format(what=stop.detail)
                )
            case Reason.LIMIT:
                raise WalkEndedError(
                    Ending.LIMIT, _("a limit was reached: {what}").format(what=stop.detail)
                )
            case Reason.OOPS if stop.goes_on:
                self._arrive(stop.detail)
            case Reason.OOPS:
                raise WalkEndedError(
                    Ending.OOPS, _("the kernel itself failed: {what}").format(what=stop.detail)
                )
            case Reason.END_OF_RECORDING:
                raise WalkEndedError(
                    Ending.NOT_RECORDED,
                    _("the recording ends at step {position:,}").format(position=stop.position),
                )
            case Reason.INTERRUPTED:
                raise WalkEndedError(Ending.STOPPED, _("interrupted"))
            case _ if self._task is not None and stop.task.pid != self._task.pid:
                raise WalkEndedError(
                    Ending.PROGRAM_ENDED,
                    _("task {pid} ({name}) ended").format(pid=self._task.pid, name=self._task.name),
                )
