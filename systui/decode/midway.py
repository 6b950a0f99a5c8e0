"""Where a stop is when nobody watched how it came there: told from code, registers and stack."""

from collections.abc import Mapping

from systui.arch.spec import Architecture
from systui.decode.stack import KernelStack
from systui.decode.standing import RING, Standing, Standings
from systui.decode.way import Fate, Mark, Parked, Track, Way
from systui.kernel.door import CPU, Door
from systui.kernel.path import EntryPath
from systui.model.call import Phase
from systui.model.stop import Read

_DEEPEST = 8
"""Ways on top of each other that are looked for: more than the IST has stacks."""


class Midway:
    """Reconstructs ways for one kernel image."""

    def __init__(self, path: EntryPath, arch: Architecture, ledger: tuple[str, ...]) -> None:
        self._path = path
        self._arch = arch
        self._ledger = ledger
        self._stack = KernelStack(arch)
        self._standings = Standings(path, arch, self._stack)

    def reconstruct(
        self, registers: Mapping[str, int], read: Read, reach: int | None = None
    ) -> Track:
        """The open ways at a stop with `registers`; none in user mode.

        `reach`: that of the system call known to be open (`Way.reach`).
        """
        if registers["cs"] & RING:
            return Track()
        ways: list[Way] = []
        pc, sp = registers[self._arch.pc], registers[self._arch.sp]
        for _ in range(_DEEPEST):
            place = self._standings.find(pc, sp, registers, read, reach)
            if place is None:
                break
            fields = self._stack.fields(place.frame, read)
            way = self._way(place, pc, fields, registers if not ways else {}, read)
            ways.append(way)
            if way.from_user or way.syscall or not fields:
                break
            pc, sp = fields["ip"], fields["sp"]
        return Track(tuple(reversed(ways)))

    def _way(
        self,
        place: Standing,
        pc: int,
        fields: Mapping[str, int],
        registers: Mapping[str, int],
        read: Read,
    ) -> Way:
        door = place.door
        untouched = door.untouched(pc)
        storers = {} if place.frame is None else door.storers(pc)
        before = {name: registers[name] for name in untouched if name in registers}
        parked = door.parked(pc)
        before |= {
            register: value
            for register, parking in parked.items()
            if (value := self._stack.percpu(parking.offset, registers, read)) is not None
        }
        before |= {
            register: fields[slot]
            for register, slot in door.keepers.items()
            if slot in storers and slot in fields
        }
        syscall = self._standings.is_call(door)
        if syscall and "orig_ax" in storers and fields:
            before |= self._number(door, fields)
        known = door.known(pc)
        way = Way(
            door.entry,
            door,
            syscall,
            syscall or bool(fields.get("cs", RING) & RING),
            None,
            before,
            place.phase,
            place.frame,
            slots={slot: Mark(self._text(by), None) for slot, by in storers.items()},
            possible=frozenset() if known is None else known.possible - frozenset(storers),
            restored=frozenset() if known is None else known.restored,
            fates=self._fates(door, pc, untouched),
            parked={
                register: Parked(word, None)
                for register, parking in parked.items()
                if (word := self._path.percpu_word(parking.offset)) is not None
            },
            intact=frozenset(self._ledger) & untouched,
            level=place.level,
            reach=place.level,
            partial=True,
            abi=self._standings.abi(door),
        )
        return self._with_handler(way, pc, fields, registers, read) if syscall else way

    def _number(self, door: Door, fields: Mapping[str, int]) -> dict[str, int]:
        """The call's number, out of the slot that keeps it to the end.

        An entry that exceptions share puts no number there: its C code takes it over from the
        slot that has the result later (arch/x86/entry/common.c, do_int80_emulation).
        """
        number = fields["orig_ax"]
        known = number != self._arch.mask
        return {self._path.convention(door.entry).number: number} if known else {}

    def _fates(self, door: Door, pc: int, untouched: frozenset[str]) -> dict[str, Fate]:
        restorers = door.restorers(pc)
        return {
            name: Fate(restored_by=self._text(restorers.get(name)))
            for name in self._ledger
            if name not in untouched
        }

    def _with_handler(
        self,
        way: Way,
        pc: int,
        fields: Mapping[str, int],
        registers: Mapping[str, int],
        read: Read,
    ) -> Way:
        if way.phase in (Phase.EXIT_WORK, Phase.RESTORE) and "ax" in way.slots and fields:
            dispatch = self._path.dispatch_of(way.door)
            back = dispatch is not None and pc in dispatch.returns
            return way._replace(
                result=registers[self._arch.syscall.result] if back else fields["ax"]
            )
        if way.phase is Phase.HANDLER and fields and way.door is not None:
            handler = self._path.handler(fields["orig_ax"], read, way.door)
            begins = way.level is not None and way.level == registers.get(self._arch.sp)
            return way._replace(handler=pc if handler is None and begins else handler)
        return way

    def _text(self, address: int | None) -> str | None:
        if address is None:
            return None
        if address == CPU:
            return "CPU"
        operation = self._path.listing.operation(address)
        return None if operation is None else operation.instruction.text
