"""Folding one step into what is known: cheap, pure, and the only place where a way grows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from systui.arch.spec import Architecture
from systui.arch.x86_64 import X86_64
from systui.decode.access import stores
from systui.decode.way import Fate, Mark, Parked, Track, Way, rewritten
from systui.kernel.door import Door
from systui.kernel.path import EntryPath
from systui.model.call import Phase
from systui.model.effect import Store
from systui.model.operation import Flow, Operation
from systui.model.snapshot import Verdict

CPU = "CPU"
"""How the CPU itself is named where someone stored or changed something."""

_CF, _ZF = 1 << 0, 1 << 6
_RING = 3


class Step(NamedTuple):
    """One instruction that ran (or, at a gate, was answered; or faulted)."""

    position: int
    """Before it ran."""
    operation: Operation
    before: Mapping[str, int]
    after: Mapping[str, int]
    gate: bool = False
    """It stood at a function that is answered from outside the kernel."""
    arch: Architecture = X86_64

    @property
    def pc(self) -> int:
        """Where control is after it."""
        return self.after[self.arch.pc]

    @property
    def sp(self) -> int:
        """The stack pointer after it."""
        return self.after[self.arch.sp]

    @property
    def fell_through(self) -> bool:
        """Control went on to the next instruction."""
        return self.pc == self.operation.instruction.end

    @property
    def leapt(self) -> bool:
        """Control went where the instruction itself does not lead: a fault, or a served gate."""
        if self.gate:
            return True
        instruction = self.operation.instruction
        if self.operation.flow is Flow.NEXT:
            return self.pc not in (instruction.end, instruction.address)
        if self.operation.flow is Flow.CALL and instruction.target is not None:
            return self.pc != instruction.target
        return False


class Folder:
    """Folds steps for one kernel image."""

    def __init__(self, path: EntryPath, arch: Architecture) -> None:
        self._path = path
        self._arch = arch
        self._names = arch.pt_regs.names
        self._offsets = arch.pt_regs.offsets
        self._size = arch.pt_regs.size
        self.ledger_registers = tuple(
            name
            for name in arch.register_names
            if name in {register for _field, register in arch.pt_regs.registers}
            and name not in ("cs", "ss")
        )
        """Registers that the ledger follows."""

    def advance(self, track: Track, step: Step) -> Track:
        """What is known after `step`."""
        was, now = step.before["cs"] & _RING, step.after["cs"] & _RING
        if was and now:
            return track
        if was:
            return Track((self._enter(step, from_user=True),))
        if now:
            return self._leave(track, step)
        if self._interrupted(step):
            return Track((*track.ways, self._enter(step, from_user=False)), track.done)
        if not track.ways:
            return track
        if step.operation.flow is Flow.IRET:
            return Track(track.ways[:-1], track.done)
        way = self._within(track.ways[-1], step)
        return track if way is track.ways[-1] else Track((*track.ways[:-1], way), track.done)

    # --- in and out --------------------------------------------------------------------------

    def _interrupted(self, step: Step) -> bool:
        """A fault or interrupt came between: control is at an exception's entry unasked."""
        pc, instruction = step.pc, step.operation.instruction
        asked = pc in (instruction.target, instruction.end)
        return pc in self._path.entry_text and not asked and self._path.is_exception(pc)

    def _enter(self, step: Step, *, from_user: bool) -> Way:
        entry = step.pc
        unknown = step.operation.flow is Flow.SYSCALL and not self._path.is_exception(entry)
        syscall = entry in self._path.entries or unknown
        door = self._path.door(entry, from_user=from_user)
        before = dict(step.before)
        if syscall:
            before[self._arch.pc] = step.operation.instruction.end
        position = step.position + 1
        untold = self._untold(door, step)
        before = {name: value for name, value in before.items() if name not in untold}
        changed = [
            name
            for name in self.ledger_registers
            if name == self._arch.pc or step.before.get(name) != step.after.get(name)
            if name not in untold
        ]
        way = Way(
            entry,
            door,
            syscall,
            from_user,
            step.position,
            before,
            fates={name: Fate(CPU, position) for name in changed},
            intact=frozenset(self.ledger_registers) - frozenset(changed) - untold,
            abi=self._path.convention(entry).abi,
        )
        return self._framed_by_cpu(way, step)

    def _untold(self, door: Door | None, step: Step) -> frozenset[str]:
        """Registers that the CPU leaves alone on its way in, and that are another's there.

        A target may not tell all that 32-bit code has no names for: QEMU gives 0 for r8 to r15.
        """
        kept = frozenset[str]() if door is None else door.untouched(door.entry)
        return _changed(kept, step)

    def _framed_by_cpu(self, way: Way, step: Step) -> Way:
        """What an interrupt gate has pushed: a frame's upper part (SDM vol. 3, 6.12)."""
        if way.door is None:
            return way
        pushed = way.door.by_cpu
        lowest = min((self._offsets[name] for name in pushed), default=None)
        if lowest is None:
            return way
        mark = Mark(CPU, step.position + 1)
        return way._replace(frame=step.sp - lowest, slots=dict.fromkeys(pushed, mark))

    def _leave(self, track: Track, step: Step) -> Track:
        way = track.way
        if way is None or not way.syscall:
            return Track((), None)
        position = step.position + 1
        by = step.operation.instruction.text
        fates = dict(way.fates)
        other = "sp" if step.operation.name == "sysexit" else "flags"
        returned = ("ip", "flags", "sp") if step.operation.flow is Flow.IRET else ("ip", other)
        for name in (self._arch.holder[field] for field in returned):
            fate = fates.get(name, Fate())
            fates[name] = fate._replace(restored_by=by, restored_at=position)
        restored = way.restored | {"ip", other}
        untold = _changed(frozenset(self._arch.general) - {self._arch.sp}, step)
        if step.operation.flow is Flow.IRET:
            restored |= {"cs", "sp", "ss"}
        done = way._replace(
            phase=Phase.USER,
            fates=fates,
            restored=restored,
            after={name: value for name, value in step.after.items() if name not in untold},
            left_at=position,
            level=None,
        )
        return Track((), done)

    # --- inside ------------------------------------------------------------------------------

    def _within(self, way: Way, step: Step) -> Way:
        changes: dict[str, Any] = {}
        self._frame(way, step, changes)
        self._stored(way, step, changes)
        self._parked(way, step, changes)
        self._released(way, step, changes)
        self._registers(way, step, changes)
        self._phase(way, step, changes)
        return way._replace(**changes) if changes else way

    def _frame(self, way: Way, step: Step, changes: dict[str, Any]) -> None:
        """Where the frame is, as soon as its place is certain; and that it moved."""
        known = way.door.known(step.pc) if way.door is not None else None
        if known is None or known.frame is None:
            return
        frame = step.sp + known.frame
        if frame == way.frame or way.phase not in (Phase.ENTRY, Phase.DISPATCH):
            return
        changes["frame"] = frame
        if way.frame is not None:
            changes["moved_from"] = way.frame
            unseen = Mark(None, step.position + 1)
            changes["slots"] = {name: way.slots.get(name, unseen) for name in known.written}

    def _stored(self, way: Way, step: Step, changes: dict[str, Any]) -> None:
        if way.frame is None or step.leapt or step.operation.flow is Flow.CALL:
            return
        for store in stores(step.operation, step.before, self._arch):
            for slot in self.slots_at(way, step.operation.instruction.address, store):
                written = changes.setdefault("slots", dict(way.slots))
                if slot in written and way.phase is not Phase.ENTRY:
                    self._again(way, slot, store, changes)
                written[slot] = Mark(step.operation.instruction.text, step.position + 1)
                if slot in way.possible:
                    changes["possible"] = way.possible - {slot}
                if slot == "ax" and store.value is not None and self.answers(way):
                    self._result(store.value, step, changes)

    def _again(self, way: Way, slot: str, store: Store, changes: dict[str, Any]) -> None:
        """A slot that held the user's register is written anew."""
        changes["first"] = rewritten(way._replace(**changes), (slot,))
        if slot == "ip":
            changes["returns"] = store.value

    def answers(self, way: Way) -> bool:
        """Whether what is stored for rax now is the call's result.

        Before the handler it is what a tracer is to see, unless the number has no handler.
        """
        if way.phase is not Phase.DISPATCH or way.door is None or not way.syscall:
            return way.phase is not Phase.ENTRY
        if way.door.function is not None:
            return True
        number = way.before.get(self._arch.convention(way.abi).number)
        return number is None or self._path.beyond(number, way.door)

    def _parked(self, way: Way, step: Step, changes: dict[str, Any]) -> None:
        """A user register put into per-CPU memory: there it is, whatever its slot holds yet."""
        found = None if way.door is None else way.door.parks.get(step.operation.instruction.address)
        word = None if found is None else self._path.percpu_word(found[1])
        if found is not None and word is not None and way.phase is Phase.ENTRY and not step.leapt:
            changes["parked"] = {**way.parked, found[0]: Parked(word, step.position + 1)}

    def _released(self, way: Way, step: Step, changes: dict[str, Any]) -> None:
        """Before the handler is called, a frame made whole for a tracer is a partial one again."""
        if way.frame is None or way.door is None or not way.door.below:
            return
        partial = way.frame - way.door.below
        if way.phase is Phase.DISPATCH and step.before[self._arch.sp] < partial <= step.sp:
            kept = -way.door.below
            slots: Mapping[str, Mark] = changes.get("slots", way.slots)
            changes["slots"] = {
                name: mark for name, mark in slots.items() if self._offsets[name] >= kept
            }

    def edited(self, track: Track, step: Step, old: bytes, new: bytes) -> Track:
        """What is known when a served gate has changed the frame from `old` to `new`."""
        way = track.way
        if way is None or old == new:
            return track
        symbol = self._path.symbol(step.before[self._arch.pc])
        mark = Mark(None if symbol is None else symbol.name, step.position + 1)
        changed = {
            name: mark
            for offset, name in self._names.items()
            if old[offset : offset + self._arch.word] != new[offset : offset + self._arch.word]
        }
        way = way._replace(first=rewritten(way, changed), slots={**way.slots, **changed})
        if "ip" in changed:
            at = self._offsets["ip"]
            way = way._replace(returns=int.from_bytes(new[at : at + self._arch.word], "little"))
        if "ax" in changed and way.result is not None:
            at = self._offsets["ax"]
            way = way._replace(result=int.from_bytes(new[at : at + self._arch.word], "little"))
        return Track((*track.ways[:-1], way), track.done)

    def slots_at(self, way: Way, address: int, store: Store) -> tuple[str, ...]:
        """The slots of the way's frame that `store`, by the instruction at `address`, hits.

        Below a frame that is kept in part lies C code's own stack, until entry code adds the rest.
        """
        frame = way.frame
        if frame is None or not frame <= store.address < frame + self._size:
            return ()
        word = self._arch.word
        first = (store.address - frame) // word * word
        last = min(store.address - frame + store.size, self._size)
        hit = tuple(self._names[offset] for offset in range(first, last, word))
        if way.door is None or not way.door.below or address in self._path.entry_text:
            return hit
        return tuple(
            slot for slot in hit if self._offsets[slot] >= -way.door.below or slot in way.slots
        )

    def _result(self, value: int, step: Step, changes: dict[str, Any]) -> None:
        changes["result"] = value
        changes["result_at"] = step.position + 1

    def _registers(self, way: Way, step: Step, changes: dict[str, Any]) -> None:
        position, by = step.position + 1, step.operation.instruction.text
        clobbered = [name for name in way.intact if step.after.get(name) != way.before.get(name)]
        restored = unparked = None
        if way.door is not None and way.phase in (Phase.EXIT_WORK, Phase.RESTORE):
            restored = way.door.restores.get(step.operation.instruction.address)
            unparked = way.door.unparks.get(step.operation.instruction.address)
            self._judge(way, step, changes)
        if not clobbered and restored is None and unparked is None:
            return
        fates = dict(way.fates)
        for name in clobbered:
            fates[name] = Fate(by, position)
        if clobbered:
            changes["intact"] = way.intact.difference(clobbered)
        if restored is not None and way.door is not None:
            register, slot = restored
            changes["restored"] = way.restored | {slot}
            own = self._arch.holder.get(slot) == register or way.door.keepers.get(register) == slot
            unparked = register if own and register in way.door.keepers else None
        if unparked is not None:
            fate = fates.get(unparked, Fate())
            fates[unparked] = fate._replace(restored_by=by, restored_at=position)
        changes["fates"] = fates

    def _judge(self, way: Way, step: Step, changes: dict[str, Any]) -> None:
        check = self._path.checks.get(step.operation.instruction.address)
        if check is not None and way.syscall:
            passing = _ZF | _CF if self._is_bound(check, step.operation) else _ZF
            verdict = Verdict(
                check, bool(step.after[self._arch.flags_register] & passing), step.position + 1
            )
            changes["verdicts"] = (*way.verdicts, verdict)

    def _is_bound(self, check: str, operation: Operation) -> bool:
        """Whether the return address is compared with the highest one instead of its own image."""
        door = self._path.syscall
        return check == "canonical" and (
            door is None or operation.instruction.address not in door.checks
        )

    # --- phases ------------------------------------------------------------------------------

    def _phase(self, way: Way, step: Step, changes: dict[str, Any]) -> None:
        phase = self._next_phase(way, step, changes)
        if phase is not way.phase:
            changes["phase"] = phase

    def _next_phase(self, way: Way, step: Step, changes: dict[str, Any]) -> Phase:
        pc, door = step.pc, way.door
        if door is None:
            return way.phase
        if self._reaches_stub(way, step):
            return self._chosen(step, changes)
        if pc in self._path.entry_text or pc in door.outward.states:
            if way.phase in (Phase.ENTRY, Phase.DISPATCH) and pc in door.inward.states:
                return door.phase(pc)
            if way.level is not None and self._is_back(way, step):
                self._in_handler(way, step, changes)
            return Phase.RESTORE if pc in door.outward.states else way.phase
        if way.phase in (Phase.EXIT_WORK, Phase.RESTORE):
            return Phase.EXIT_WORK
        if pc in self._path.exit_work:
            return Phase.EXIT_WORK
        if not way.syscall:
            begins = step.operation.instruction.address == door.call_site
            return Phase.HANDLER if begins else way.phase
        if way.level is not None:
            return self._in_handler(way, step, changes)
        return self._dispatching(way, step, changes)

    def _reaches_stub(self, way: Way, step: Step) -> bool:
        """Whether the table has led to entry code: 3.x's stub_fork, which makes the frame whole."""
        dispatch = self._path.dispatch_of(way.door)
        if dispatch is None or way.phase is not Phase.DISPATCH or not way.syscall:
            return False
        at_site = step.operation.instruction.address in dispatch.sites
        return at_site and not step.leapt and step.pc in self._path.entry_text

    def _is_back(self, way: Way, step: Step) -> bool:
        """Whether the handler has returned; one of entry code's may drop its return address."""
        door = way.door
        return step.operation.flow is Flow.RETURN or (
            door is not None and step.pc in door.outward.states
        )

    def _in_handler(self, way: Way, step: Step, changes: dict[str, Any]) -> Phase:
        assert way.level is not None
        if step.sp <= way.level:
            return way.phase
        changes["level"] = None
        self._result(step.after[self._arch.syscall.result], step, changes)
        return Phase.EXIT_WORK

    def _dispatching(self, way: Way, step: Step, changes: dict[str, Any]) -> Phase:
        pc, dispatch = step.pc, self._path.dispatch_of(way.door)
        if dispatch is None:
            return Phase.HANDLER
        at_site = step.operation.instruction.address in dispatch.sites and not step.fell_through
        if at_site or way.choosing:
            if self._path.chooses(pc):
                changes["choosing"] = True
                return Phase.DISPATCH
            changes["choosing"] = False
            if pc not in dispatch.after:
                return self._chosen(step, changes)
        if pc in dispatch.after and pc not in dispatch.undecided:
            return Phase.EXIT_WORK
        return Phase.DISPATCH

    def _chosen(self, step: Step, changes: dict[str, Any]) -> Phase:
        """A handler begins; the one of numbers that have none does not count as one."""
        pc = step.pc
        changes["level"] = changes["reach"] = step.sp
        if pc in self._path.missing_handlers:
            return Phase.DISPATCH
        changes["handler"], changes["handler_at"] = pc, step.position + 1
        return Phase.HANDLER


def _changed(registers: frozenset[str], step: Step) -> frozenset[str]:
    return frozenset(name for name in registers if step.before.get(name) != step.after.get(name))
