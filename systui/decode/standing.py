"""Where in the kernel a stop is: on which door's way, how far along, and with which frame.

The words between rsp and the frame hold the return addresses of the open calls. The one into the
entry code says where the frame begins; those into the dispatching code say what is being done.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from systui.arch.spec import Architecture
from systui.decode.stack import KernelStack
from systui.kernel.dispatch import Dispatch
from systui.kernel.door import Door
from systui.kernel.path import EntryPath
from systui.model.call import Phase
from systui.model.stop import Read

RING = 3
"""The bits of cs that hold the privilege level."""
_CALL_SIZE = 2
"""Bytes of every instruction that makes a system call."""


class Standing(NamedTuple):
    """A place on a door's way."""

    door: Door
    frame: int | None
    phase: Phase
    level: int | None = None


def _calling(door: Door, words: list[int]) -> Phase:
    """The phase of the innermost call in the entry's own code, by the return addresses `words`."""
    back = next(word for word in words if word in door.inward.states)
    return door.phase(min(door.inward.predecessors.get(back, {back})))


class Standings:
    """Tells them for one kernel image."""

    def __init__(self, path: EntryPath, arch: Architecture, stack: KernelStack) -> None:
        self._path = path
        self._arch = arch
        self._word = arch.word
        self._stack = stack

    def find(
        self, pc: int, sp: int, registers: Mapping[str, int], read: Read, reach: int | None
    ) -> Standing | None:
        """Where a stop at `pc` with the stack pointer `sp` is; None where on no way.

        `reach`: that of the system call known to be open (`Way.reach`).
        """
        if pc in self._path.entry_text:
            place = self._in_entry(pc, sp, registers, read)
            place = place or self._in_stub(pc, sp)
            if place is not None:
                return place
        words = self._stack.words(sp, read)
        for index, word in enumerate(words):
            if word in self._path.entry_text:
                frame = sp + (index + 1) * self._word
                stub = self._in_stub(word, frame)
                if stub is not None:
                    return stub
                door = self._called_from(word, frame, read)
                if door is None:
                    continue
                if not self.is_call(door) and (
                    self._is_above(frame, reach) or self._is_left_over(pc, words, index)
                ):
                    continue
                if pc in door.inward.states:
                    return self._on_the_way(door, pc, sp, registers, read)
                if word == door.return_site:
                    frame += door.below
                    # Where the entry's own code has called the handler, that return counts too.
                    inner = words[: index + (door.function is None)]
                    phase, level = self._in_c(door, pc, sp, inner, frame, read)
                    return Standing(door, frame, phase, level)
                if word in door.outward.states:
                    return self._in_work(door, word, frame, read)
                if word in door.inward.states and not self.is_call(door):
                    begun = self._begun(door, word, frame, None)
                    return Standing(door, begun, _calling(door, words[: index + 1]))
        return None

    def _in_stub(self, address: int, sp: int) -> Standing | None:
        """In a handler that is entry code, at `address` or called from there, rsp being `sp`."""
        door, stub = self._path.syscall, self._path.stub(address)
        distance = None if door is None or stub is None else door.stub(stub, address)
        if door is None or distance is None:
            return None
        frame = sp + distance
        return Standing(door, frame, Phase.HANDLER, frame - door.below - self._word)

    def _in_work(self, door: Door, word: int, sp: int, read: Read) -> Standing:
        """In C code that the way back calls and that returns to `word`, rsp being `sp` then.

        Where calls and exceptions share that way, the frame says which of them it is.
        """
        for each in (door, self._exception_door()):
            known = None if each is None else each.known(word)
            if each is not None and known is not None and known.frame is not None:
                frame = sp + known.frame
                fields = self._stack.fields(frame, read)
                called = not fields or fields["orig_ax"] != self._arch.mask
                if called is self.is_call(each):
                    return Standing(each, frame, Phase.EXIT_WORK)
        return Standing(door, None, Phase.EXIT_WORK)

    def _in_entry(
        self, pc: int, sp: int, registers: Mapping[str, int], read: Read
    ) -> Standing | None:
        """The door whose own code runs; where several share it, the frame decides."""
        other = None
        for door, from_user in self._candidates(pc):
            if door is None or not (pc in door.inward.states or pc in door.outward.states):
                continue
            place = self._on_the_way(door, pc, sp, registers, read)
            fields = self._stack.fields(self._begun(door, pc, sp, place.frame), read)
            begun = self.is_call(door) and pc in door.inward.states
            if begun or not fields:
                return place
            if self._elsewhere(door, pc, sp, place.frame):
                continue
            called = fields["orig_ax"] != self._arch.mask or not self._shared(pc)
            if self.is_call(door) and not called:
                continue
            # A way that does not save cs is a call's: those come from the program.
            if bool(fields["cs"] & RING) == from_user or "cs" not in door.saved:
                if not self.is_call(door) or self._made(fields, read) == self.abi(door):
                    return place
                other = other or place
        return other

    def _made(self, fields: Mapping[str, int], read: Read) -> str | None:
        """The ABI of the user's instruction that a frame leads back behind."""
        code = read(fields["ip"] - _CALL_SIZE, _CALL_SIZE)
        convention = None if code is None else self._path.instructions.get(code)
        return None if convention is None else convention.abi

    def _shared(self, pc: int) -> bool:
        """Whether exceptions run the instruction at `pc` as well as system calls."""
        door = self._exception_door()
        return door is not None and pc in door.outward.states

    def _elsewhere(self, door: Door, pc: int, sp: int, frame: int | None) -> bool:
        """Whether rsp is on the thread stack where this door's code has left it already."""
        known = door.known(pc)
        off_stack = known is not None and known.frame is None and pc in door.outward.states
        return (
            off_stack and frame is not None and frame // self._stack.size == sp // self._stack.size
        )

    def _begun(self, door: Door, pc: int, sp: int, frame: int | None) -> int | None:
        """Where the CPU's part of a frame is, also before it has moved."""
        distance = door.on_stack(pc)
        return frame if distance is None else sp + distance

    def _candidates(self, pc: int) -> Iterator[tuple[Door | None, bool]]:
        symbol = self._path.symbol(pc)
        entry = None if symbol is None else symbol.address
        if entry is None or not self._path.is_exception(entry):
            yield from (
                (self._path.door(each, from_user=True), True) for each in self._entries(entry)
            )
            entry = self._path.any_exception
        if entry is not None:
            for from_user in (True, False):
                yield self._path.door(entry, from_user=from_user), from_user

    def abi(self, door: Door) -> str:
        """How the calls behind `door` are passed."""
        return self._path.convention(door.entry).abi

    def is_call(self, door: Door) -> bool:
        """Whether system calls arrive there."""
        return door.entry in self._path.entries

    def _entries(self, symbol: int | None) -> Iterable[int]:
        """The calls' entries: that of `symbol` alone where it is one, else all, the first first."""
        return (
            (symbol,) if symbol is not None and symbol in self._path.entries else self._path.entries
        )

    def _on_the_way(
        self, door: Door, pc: int, sp: int, registers: Mapping[str, int], read: Read
    ) -> Standing:
        known = door.known(pc)
        if known is not None and known.frame is not None:
            frame: int | None = sp + known.frame
        elif pc in door.outward.states:
            frame = self._top_frame(registers, read)
        else:
            distance = door.on_stack(pc)
            frame = None if distance is None else sp + distance
        return Standing(door, frame, door.phase(pc) if pc in door.inward.states else Phase.RESTORE)

    def _top_frame(self, registers: Mapping[str, int], read: Read) -> int | None:
        """The frame at the top of the thread stack, by the per-CPU variable that names it."""
        door = self._path.syscall
        offset = None if door is None else door.top_of_stack
        if offset is None or door is None or door.frame is None:
            return None
        top = self._stack.percpu(offset, registers, read)
        return None if top is None else top + door.frame.offset

    def _called_from(self, word: int, frame: int, read: Read) -> Door | None:
        """The door whose code `word` returns into, judged by the frame above it."""
        fields = self._stack.fields(frame, read)
        from_user = not fields or bool(fields["cs"] & RING)
        return self._path.door_of(word, from_user=from_user)

    def _exception_door(self) -> Door | None:
        entry = self._path.any_exception
        return None if entry is None else self._path.door(entry, from_user=True)

    # --- what earlier calls and interrupts left in the stack ------------------------------------

    def _is_above(self, frame: int, reach: int | None) -> bool:
        """Whether `frame` lies where only what was before the call's handler can have left it."""
        return (
            reach is not None
            and frame > reach
            and frame // self._stack.size == reach // self._stack.size
        )

    def _is_left_over(self, pc: int, words: list[int], index: int) -> bool:
        """Whether an interrupt's return address is what an earlier one left in the stack.

        A call's dispatching code begins at a random distance below the frame
        (arch/x86/include/asm/entry-common.h) and leaves what lies between as it was: calls and
        interrupts of before. An interrupt that is under way came after that code was entered, so
        it lies on the other side of the return into the code of the call that is under way.
        """
        if not any(map(self._dispatches, (pc, *words[:index]))):
            return False
        symbol = self._path.symbol(pc)
        if symbol is not None and symbol.address == pc and self._dispatches(words[0]):
            return True  # the handler begins here
        dispatch = self._under_way(words)
        return not any(self._picks(word, dispatch) for word in words[index + 1 :])

    def _under_way(self, words: list[int]) -> Dispatch | None:
        """The dispatching code of the call whose frame is at the stack's top."""
        calls = filter(None, (self._path.door(each, from_user=True) for each in self._path.entries))
        doors = {each.return_site: each for each in calls}
        last = next((doors[word] for word in reversed(words) if word in doors), None)
        return None if last is None else self._path.dispatch_of(last)

    def _dispatches(self, word: int) -> bool:
        """Whether `word` returns into the code that dispatches system calls."""
        return any(word in each.returns or word in each.code for each in self._path.dispatches)

    def _picks(self, word: int, dispatch: Dispatch | None) -> bool:
        """Whether `word` returns into the function that calls the handlers.

        That function's callers lie above the distance.
        """
        if dispatch is None or not (word in dispatch.returns or word in dispatch.code):
            return False
        return self._path.symbol(word) in map(self._path.symbol, dispatch.sites)

    # --- in C code ---------------------------------------------------------------------------

    def _in_c(
        self, door: Door, pc: int, sp: int, words: list[int], frame: int, read: Read
    ) -> tuple[Phase, int | None]:
        if not self.is_call(door):
            return self._in_exception(pc, words), None
        dispatch = self._path.dispatch_of(door)
        if dispatch is None:
            return Phase.HANDLER, None
        if pc in dispatch.code:
            return self._at(door, pc, frame, read), None
        for index, word in enumerate(words):
            if word in dispatch.returns:
                level = sp + index * self._word
                if self._choosing(pc, words) or self._missing(door, pc, frame, read):
                    return Phase.DISPATCH, level
                return Phase.HANDLER, level
            if word in dispatch.absent:
                return Phase.DISPATCH, None
            if word in dispatch.code and word not in dispatch.handed:
                return self._at(door, word, frame, read), None
        done = not words and self._path.is_passage(pc)
        return Phase.EXIT_WORK if done else Phase.DISPATCH, None

    def _choosing(self, pc: int, words: list[int]) -> bool:
        """Whether the handler is still being picked: by a retpoline, or a switch it returns to."""
        if self._path.is_passage(pc):
            pc = words[0] if words else pc
            return self._path.chooses(pc) and not self._path.is_passage(pc)
        return self._path.chooses(pc)

    def _at(self, door: Door, address: int, frame: int, read: Read) -> Phase:
        """The phase of an address in the dispatching code."""
        dispatch = self._path.dispatch_of(door)
        if dispatch is None or address not in dispatch.after:
            return Phase.DISPATCH
        if address in dispatch.undecided:
            fields = self._stack.fields(frame, read)
            if fields and self._path.beyond(fields["orig_ax"], door):
                return Phase.DISPATCH
        return Phase.EXIT_WORK

    def _missing(self, door: Door, pc: int, frame: int, read: Read) -> bool:
        """Whether the frame's number has no handler."""
        fields = self._stack.fields(frame, read)
        if not fields or self._path.beyond(fields["orig_ax"], door):
            return bool(fields)
        if self._path.table(door) is not None:
            return self._path.handler(fields["orig_ax"], read, door) is None
        symbol = self._path.symbol(pc)
        return symbol is not None and symbol.address in self._path.missing_handlers

    def _in_exception(self, pc: int, words: list[int]) -> Phase:
        for address in (pc, *words):
            symbol = self._path.symbol(address)
            if symbol is not None and symbol.address in self._path.exit_work:
                return Phase.EXIT_WORK
        return Phase.HANDLER
