"""One way into the kernel and out again, told from its code.

A door is an entry (a system call's, an exception's) with the code up to its call of C code and
the code after it. All that is said of it comes from walking that code: `systui.kernel.walk`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.kernel.checks import find_checks
from systui.kernel.listing import Listing
from systui.kernel.parking import Parking, parked, taken_out
from systui.kernel.transfer import pushed
from systui.kernel.values import (
    Constant,
    Derived,
    Place,
    Pointer,
    Return,
    Slot,
    State,
    User,
    Value,
    Where,
    Word,
)
from systui.kernel.walk import Rules, Walk, walk
from systui.model.call import Phase
from systui.model.operation import Flow, Operation

CPU = 0
"""Stands for the CPU where the address of a storing instruction is asked for."""


class SlotStore(NamedTuple):
    """An instruction that stores a slot; `register` is the user register it keeps, if one."""

    slot: str
    register: str | None


class Known(NamedTuple):
    """What must be true of the frame just before an instruction runs.

    `frame` is the frame's address less rsp; None where rsp is on another stack.
    """

    frame: int | None
    written: frozenset[str]
    possible: frozenset[str]
    """Slots written on some way here, those in `written` included."""
    restored: frozenset[str]


_NOTHING_YET = Known(None, frozenset(), frozenset(), frozenset())


class Door:
    """One entry's code, walked when first asked.

    `call` is the instruction that calls the C code; `inward` are the states up to it and
    `outward` those after it.
    """

    def __init__(
        self,
        entry: int,
        call: Operation,
        inward: Walk,
        listing: Listing,
        arch: Architecture,
        rules: Rules,
    ) -> None:
        self.entry = entry
        self.call = call
        self.inward = inward
        self._listing = listing
        self._arch = arch
        self._layout = arch.pt_regs
        self._rules = rules
        self._stubs: dict[int, Walk] = {}

    @property
    def call_site(self) -> int:
        """Address of the call of the C code."""
        return self.call.instruction.address

    @property
    def return_site(self) -> int:
        """Where the C code returns to."""
        return self.call.instruction.end

    @property
    def function(self) -> int | None:
        """The C function called; None where the call is indirect."""
        return self.call.instruction.target

    @cached_property
    def at_call(self) -> State:
        """The state in which the C code is called."""
        return self.inward.states[self.call_site]

    @cached_property
    def frame(self) -> Pointer | None:
        """Where the frame lies: at rsp when the C code is called, or below it.

        A fast way that keeps only what C code may change leaves out the frame's first words and
        does not move rsp so far: told by where the user's registers are stored.
        """
        top = self.at_call.top
        return top._replace(offset=top.offset + self.below) if isinstance(top, Pointer) else None

    @cached_property
    def below(self) -> int:
        """The frame's address less rsp when the C code is called: 0, or negative."""
        top = self.at_call.top
        if not isinstance(top, Pointer):
            return 0
        offsets = {
            register: self._layout.offsets[slot] for slot, register in self._layout.registers
        }
        votes = Counter(
            where.offset - top.offset - offsets[word.value.register]
            for where, word in self.at_call.memory.items()
            if isinstance(where, Pointer) and where.base == top.base
            if isinstance(word.value, User) and word.value.register in offsets
        )
        best = max(votes, key=votes.__getitem__, default=0)
        return best if best < 0 and votes[best] > votes[0] else 0

    @cached_property
    def outward(self) -> Walk:
        """The states after the C code, slots holding what it left in them."""
        if self.frame is None:
            return Walk()
        memory: dict[Where, Word] = {
            Pointer(self.frame.base, self.frame.offset + offset): Word(self._left(name), None)
            for name, offset in self._layout.fields
        }
        # Per-CPU memory keeps what the way in put aside there: 3.x's user rsp.
        memory |= {at: word for at, word in self.at_call.memory.items() if isinstance(at, Place)}
        after = self._rules.call(self.call, self.at_call)
        registers = {} if after is None else dict(after.registers)
        if self.function is None:  # a handler was called, and its result goes into its slot
            registers[self._arch.syscall.result] = Slot("ax")
        top = self.at_call.top
        start = State({**registers, self._arch.sp: top}, memory, arch=self._arch)
        return walk(self._listing, [(self.return_site, start)], self._rules)

    def stub(self, handler: int, address: int) -> int | None:
        """The frame's address less rsp just before the instruction at `address` of a handler.

        The handler at `handler` is entry code that the table call has led to; None off its ways.
        """
        way = self._stubs.get(handler)
        if way is None:
            start = pushed(self.at_call, Return(self.return_site), self.call_site)
            way = self._stubs[handler] = walk(self._listing, [(handler, start)], self._rules)
        state = way.states.get(address)
        return None if state is None else self._distance(state)

    def _left(self, name: str) -> Value:
        """What the C code leaves in a slot; an exception's cs says where it came from."""
        word = self._slots(self.at_call.memory).get(name)
        if name == "cs" and self.by_cpu and word is not None and isinstance(word.value, Constant):
            return word.value
        return Slot(name)

    # --- the frame ---------------------------------------------------------------------------

    @cached_property
    def saved(self) -> frozenset[str]:
        """Slots that are stored by the time the C code is called."""
        return frozenset(self._slots(self.at_call.memory))

    @cached_property
    def stores(self) -> dict[int, tuple[SlotStore, ...]]:
        """What instructions on the way in store into the frame; `CPU` for its own pushes."""
        found: dict[int, dict[str, SlotStore]] = {}
        for state in self.inward.states.values():
            for slot, word in self._slots(state.memory).items():
                if word.stored_by is not None:
                    keeps = word.value.register if isinstance(word.value, User) else None
                    found.setdefault(word.stored_by, {})[slot] = SlotStore(slot, keeps)
        return {address: tuple(slots.values()) for address, slots in found.items()}

    @cached_property
    def by_cpu(self) -> tuple[str, ...]:
        """Slots that the CPU itself pushes before the first instruction runs.

        Told by position below the stack top it chose; the frame may move later.
        """
        start = self.inward.states[self.entry]
        pushed = [where for where in start.memory if isinstance(where, Pointer)]
        ordered = [name for name, _offset in self._layout.fields]
        return tuple(ordered[len(ordered) - len(pushed) :])

    def phase(self, address: int) -> Phase:
        """The phase of an instruction on the way in."""
        known = self.known(address)
        complete = known is not None and known.written >= self.saved
        return Phase.DISPATCH if complete else Phase.ENTRY

    def on_stack(self, address: int) -> int | None:
        """The distance from rsp to the frame that the CPU has begun on the present stack.

        Known before the frame has moved to where `frame` says.
        """
        state = self.inward.states.get(address)
        top = None if state is None else state.top
        if not isinstance(top, Pointer) or top.base != CPU or not self.by_cpu:
            return None
        return -self._layout.offsets[self.by_cpu[0]] - top.offset

    def storers(self, address: int) -> dict[str, int | None]:
        """Written slots just before the instruction at `address`: by which one, or `CPU`.

        Off the way in, all that is stored by the time the C code is called.
        """
        state = self.inward.states.get(address, self.at_call)
        if self.on_stack(address) is not None and self.known(address) == _NOTHING_YET:
            return self._begun_storers(state)
        return {slot: word.stored_by for slot, word in self._slots(state.memory).items()}

    def _begun_storers(self, state: State) -> dict[str, int | None]:
        """Written slots of the frame that the CPU has begun, which has not moved yet."""
        lowest = self._layout.offsets[self.by_cpu[0]]
        return {
            name: word.stored_by
            for where, word in state.memory.items()
            if isinstance(where, Pointer)
            and where.base == CPU
            and (name := self._layout.names.get(lowest + where.offset)) is not None
        }

    def untouched(self, address: int) -> frozenset[str]:
        """Registers that surely hold the user's value just before the instruction there."""
        state = self.inward.states.get(address)
        if state is None:
            return frozenset()
        return frozenset(name for name, value in state.registers.items() if value == User(name))

    def parked(self, address: int) -> dict[str, Parking]:
        """User registers that per-CPU memory holds just before the instruction at `address`.

        Off the way in, those that it holds by the time the C code is called.
        """
        return parked(self.inward.states.get(address, self.at_call))

    @cached_property
    def parks(self) -> dict[int, tuple[str, int]]:
        """Instructions on the way in that put a user register into per-CPU memory, and where."""
        return {
            parking.stored_by: (register, parking.offset)
            for address in self.inward.states
            for register, parking in self.parked(address).items()
            if parking.stored_by is not None
        }

    @cached_property
    def unparks(self) -> dict[int, str]:
        """Instructions on the way back that take a user register out of there, for good."""
        last = [self.outward.states[address].registers for address in self.exits]
        return {
            operation.instruction.address: name
            for operation in self.operations(self.outward)
            if (name := taken_out(operation, self.outward, last)) is not None
        }

    def restorers(self, address: int) -> dict[str, int]:
        """Registers given back for good before `address`, and the instruction that did it."""
        state = self.outward.states.get(address)
        if state is None:
            return {}
        unparked = {
            register: by
            for by, register in self.unparks.items()
            if state.registers.get(register) == User(register)
        }
        return unparked | {
            register: value.loaded_by
            for register, value in state.registers.items()
            if isinstance(value, Slot) and value.loaded_by in self.restores
        }

    @cached_property
    def keepers(self) -> dict[str, str]:
        """Which slot keeps which user register: register to slot.

        Of two slots with the same register's value the one named after it is meant. A 32-bit
        program's stack pointer may come there widened (entry_SYSCALL_compat has it in r8d).
        """
        named = {register: field for field, register in self._layout.registers}
        found: dict[str, str] = {}
        for slot, word in self._slots(self.at_call.memory).items():
            value = word.value
            if isinstance(value, Derived) and slot == "sp":
                value = value.origin
            if isinstance(value, User):
                register = value.register
                if register not in found or named.get(register) == slot:
                    found[register] = slot
        return found

    def known(self, address: int) -> Known | None:
        """What must be true just before the instruction at `address`; None off this way."""
        return self._known.get(address)

    @cached_property
    def _known(self) -> dict[int, Known]:
        found = {
            address: self._inward_known(state) for address, state in self.inward.states.items()
        }
        for address, state in self.outward.states.items():
            found[address] = Known(
                self._distance(state), self.saved, self.saved, self._restored(state)
            )
        return found

    def _inward_known(self, state: State) -> Known:
        possible = frozenset(
            name
            for where in state.touched
            if isinstance(where, Pointer) and (name := self._field(where)) is not None
        )
        written = frozenset(self._slots(state.memory))
        return Known(self._distance(state), written, possible | written, frozenset())

    def _distance(self, state: State) -> int | None:
        top = state.top
        if self.frame is None or not isinstance(top, Pointer) or top.base != self.frame.base:
            return None
        return self.frame.offset - top.offset

    def _field(self, where: Pointer) -> str | None:
        if self.frame is None or where.base != self.frame.base:
            return None
        return self._layout.names.get(where.offset - self.frame.offset)

    def _slots(self, memory: Mapping[Where, Word]) -> dict[str, Word]:
        return {
            name: word
            for where, word in memory.items()
            if isinstance(where, Pointer)
            and (name := self._field(where)) is not None
            and not isinstance(word.value, Return)
        }

    # --- the way back ------------------------------------------------------------------------

    @cached_property
    def exits(self) -> dict[int, Flow]:
        """The instructions that leave the kernel: address to SYSRET or IRET."""
        return {
            operation.instruction.address: operation.flow
            for operation in self.operations(self.outward)
            if operation.flow in (Flow.SYSRET, Flow.IRET)
        }

    @cached_property
    def restores(self) -> dict[int, tuple[str, str]]:
        """Instructions that give a user register back for good: address to (register, slot)."""
        found = {}
        for address in self.exits:
            for register, value in self.outward.states[address].registers.items():
                if isinstance(value, Slot) and value.loaded_by is not None:
                    found[value.loaded_by] = (register, value.name)
        return found

    def _restored(self, state: State) -> frozenset[str]:
        return frozenset(
            value.name
            for value in state.registers.values()
            if isinstance(value, Slot) and value.loaded_by in self.restores
        )

    @cached_property
    def checks(self) -> dict[int, str]:
        """Comparisons that decide whether SYSRET is possible: address to the check's name."""
        exits = (address for address, flow in self.exits.items() if flow is Flow.SYSRET)
        leading = self.outward.leading_to(exits)
        return {
            address: name
            for address, name in find_checks(self.operations(self.outward), self.outward).items()
            if address in leading
        }

    @cached_property
    def top_of_stack(self) -> int | None:
        """Where in per-CPU memory the entry finds the top of the thread stack: an offset."""
        operation = None if self.frame is None else self._listing.operation(self.frame.base)
        memory = None if operation is None else operation.memory
        if memory is None or memory.segment != self._arch.per_cpu or memory.base or memory.index:
            return None
        return memory.displacement

    @cached_property
    def passed(self) -> State:
        """The state in which the C function begins: what it is given, slots as they are."""
        if self.frame is None:
            return State({}, {}, arch=self._arch)
        memory: dict[Where, Word] = {
            Pointer(self.frame.base, self.frame.offset + offset): Word(Slot(name), None)
            for name, offset in self._layout.fields
        }
        given = {
            name: value
            for name, value in self.at_call.registers.items()
            if isinstance(value, Pointer) and name != self._arch.sp
        }
        return State(given, memory, arch=self._arch)

    # --- what is on the way ------------------------------------------------------------------

    def operations(self, way: Walk) -> Iterable[Operation]:
        """The instructions of one direction, by address."""
        for address in sorted(way.states):
            operation = self._listing.operation(address)
            if operation is not None:
                yield operation

    @cached_property
    def complete(self) -> tuple[int, ...]:
        """First instructions at which the frame holds all that it will hold."""
        whole = {
            address
            for address, state in self.inward.states.items()
            if self._inward_known(state).written >= self.saved
        }
        return tuple(
            sorted(
                address
                for address in whole
                if not self.inward.predecessors.get(address, set()) & whole
            )
        )
