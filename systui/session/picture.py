"""Making the snapshot of a stop: one batch of reads, then decoding."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from systui.arch.spec import SyscallConvention
from systui.decode.arguments import Arguments
from systui.decode.disassembly import LONGEST
from systui.decode.effects import Effects
from systui.decode.errno import answered, errno_of
from systui.decode.ledger import ledger
from systui.decode.ptregs import decode_frame
from systui.decode.scene import Names
from systui.decode.summary import summarize
from systui.decode.way import Track, Way
from systui.kernel.syscalls import X32_BIT
from systui.model.call import Phase, Syscall, SyscallRow
from systui.model.code import Location, SourceText
from systui.model.edit import Edit
from systui.model.effect import Effect
from systui.model.frame import LedgerRow, PtRegs, StackKind
from systui.model.snapshot import Snapshot, StackView
from systui.model.stop import MemoryRange, Output, Read, Registers
from systui.session.history import Record
from systui.session.nearby import CODE_AFTER, NearbyCode
from systui.session.tracker import Tracker
from systui.target.protocol import EditsKnown, ReadsBack, Seekable

_STACK_WORDS = 32
_CALLS_KEPT = 64
"""Calls whose arguments are kept as they were read."""


class Picture:
    """Decodes stops of one tracker."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._arch = tracker.kernel.arch
        self.code = NearbyCode(tracker)
        self._names = Names(self._place, self._call_name, tracker.stack_of)
        self._effects = Effects(tracker.path, self._arch, self._names, tracker.folder.slots_at)
        self._arguments: dict[tuple[int | None, tuple[int, ...]], tuple[int, Arguments]] = {}
        """Of calls by where they began, and at which position they were read."""
        self._output: list[Output] = []
        self._positions: list[int] = []
        self._framed: tuple[Way, bytes | None, StackKind, PtRegs | None] | None = None
        """The frame shown last, if no slot of it was just written, and what it was made from."""
        self._ledger: tuple[Way | None, tuple[LedgerRow, ...]] = (None, ())
        self._shown: tuple[int, Record] | None = None
        target = tracker.target
        self._seekable = target if isinstance(target, Seekable) else None
        self._reads_back = target if isinstance(target, ReadsBack) else None
        self._remembers = target if isinstance(target, EditsKnown) else None
        self._edits: list[Edit] = []
        self.looked_back: dict[int, int] = {}
        """By position: the instruction before, where it was looked up and not come by."""
        tracker.target.subscribe(self._emitted)

    def _stack(self, words: tuple[int | None, ...]) -> StackView:
        """The current stack, of which `words` were read."""
        tracker, whole = self._tracker, self._arch.pt_regs.word
        sp = tracker.values[self._arch.sp]
        kind = tracker.stack_of(sp, tracker.track)
        if kind is not StackKind.USER or not tracker.runs_compat:
            return StackView(kind, sp, words, whole)
        halves = [half for word in words for half in _halves(word)]
        return StackView(kind, sp, tuple(halves), whole // 2)

    def restart(self) -> None:
        """Forget what belongs to the run before."""
        self._output.clear()
        self._positions.clear()
        self._arguments.clear()
        self._shown = None
        self._edits.clear()

    # --- the whole ---------------------------------------------------------------------------

    def take(self, since: int | None) -> Snapshot:
        """The current stop, decoded; see `Debugger.snapshot`."""
        tracker = self._tracker
        stop, values, track = tracker.stop, tracker.values, tracker.track
        code, frame_bytes, words = self._read(values, track)
        code = code if self.code.whole or code is None else code[:LONGEST]
        location = tracker.locate(stop.pc)
        instructions = self.code.around(stop.pc, code)
        way, call = track.way, track.call
        earliest, latest = self._bounds()
        earlier, effect = self._effect(since)
        before, was = (None, None) if earlier is None else earlier
        self._shown = (stop.position, Record(values, track))
        stack = self._stack(words)
        return Snapshot(
            stop=stop,
            registers=Registers(values),
            changed=_changed(before, values),
            phase=tracker.phase,
            nested=sum(not each.syscall for each in track.ways),
            location=location,
            landmark=tracker.landmark,
            instruction=next((each for each in instructions if each.address == stop.pc), None),
            code=instructions,
            source_text=self.source(location),
            effect=effect,
            frame=self._frame(way, track, frame_bytes),
            stack=stack,
            call=self._call(call, values),
            ledger=self._rows(call or (track.ways[0] if track.ways else None)),
            verdicts=() if call is None else call.verdicts,
            output=self._output_until(stop.position),
            earliest=earliest,
            latest=latest,
            ran=self._ran(),
            edits=self.edits_at(stop.position),
            begins=was is not None and self._begins(was),
        )

    def _ran(self) -> Location | None:
        """Where the instruction before this position stands, as far as it was seen."""
        tracker = self._tracker
        position = tracker.stop.position
        known = tracker.history.get(position - 1)
        pc = self.looked_back.get(position) if known is None else known[0][self._arch.pc]
        return None if pc is None else tracker.locate(pc)

    def _begins(self, was: Track) -> bool:
        """A phase other than that of `was` begins: none that a nested way had interrupted."""
        now = self._tracker.track
        resumed = now.ways and len(now.ways) < len(was.ways)
        return was.phase is not self._tracker.phase and not resumed

    def _read(
        self, values: Mapping[str, int], track: Track
    ) -> tuple[bytes | None, bytes | None, tuple[int | None, ...]]:
        """Code after pc, the frame and the stack's words, in one batch."""
        tracker, pc, sp = self._tracker, values[self._arch.pc], values[self._arch.sp]
        word = self._arch.word
        way = track.way
        frame = way.frame if way is not None else None
        code_space, stack_space = tracker.space(pc), tracker.space(sp)
        ranges = [
            MemoryRange(code_space, pc, CODE_AFTER),
            MemoryRange(code_space, pc, min(CODE_AFTER, 4096 - pc % 4096)),
            MemoryRange(stack_space, sp, _STACK_WORDS * word),
        ]
        if frame is not None:
            ranges.append(MemoryRange(tracker.space(frame), frame, self._arch.pt_regs.size))
        code, cut, stack, *rest = tracker.target.read_memory(ranges)
        if stack is None:
            stack = self._until_page_end(sp)
        words: list[int | None] = [
            int.from_bytes(stack[at : at + word], "little") for at in range(0, len(stack), word)
        ]
        words += [None] * (_STACK_WORDS - len(words))
        return code or cut, rest[0] if rest else None, tuple(words)

    def _until_page_end(self, sp: int) -> bytes:
        word = self._arch.word
        size = min(_STACK_WORDS * word, (4096 - sp % 4096) // word * word)
        return self._tracker.read(sp, size) or b""

    # --- names -------------------------------------------------------------------------------

    def source(self, location: Location) -> SourceText | None:
        """The text of the file of a location's line, where it can be had."""
        tracker = self._tracker
        if location.source is None:
            return None
        kernel = location.address >= self._arch.kernel_start
        view = tracker.kernel if kernel or tracker.program is None else tracker.program
        return view.sources.text(location.source.file)

    def _place(self, address: int) -> str:
        return self._tracker.locate(address).name

    # --- effects -----------------------------------------------------------------------------

    def _effect(self, since: int | None) -> tuple[Record | None, Effect | None]:
        """What was known at the stop to compare with, and what ran since."""
        tracker = self._tracker
        position = tracker.stop.position
        if since is None or since == position - 1:
            known = tracker.history.get(position - 1)
            if known is not None and tracker.counted(position - 1):
                return known, self._last(position - 1, *known)
            if known is not None:
                since = position - 1
            elif self._shown is None or since is not None:
                return None, None
            else:
                since = self._shown[0]
        if since >= position:
            return (self._shown[1] if self._shown is not None else None), None
        known = tracker.history.get(since)
        if known is None and self._shown is not None and self._shown[0] == since:
            known = self._shown[1]
        if known is None:
            return None, None
        ends = (since, *known), (position, *tracker.came)
        return known, summarize(self._arch, self._names, ends, tracker.counted(since))

    def _last(self, position: int, values: Mapping[str, int], track: Track) -> Effect | None:
        tracker = self._tracker
        operation = tracker.operation(values[self._arch.pc])
        if operation is None:
            return None
        came, now = tracker.came
        step = tracker.step_between(position, operation, values, came)
        return self._effects.of(step, track, now, tracker.read)

    def _rows(self, call: Way | None) -> tuple[LedgerRow, ...]:
        """The ledger of a call, or of a fault in the program; most steps change nothing in it."""
        if call is None:
            return ()
        if self._ledger[0] is not call:
            self._ledger = call, ledger(call, self._tracker.folder.ledger_registers, self._arch)
        return self._ledger[1]

    # --- the call ----------------------------------------------------------------------------

    def _call_name(self, number: int, abi: str) -> str | None:
        row = self._tracker.kernel.calls(abi).by_number(number & 0xFFFF_FFFF)
        return None if row is None else row.name

    def _call(self, way: Way | None, values: Mapping[str, int]) -> Syscall | None:
        """The call under way, the one done last, or the one the program is about to make."""
        landmark = self._tracker.landmark
        if landmark is not None and landmark.name == "user_syscall":
            convention = self._tracker.calling(values[self._arch.pc]) or self._arch.syscall
            return self._described(values, None, None, convention)
        if way is None or self._arch.syscall.number not in way.before:
            return None
        known = way.result is not None and way.phase not in (Phase.ENTRY, Phase.DISPATCH)
        convention = self._arch.convention(way.abi)
        result = way.result if known else None
        return self._described(way.before, result, way.entered_at, convention)

    def _described(
        self,
        values: Mapping[str, int],
        result: int | None,
        entered_at: int | None,
        convention: SyscallConvention,
    ) -> Syscall:
        number = values[convention.number] & 0xFFFF_FFFF
        row = self._tracker.kernel.calls(convention.abi).by_number(number)
        mask = (1 << convention.bits) - 1
        registers = tuple(values.get(name, 0) & mask for name in convention.arguments)
        number_result = None if result is None else answered(result, self._arch.bits)
        arguments = self._given((entered_at, (number, *registers)), row, registers, convention)
        if number_result is not None and self._just_done:
            arguments.filled(self._tracker.read, number_result)
        return Syscall(
            "x32" if convention.bits == 64 and number & X32_BIT else convention.abi,
            number,
            f"syscall_{number:#x}" if row is None else row.name,
            arguments.shown(number_result),
            number_result,
            None if number_result is None else errno_of(number_result),
            entered_at,
            arguments.behind(number_result),
        )

    @property
    def _just_done(self) -> bool:
        """The program has not gone on since the call: what was filled in is as it was left."""
        track, landmark = self._tracker.track, self._tracker.landmark
        returned = landmark is not None and landmark.name == "user_return"
        return returned or any(way.syscall for way in track.ways)

    def _given(
        self,
        key: tuple[int | None, tuple[int, ...]],
        row: SyscallRow | None,
        registers: Sequence[int],
        convention: SyscallConvention,
    ) -> Arguments:
        """A call's arguments, read once; anew where that failed and an earlier stop is shown."""
        position = self._tracker.stop.position
        known = self._arguments.get(key)
        if known is not None and key[0] is not None:
            at, arguments = known
            if not arguments.missed or position >= at:
                return arguments
        arguments = Arguments(row, registers, self._reader(key[0]), convention.bits)
        self._arguments[key] = position, arguments
        if len(self._arguments) > _CALLS_KEPT:
            del self._arguments[next(iter(self._arguments))]
        return arguments

    def _reader(self, entered_at: int | None) -> Read:
        """Memory here; what a recording lacks of it is looked for where the call began."""
        read, back = self._tracker.read, self._reads_back
        if back is None or entered_at is None:
            return read

        def anywhere(address: int, size: int) -> bytes | None:
            found = read(address, size)
            where = MemoryRange(self._tracker.space(address), address, size)
            for position in (entered_at, entered_at + 1):
                if found is None:
                    found = back.read_memory_at(position, [where])[0]
            return found

        return anywhere

    def _frame(self, way: Way | None, track: Track, raw: bytes | None) -> PtRegs | None:
        if way is None or way.frame is None:
            return None
        tracker = self._tracker
        position = tracker.stop.position
        stack = tracker.stack_of(way.frame, track)
        if any(mark.position == position for mark in way.slots.values()):
            return decode_frame(way, self._arch.pt_regs, raw, stack, position)
        known = self._framed
        if known is None or known[0] is not way or known[1:3] != (raw, stack):
            frame = decode_frame(way, self._arch.pt_regs, raw, stack, position)
            known = self._framed = way, raw, stack, frame
        return known[3]

    # --- changed by hand ---------------------------------------------------------------------

    def edited(self, edit: Edit) -> None:
        """Show `edit` wherever its position is shown; later output and edits have not happened."""
        self._arguments.clear()
        cut = bisect_right(self._positions, edit.position)
        del self._output[cut:], self._positions[cut:]
        self._edits = [each for each in self._edits if each.position <= edit.position]
        self._edits.append(edit)

    def edits_at(self, position: int) -> tuple[Edit, ...]:
        """What was changed by hand at `position`."""
        if self._remembers is not None:
            return tuple(self._remembers.edits_at(position))
        return tuple(each for each in self._edits if each.position == position)

    # --- output and bounds -------------------------------------------------------------------

    def _emitted(self, output: Output) -> None:
        self._output.append(output)
        self._positions.append(output.position)

    def _output_until(self, position: int) -> tuple[Output, ...]:
        return tuple(self._output[: bisect_right(self._positions, position)])

    def _bounds(self) -> tuple[int, int]:
        """First position that can be reached, last one seen."""
        if self._seekable is not None:
            return self._seekable.earliest, self._seekable.latest
        return self._tracker.history.earliest, self._tracker.latest


def _changed(before: Mapping[str, int] | None, values: Mapping[str, int]) -> frozenset[str]:
    if before is None:
        return frozenset()
    return frozenset(name for name, value in values.items() if before.get(name) != value)


def _halves(word: int | None) -> tuple[int | None, int | None]:
    """The 4-byte words in an 8-byte one, the lower first."""
    return (None, None) if word is None else (word & 0xFFFF_FFFF, word >> 32)
