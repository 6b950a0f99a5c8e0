"""Where the target stands and what is known there, kept up as it moves."""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from systui.decode.delivery import result_of
from systui.decode.fold import Folder, Step
from systui.decode.midway import Midway
from systui.decode.sites import made_at
from systui.decode.way import Fate, Mark, Track, Way, rewritten
from systui.kernel.view import KernelView, ProgramView
from systui.model.call import Landmark, Phase
from systui.model.edit import HAND, Edit
from systui.model.frame import StackKind
from systui.model.operation import Flow, Operation
from systui.model.stop import Reason, Stop
from systui.session.history import History
from systui.session.livecode import LiveCode
from systui.session.seen_calls import SeenCalls
from systui.target.protocol import EditsKnown, Recalls, Target
from systui.target.recordable import Recordable

_RING = 3
_FIELD = "pt_regs."
"""What the name of an edited field begins with."""
_ENTRY_AREA = range(0xFFFFFE0000000000, 0xFFFFFE8000000000)
"""The CPU entry area (Documentation/arch/x86/x86_64/mm.rst): the trampoline stack lies there."""


class Edited(NamedTuple):
    """A position at which somebody changed something by hand: what was there, and what is."""

    came: tuple[Mapping[str, int], Track]
    """Registers and track as execution came there."""
    values: Mapping[str, int]
    track: Track


class Tracker(LiveCode):
    """Follows one target: each step is folded in, each leap is told from code and stack."""

    def __init__(self, target: Target, kernel: KernelView, program: ProgramView | None) -> None:
        super().__init__(target, kernel, program)
        self.folder = Folder(self.path, kernel.arch)
        self._layout = kernel.arch.pt_regs
        self._midway = Midway(self.path, kernel.arch, self.folder.ledger_registers)
        self._records = target if isinstance(target, Recordable) else None
        self.recalls = target if isinstance(target, Recalls) else None
        """The target, where it tells of its past without going there."""
        self._edits_at: Callable[[int], Sequence[Edit]] = (
            target.edits_at if isinstance(target, EditsKnown) else lambda _position: ()
        )
        self.history = History()
        self.stop: Stop
        self.values: Mapping[str, int]
        self.track: Track
        self.latest = 0
        self._given_up = -1
        self._leaps: list[int] = []
        """Positions with any number of instructions before them, ascending."""
        self._by_hand: dict[int, Edited] = {}
        self.seen = SeenCalls(self.arch)
        """The calls that were come by, whosever they are."""
        self._away: Mapping[int, Track] = {}
        """By pid: what is known of tasks that others have taken turns with, each step watched."""
        self._frame: bytes | None = None
        """The frame before a step that a gate may edit it in."""
        self.arrive(target.current_stop())

    # --- steps -------------------------------------------------------------------------------

    @cached_property
    def exits(self) -> frozenset[int]:
        """The kernel's instructions that leave it."""
        doors = (self.path.door(each, from_user=True) for each in self.path.entries)
        return frozenset[int]().union(*(door.exits for door in doors if door is not None))

    @property
    def returns_to_kernel(self) -> bool:
        """Whether the next instruction is an IRET from an interrupt of the kernel itself."""
        return self._leads_to_kernel(self.values)

    def _leads_to_kernel(self, values: Mapping[str, int]) -> bool:
        operation = self.operation(values[self.arch.pc])
        if operation is None or operation.flow is not Flow.IRET:
            return False
        saved = self.read(values[self.arch.sp] + self.kernel.arch.bits // 8, 2)
        return saved is not None and not saved[0] & _RING

    def step_between(
        self,
        position: int,
        operation: Operation,
        before: Mapping[str, int],
        after: Mapping[str, int],
    ) -> Step:
        """One step as the decoders take it."""
        return Step(
            position, operation, before, after, before[self.arch.pc] in self.path.gates, self.arch
        )

    def prepare(self) -> None:
        """Before a step: keep the frame's bytes where a gate may be about to edit them."""
        way = self.track.way
        if (
            way is not None
            and way.frame is not None
            and self.values[self.arch.pc] in self.path.editors
        ):
            self._frame = self.read(way.frame, self.kernel.arch.pt_regs.size)

    def _edited(self, track: Track, step: Step, old: bytes) -> Track:
        way = track.way
        new = None if way is None or way.frame is None else self.read(way.frame, len(old))
        return track if new is None else self.folder.edited(track, step, old, new)

    # --- moving ------------------------------------------------------------------------------

    def stepped(self, stop: Stop) -> None:
        """Fold in a step that ended at `stop`."""
        values = self.target.registers().values
        frame, self._frame = self._frame, None
        edited = self._by_hand.get(stop.position)
        if edited is not None and edited.values == values:
            self._keep(stop, values, edited.track)
            return
        if stop.task.pid != self.stop.task.pid:
            self._switched(stop, values)
            return
        if stop.position != self.stop.position + 1 or stop.leap:
            self._arrived(stop, values, self._same(stop))
            return
        if self.stop.position == self._given_up:
            self._given_up = stop.position  # one more step shows no more of the beginning
        was, before = self.track, self.values
        track = was
        if not (before["cs"] & _RING and values["cs"] & _RING):
            operation = self.operation(before[self.arch.pc])
            if operation is not None:
                step = self.step_between(self.stop.position, operation, before, values)
                track = self.folder.advance(was, step)
                if frame is not None:
                    track = self._edited(track, step, frame)
        if was.way is None or was.way.phase is not Phase.RESTORE:
            track = self._settled(track)
        self._keep(stop, values, self._recalled(stop.position, was, track))

    def _switched(self, stop: Stop, values: Mapping[str, int]) -> None:
        """Another task goes on: from where it was left, if every step since then was watched."""
        watched = stop.position == self.stop.position + 1 and not stop.leap
        away = {**self._away, self.stop.task.pid: self.track} if watched else {}
        track = away.pop(stop.task.pid, None)
        if track is None:
            self._arrived(stop, values)
        else:
            self._keep(stop, values, track)
        self._away = away

    def _same(self, stop: Stop) -> tuple[Way, ...]:
        """The ways open before a step over what was not recorded, if they still are.

        Only those are whose pt_regs still leads to where it led: another call would have come from
        another place, or by way of the program's own code.
        """
        if stop.position < self.stop.position:
            return ()
        kept = []
        for way in self.track.ways:
            came = self._leads_to(way)
            if came is None or self.arch.pc not in way.before:
                break
            led = way.before[self.arch.pc] if way.returns is None else way.returns
            if not self._same_place(came, led):
                break
            kept.append(way)
        return tuple(kept)

    def _leads_to(self, way: Way) -> int | None:
        """Where pt_regs leads the way back to now; None where it cannot be read."""
        raw = None if way.frame is None else self.read(way.frame, self._layout.size)
        offset = self._layout.offsets["ip"]
        return (
            None if raw is None else int.from_bytes(raw[offset : offset + self.arch.word], "little")
        )

    def _same_place(self, one: int, other: int) -> bool:
        """Whether calls that come back to `one` and to `other` were made at the same place."""
        return one == other or made_at(one, self.read) == made_at(other, self.read) is not None

    def take_up(self, stop: Stop, track: Track) -> None:
        """Take up at `stop`, where `track` was known when it was recorded."""
        self._away = {}
        self._note_leap(stop)
        self._keep(stop, self.target.registers().values, track)

    def _note_leap(self, stop: Stop) -> None:
        if stop.leap and stop.position not in self._leaps:
            insort(self._leaps, stop.position)

    def waited(self, stop: Stop) -> None:
        """Take note of a step that could not be taken."""
        self.stop = stop

    def arrive(self, stop: Stop, ways: Iterable[Way] = ()) -> None:
        """Take up at `stop`, come to without being watched.

        `ways` are those that were open before and have not been left since.
        """
        values = self.target.registers().values
        known = hasattr(self, "stop") and stop.task.pid == self.stop.task.pid
        self._arrived(stop, values, tuple(ways) if known else ())

    def _arrived(self, stop: Stop, values: Mapping[str, int], ways: tuple[Way, ...] = ()) -> None:
        self._away = {}
        self._note_leap(stop)
        track = self.history.matches(stop.position, values)
        if (
            track is None
            and ways
            and values[self.arch.pc] in self.exits
            and self._leads_to_kernel(values)
        ):
            track = Track(ways)  # an interrupt's end: its code and stack tell nothing of the call
        if track is None:
            reach = next((way.reach for way in ways if way.syscall), None)
            told = self._midway.reconstruct(values, self.read, reach)
            found = tuple(self._continued(way, ways, values) for way in told.ways)
            track = self._settled(Track((*self._beneath(found, ways, values), *found)))
        self._keep(stop, values, track)

    def _beneath(
        self, found: tuple[Way, ...], ways: tuple[Way, ...], values: Mapping[str, int]
    ) -> tuple[Way, ...]:
        """The way in from the program, where `found` was told from a stack that leads not to it.

        Such is the stack that a CPU keeps for interrupts, and for what they have put off.
        """
        inside = not values["cs"] & _RING
        return ways[:1] if inside and not any(way.from_user for way in found) else ()

    def _settled(self, track: Track) -> Track:
        """With the call's result as the program gets it, once its way back has begun."""
        way = track.way
        returns = None if way is None else way.before.get(self.arch.pc)
        if way is None or not way.syscall or way.phase is not Phase.RESTORE or returns is None:
            return track
        raw = None if way.frame is None else self.read(way.frame, self._layout.size)
        if raw is None:
            return track
        ip, sp = (
            int.from_bytes(raw[at : at + self.arch.word], "little")
            for at in (self._layout.offsets["ip"], self._layout.offsets["sp"])
        )
        way = way._replace(result=result_of(way.result, returns, ip, sp, self.arch.bits, self.read))
        return track._replace(ways=(*track.ways[:-1], way))

    def _keep(self, stop: Stop, values: Mapping[str, int], track: Track) -> None:
        self.stop, self.values, self.track = stop, values, track
        if values["cs"] & _RING:
            self.user_cs = values["cs"]
        self.latest = max(self.latest, stop.position)
        self.history.put(stop.position, values, track)
        if (call := track.call) is not None and call.entered_at is not None:
            self.seen.put(stop.task, call)
        if self._records is not None and self._records.curious and not _came_upon(track):
            from systui.decode.remembered import told

            self._records.know(told(Track(track.ways)))

    def _continued(self, told: Way, ways: tuple[Way, ...], values: Mapping[str, int]) -> Way:
        """What is told of a way now, with what was known of it before the gap."""
        known = next(
            (way for way in ways if way.entry == told.entry and way.frame == told.frame), None
        )
        if known is None or told.frame is None:
            return told
        lost = [name for name in known.intact if values.get(name) != known.before.get(name)]
        return known._replace(
            phase=told.phase,
            slots={**told.slots, **known.slots},
            possible=told.possible,
            restored=told.restored | known.restored,
            fates={**known.fates, **dict.fromkeys(lost, Fate(None, None))},
            intact=known.intact.difference(lost),
            level=told.level,
            reach=told.reach or known.reach,
            handler=known.handler or told.handler,
            result=told.result if known.result is None else known.result,
            partial=True,
        )

    # --- changed by hand ---------------------------------------------------------------------

    def edited(self, slots: Iterable[str] = ()) -> None:
        """Take note that registers or memory were changed here; `slots` are fields of pt_regs.

        What lay ahead is forgotten: it will not come that way.
        """
        position = self.stop.position
        known = self._by_hand.get(position)
        came = (self.values, self.track) if known is None else known.came
        self._by_hand = {at: each for at, each in self._by_hand.items() if at < position}
        self.history.forget_after(position)
        self.seen.forget_after(position)
        self.latest = position
        self._frame = None
        before, moved = self.values, (self.arch.pc, self.arch.sp, "cs")
        self.stop = self.target.current_stop()
        values = self.target.registers().values
        if any(before.get(name) != values.get(name) for name in moved):
            self._arrived(self.stop, values, self.track.ways)
        else:
            way = self.track.way
            intact = frozenset[str]() if way is None else way.intact
            lost = [name for name in intact if values.get(name) != before.get(name)]
            self._keep(self.stop, values, self._marked(self.track, position, lost, slots))
        self._by_hand[position] = Edited(came, self.values, self.track)

    def _recalled(self, position: int, was: Track, track: Track) -> Track:
        """`track`, that came after `was`, with the changes by hand that a recording knows of."""
        edits = self._edits_at(position)
        if not edits or was.way is None:
            return track
        slots = [each.name.removeprefix(_FIELD) for each in edits if each.name.startswith(_FIELD)]
        lost = [each.name for each in edits if each.name in was.way.intact]
        return self._marked(track, position, lost, slots)

    def _marked(
        self, track: Track, position: int, lost: Iterable[str], slots: Iterable[str]
    ) -> Track:
        """`track` with what a hand stored in `slots` and overwrote in registers at `position`."""
        way = track.way
        if way is None:
            return track
        way = way._replace(
            first=rewritten(way, slots),
            returns=self._leads_to(way) if "ip" in slots else way.returns,
            slots={**way.slots, **{name: Mark(HAND, position) for name in slots}},
            fates={**way.fates, **dict.fromkeys(lost, Fate(HAND, position))},
            intact=way.intact.difference(lost),
        )
        return track._replace(ways=(*track.ways[:-1], way))

    @property
    def came(self) -> tuple[Mapping[str, int], Track]:
        """Registers and track as execution came here: before anything was changed by hand."""
        edited = self._by_hand.get(self.stop.position)
        return (self.values, self.track) if edited is None else edited.came

    def restart(self, stop: Stop) -> None:
        """Take up at the start of another run."""
        self._by_hand.clear()
        self.history.clear()
        self.seen.forget_after(-1)
        self.latest = 0
        self._leaps.clear()
        self.arrive(stop)

    def counted(self, since: int) -> bool:
        """Whether from position `since` to here each instruction counts as one."""
        leaps = self._leaps
        return bisect_right(leaps, self.stop.position) == bisect_right(leaps, since)

    @property
    def unwatched(self) -> bool:
        """A call is under way of which not all was seen that may be, and nothing was tried yet."""
        if self._given_up == self.stop.position:
            return False
        return _came_upon(self.track) or self._begins_here

    @property
    def _begins_here(self) -> bool:
        """What a recording tells of the call's way begins here: not with how it came here."""
        ways, position, target = self.track.ways, self.stop.position, self.recalls
        if target is None or not ways or not ways[0].syscall or position <= target.earliest:
            return False
        return not self.stop.leap and self.history.get(position - 1) is None

    def give_up(self) -> None:
        """The beginning of the call under way cannot be seen from here."""
        self._given_up = self.stop.position

    # --- telling -----------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """The phase here."""
        if self.track.ways or self.values["cs"] & _RING:
            return self.track.phase
        return Phase.ENTRY

    @property
    def landmark(self) -> Landmark | None:
        """The landmark here, if it is one."""
        pc = self.values[self.arch.pc]
        if self.values["cs"] & _RING:
            return self._user_landmark(pc)
        way = self.track.way
        if way is not None and not way.syscall:
            return None
        if way is not None and self._at_handler(way, pc):
            return Landmark("handler", pc, Phase.HANDLER)
        door = self.path.syscall if way is None else way.door
        found = None if door is None else self.path.landmarks_of(door).get(pc)
        return found if found is None or self._is_passed(found, way) else None

    def _is_passed(self, landmark: Landmark, way: Way | None) -> bool:
        """Whether it means the call under way, and not an interrupt of it that ends.

        Numbers beyond the table may share code with the others: it is no handler that is back
        there, and not always such a number that is turned away.
        """
        if landmark.name == "iret" and self.returns_to_kernel:
            return False
        if landmark.name not in ("bad_number", "handler_return") or way is None or not way.door:
            return True
        number = way.before.get(self.path.convention(way.entry).number)
        beyond = number is not None and self.path.beyond(number, way.door)
        return beyond is (landmark.name == "bad_number")

    def _at_handler(self, way: Way, pc: int) -> bool:
        if way.handler != pc or way.phase is not Phase.HANDLER:
            return False
        return way.handler_at == self.stop.position or (
            way.handler_at is None and way.level == self.values[self.arch.sp]
        )

    def _user_landmark(self, pc: int) -> Landmark | None:
        if self.stop.reason is Reason.EXIT:
            return None
        if self.calling(pc) is not None:
            return Landmark("user_syscall", pc, Phase.USER)
        done = self.track.done
        if done is not None and done.left_at == self.stop.position:
            return Landmark("user_return", pc, Phase.USER)
        return None

    def stack_of(self, address: int, track: Track) -> StackKind:
        """Which stack `address` lies on."""
        if address < self.kernel.arch.kernel_start:
            return StackKind.USER
        if address in _ENTRY_AREA:
            return StackKind.TRAMPOLINE
        frame = next((way.frame for way in track.ways if way.frame is not None), None)
        if frame is None:
            return StackKind.THREAD if track.ways else StackKind.OTHER
        size = max(self.kernel.arch.thread_sizes)
        same = frame // size == (address - 1) // size
        return StackKind.THREAD if same or frame in _ENTRY_AREA else StackKind.OTHER


def _came_upon(track: Track) -> bool:
    """A system call is under way whose beginning was not seen."""
    return bool(track.ways) and track.ways[0].syscall and track.ways[0].entered_at is None
