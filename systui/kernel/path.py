"""The path of a system call through one kernel image: its doors, landmarks and dispatch.

Symbols, labels and the code itself decide, never a version and never a line number. Facts on
which names exist where: arch/x86/entry/entry_64.S and arch/x86/entry/common.c of the kernels.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from systui.arch.spec import Architecture, SyscallConvention
from systui.kernel import spellings
from systui.kernel.arrival import (
    ENTRIES,
    INSTRUCTIONS,
    Arrival,
    Entry,
    by_gate,
    by_instruction,
    frame_moved,
)
from systui.kernel.dispatch import (
    Dispatch,
    Names,
    dispatches,
    entry_dispatch,
    find_dispatch,
)
from systui.kernel.door import Door
from systui.kernel.listing import Decode, Listing, Read
from systui.kernel.named import Named
from systui.kernel.values import State
from systui.kernel.walk import Rules, Walk, returned, walk
from systui.model.call import Landmark, Phase
from systui.model.code import Symbol
from systui.model.operation import Flow, Operation

_FARTHEST = 1 << 24
"""Bytes within which the next symbol is looked for."""

REQUIRED = (
    *("entry", "kernel_stack", "frame_complete", "do_syscall", "dispatch", "exit_work"),
    *("restore", "sysret_path", "iret_path", "sysret", "iret"),
)
"""Landmarks that the way of `syscall` is understood by; `EntryPath.missing` names the others."""
_ONLY_BY_SYSCALL = ("kernel_stack", "sysret_path", "iret_path", "sysret")
"""Those that a gate has no use for: the CPU itself changes stacks, and only IRET leads back."""
_ONLY_IN_C = ("do_syscall", "exit_work")
"""Of these, those that an entry lacks which calls the handler itself."""


class EntryPath:
    """One image's way in and out, at run-time addresses; worked out when first asked.

    `reads` give code at run-time addresses, the best first (live memory shows the code as the
    kernel patched it). The image's own bytes are the last resort.
    """

    def __init__(
        self,
        image: Named,
        arch: Architecture,
        decode: Decode,
        reads: Sequence[Read] = (),
        slide: int = 0,
    ) -> None:
        self._image = image
        self._arch = arch
        self._slide = slide
        self.listing = Listing(decode, (*reads, self._built))
        self._doors: dict[tuple[int, bool], Door | None] = {}
        self._dispatches: dict[int, Dispatch] = {}
        self._landmarks: dict[int, Mapping[int, Landmark]] = {}

    # --- names -------------------------------------------------------------------------------

    def address(self, name: str) -> int | None:
        """The run-time address of symbol `name`."""
        symbol = self._image.symbol(name)
        return None if symbol is None else symbol.address + self._slide

    def percpu_word(self, offset: int) -> str | None:
        """What is at `offset` from the CPU's base: `cpu_tss_rw+0x14`.

        i386 links per-CPU variables among the kernel's, and they move with it.
        """
        found = self._image.locate(offset - (self._slide if self._is_kernels(offset) else 0))
        if found is None:
            return None
        symbol, distance = found
        return f"{symbol.name}+{distance:#x}" if distance else symbol.name

    def percpu_offset(self, name: str) -> int | None:
        """What is added to the CPU's base to reach the per-CPU variable `name`."""
        symbol = self._image.symbol(name)
        if symbol is None:
            return None
        return symbol.address + (self._slide if self._is_kernels(symbol.address) else 0)

    def _is_kernels(self, address: int) -> bool:
        return address >= self._arch.kernel_start

    def slot(self, offset: int) -> str | None:
        """The pt_regs field that holds the byte at `offset`; None outside the frame."""
        return self._arch.pt_regs.names.get(offset - offset % self._arch.word)

    def beyond(self, number: int, door: Door) -> bool:
        """Whether `number` fails the range check behind `door`."""
        dispatch = self.dispatch_of(door)
        limits = dispatch.range_checks.values() if dispatch is not None else ()
        return any(number & 0xFFFF_FFFF >= limit for limit in limits)

    def handler(self, number: int, read: Read, door: Door) -> int | None:
        """The handler that the table in memory names for `number`; None where there is none."""
        table = None if self.beyond(number, door) else self.table(door)
        if table is None:
            return None
        raw = read(table + self._arch.word * (number & 0xFFFF_FFFF), self._arch.word)
        found = None if raw is None else int.from_bytes(raw, "little")
        return None if found in self.missing_handlers else found

    def table(self, door: Door) -> int | None:
        """The table of the calls behind `door`; None where there is but a switch."""
        own = self._arch.syscall.abi == self.convention(door.entry).abi
        return self.address(spellings.TABLES["64" if own else "i386"])

    def symbol(self, address: int) -> Symbol | None:
        """The symbol at or before run-time `address`, its address a run-time one."""
        found = self._image.locate(address - self._slide)
        if found is None:
            return None
        return Symbol(found[0].name, found[0].address + self._slide, found[0].size)

    def size(self, address: int) -> int | None:
        """Bytes from the symbol at `address` to the next one; None where that is too far off."""
        distance = 1
        while self._is_at(address, distance) and distance < _FARTHEST:
            distance *= 2
        if distance >= _FARTHEST:
            return None
        low = distance // 2
        while low + 1 < distance:
            middle = (low + distance) // 2
            low, distance = (middle, distance) if self._is_at(address, middle) else (low, middle)
        return distance

    def _is_at(self, address: int, distance: int) -> bool:
        symbol = self.symbol(address + distance)
        return symbol is not None and symbol.address == address

    def _built(self, address: int, size: int) -> bytes | None:
        return self._image.read(address - self._slide, size)

    def _addresses(self, names: Iterable[str]) -> frozenset[int]:
        found = (self.address(name) for name in names)
        return frozenset(address for address in found if address is not None)

    @cached_property
    def entry_text(self) -> range:
        """The entry code's section; empty where the image does not set it apart."""
        start, end = self.address("__entry_text_start"), self.address("__entry_text_end")
        if start is not None and end is not None:
            return range(start, end)
        section = self._image.section(".entry.text")
        if section is None:
            return range(0)
        return range(section.address + self._slide, section.address + section.size + self._slide)

    @cached_property
    def gates(self) -> frozenset[int]:
        """First instructions of functions that are answered from outside the kernel."""
        return self._addresses(spellings.GATES)

    @cached_property
    def served(self) -> frozenset[int]:
        """Where the bundled kernel's own code of a call ends and it is answered from outside."""
        return self._addresses(spellings.GATES[:1])

    @cached_property
    def editors(self) -> frozenset[int]:
        """First instructions of functions that may edit pt_regs when they are so answered."""
        return self.gates | self._addresses(spellings.EDITORS)

    @cached_property
    def missing_handlers(self) -> frozenset[int]:
        """Handlers that only say -ENOSYS: a number that reaches one has no handler."""
        return self._addresses(spellings.MISSING)

    @cached_property
    def switches(self) -> frozenset[int]:
        """Functions that pick the handler by a switch over the number."""
        return self._addresses(spellings.SWITCHES.values())

    @cached_property
    def _names(self) -> Names:
        return Names(
            self._addresses(spellings.TABLES.values()),
            self._addresses(spellings.INDIRECT_THUNK + register for register in self._arch.general),
            self.switches,
            self._addresses(spellings.INNER),
            self.missing_handlers,
            self._addresses(spellings.RETURN_THUNKS),
        )

    def chooses(self, address: int) -> bool:
        """Whether `address` lies in code between the dispatching call and the handler.

        That is a retpoline, which only passes control on, or a switch over the number, with
        what they call and return through.
        """
        if not self._names.thunks and not self.switches:
            return False
        symbol = self.symbol(address)
        return symbol is not None and (
            symbol.name.startswith((spellings.INDIRECT_THUNK, "srso_"))
            or symbol.address in self.switches
            or symbol.address in self.passages
        )

    @cached_property
    def passages(self) -> frozenset[int]:
        """Return thunks and trace hooks: functions only in name."""
        return self._names.return_thunks | self._addresses(spellings.TRACE_HOOKS)

    def stub(self, address: int) -> int | None:
        """The handler of entry code's own that `address` lies in."""
        symbol = self.symbol(address) if address in self.entry_text else None
        own = symbol is not None and symbol.name.startswith(spellings.STUBS)
        return symbol.address if symbol is not None and own else None

    def is_passage(self, address: int) -> bool:
        """Whether `address` lies in one of `passages`."""
        symbol = self.symbol(address) if self.passages else None
        return symbol is not None and symbol.address in self.passages

    @cached_property
    def exit_work(self) -> frozenset[int]:
        """First instructions of the C functions that do the work on the way out."""
        return self._exit_work | self._addresses(spellings.EXCEPTION_EXIT_WORK)

    @cached_property
    def _exit_work(self) -> frozenset[int]:
        rare = self._addresses(spellings.RARE_EXIT_WORK)
        return (
            self._addresses(spellings.EXIT_WORK)
            or frozenset(each for each in rare if each not in self.entry_text)
            or self._addresses(spellings.OLD_EXIT_WORK)
        )

    @cached_property
    def checks(self) -> Mapping[int, str]:
        """Comparisons that decide whether SYSRET is possible: address to the check's name."""
        if self.syscall is None:
            return {}
        dispatch = self.dispatch_of(self.syscall)
        return {**({} if dispatch is None else dispatch.checks), **self.syscall.checks}

    # --- doors -------------------------------------------------------------------------------

    @cached_property
    def entries(self) -> Mapping[int, Entry]:
        """Where calls arrive, by address."""
        found = {}
        for convention in self._arch.conventions:
            known = ENTRIES[self._arch.name, convention.abi]
            for arrival, names in known.items():
                address = next(filter(None, map(self.address, names)), None)
                if address is not None:
                    found[address] = Entry(address, arrival, convention)
        return found

    def convention(self, entry: int) -> SyscallConvention:
        """How the calls that arrive at `entry` are passed."""
        known = self.entries.get(entry)
        return self._arch.syscall if known is None else known.convention

    def entries_of(self, abi: str) -> frozenset[int]:
        """Where calls of `abi` arrive."""
        return frozenset(
            address for address, each in self.entries.items() if each.convention.abi == abi
        )

    @cached_property
    def instructions(self) -> Mapping[bytes, SyscallConvention]:
        """The instructions that make a call: their bytes."""
        found = {}
        for each in self.entries.values():
            code = INSTRUCTIONS[each.arrival]
            if each.convention is self._arch.syscall or code not in found:
                found[code] = each.convention
        return found

    @cached_property
    def entry(self) -> int | None:
        """Where the architecture's own calls arrive (by their first way, if they have several)."""
        own = self._arch.syscall
        return next(
            (each.address for each in self.entries.values() if each.convention is own), None
        )

    @cached_property
    def syscall(self) -> Door | None:
        """The door of the architecture's own calls; None where it is not understood."""
        return None if self.entry is None else self.door(self.entry, from_user=True)

    def door(self, entry: int, *, from_user: bool) -> Door | None:
        """The way that begins at `entry`; None where it is no way in or not understood."""
        key = (entry, from_user)
        if key not in self._doors:
            self._doors[key] = self._open(entry, from_user)
        return self._doors[key]

    def is_exception(self, address: int) -> bool:
        """Whether the CPU arrives at `address` by an exception or an interrupt."""
        symbol = self.symbol(address)
        return (
            symbol is not None
            and symbol.address == address
            and (
                symbol.name.startswith(spellings.EXCEPTIONS)
                or symbol.name in spellings.OLD_EXCEPTIONS
            )
        )

    @cached_property
    def any_exception(self) -> int | None:
        """An exception's entry that stands for all: they share their way back."""
        return self.address("asm_exc_page_fault") or self.address("page_fault")

    def door_of(self, address: int, *, from_user: bool) -> Door | None:
        """The door whose own code `address` lies in, by the symbol before it, or by that code."""
        symbol = self.symbol(address) if address in self.entry_text else None
        if symbol is None:
            return None
        if symbol.address in self.entries:
            return self.door(symbol.address, from_user=True)
        if self.is_exception(symbol.address):
            return self.door(symbol.address, from_user=from_user)
        calls = (self.door(entry, from_user=True) for entry in self.entries)
        back = (each for each in calls if each is not None and each.return_site == address)
        return next(back, self.syscall)

    def _open(self, entry: int, from_user: bool) -> Door | None:
        state = self._arrival(entry, from_user)
        if state is None:
            return None
        calls: dict[int, Operation] = {}

        def stops(operation: Operation, state: State) -> bool:
            if not self._is_c_call(operation, state):
                return False
            calls[operation.instruction.address] = operation
            return True

        rules = Rules(self._call, self._names.return_thunks, self._is_tail_call)
        inward = walk(self.listing, [(entry, state)], rules._replace(stops=stops))
        if not calls:
            return None
        if self._table_calls(inward):
            inward = self._to_table_calls(entry, state, rules)
            calls = {each.instruction.address: each for each in self._table_calls(inward)}
        call = calls[min(calls)]
        return Door(entry, call, inward, self.listing, self._arch, rules)

    def _table_calls(self, way: Walk) -> list[Operation]:
        """The calls of handlers that the entry's own code makes."""
        operations = ((self.listing.operation(at), state) for at, state in way.states.items())
        return [
            operation
            for operation, state in operations
            if operation is not None
            and operation.flow is Flow.CALL
            and dispatches(operation, state, self._names)
        ]

    def _to_table_calls(self, entry: int, state: State, rules: Rules) -> Walk:
        """The way up to them, over C functions that are called before (tracing), not around."""

        def stops(operation: Operation, state: State) -> bool:
            return operation.flow is Flow.CALL and dispatches(operation, state, self._names)

        way = walk(self.listing, [(entry, state)], rules._replace(stops=stops))
        return way.towards(each.instruction.address for each in self._table_calls(way))

    def _arrival(self, entry: int, from_user: bool) -> State | None:
        """What the CPU leaves behind when it arrives at `entry`."""
        known = self.entries.get(entry)
        if known is not None and known.arrival is not Arrival.GATE:
            return by_instruction(self._arch, known.arrival)
        symbol = self.symbol(entry)
        if known is None and (symbol is None or not self.is_exception(entry)):
            return None
        coded = symbol is not None and symbol.name in spellings.WITH_ERROR_CODE
        return by_gate(self._arch, from_user=from_user, coded=coded)

    def _is_c_call(self, operation: Operation, state: State) -> bool:
        """Whether the entry hands over to C here: by name, else the first call out of it."""
        target = operation.instruction.target
        if operation.flow is not Flow.CALL:
            return False
        if target in self._c_entries:  # a C function's first part may lie among the entry code
            return True
        if target in self.entry_text:
            return False
        return not state.returns and target not in self._movers

    @cached_property
    def _c_entries(self) -> frozenset[int]:
        return self._addresses(spellings.C_ENTRIES)

    @cached_property
    def _movers(self) -> frozenset[int]:
        return self._addresses(spellings.FRAME_MOVERS)

    def _call(self, operation: Operation, state: State) -> State | None:
        """How a walk of entry code takes a call: into entry code, over everything else."""
        target = operation.instruction.target
        if target in self.entry_text:
            return None
        if target in self._movers:
            return frame_moved(self._arch, operation, state)
        return returned(operation, state)

    def _is_tail_call(self, target: int) -> bool:
        return (
            bool(self.entry_text) and target not in self.entry_text and target not in self._outlying
        )

    @cached_property
    def _outlying(self) -> frozenset[int]:
        return self._addresses(spellings.OUTLYING)

    # --- dispatch ----------------------------------------------------------------------------

    @property
    def dispatch(self) -> Dispatch | None:
        """How the handlers of the architecture's own calls are picked."""
        return self.dispatch_of(self.syscall)

    def dispatch_of(self, door: Door | None) -> Dispatch | None:
        """How the handler is picked behind `door`; None where its C code is not understood."""
        if door is None or door.entry not in self.entries:
            return None
        if door.entry not in self._dispatches:
            self._dispatches[door.entry] = (
                entry_dispatch(self.listing, door.entry, door.inward, self._names)
                if door.function is None
                else find_dispatch(self.listing, door.function, self._names, door.passed)
            )
        return self._dispatches[door.entry]

    @cached_property
    def dispatches(self) -> tuple[Dispatch, ...]:
        """How the handlers are picked behind all doors of calls."""
        doors = (self.door(entry, from_user=True) for entry in self.entries)
        return tuple(filter(None, map(self.dispatch_of, doors)))

    # --- landmarks ---------------------------------------------------------------------------

    @property
    def landmarks(self) -> Mapping[int, Landmark]:
        """Landmarks of the architecture's own calls; empty where their door is not understood."""
        return {} if self.syscall is None else self.landmarks_of(self.syscall)

    def landmarks_of(self, door: Door) -> Mapping[int, Landmark]:
        """Landmarks with an address of their own. Where two meet, the one named first here."""
        known = self._landmarks.get(door.entry)
        if known is None:
            known = found = dict[int, Landmark]()
            for name, phase, addresses in self._found_landmarks(door):
                for address in addresses:
                    found.setdefault(address, Landmark(name, address, phase))
            self._landmarks[door.entry] = known
        return known

    def work_out(self) -> None:
        """Work all entries out now, where code that is asked for later is known already.

        The first stop in the kernel would have to wait for it: some 10 ms.
        """
        for entry in self.entries:
            door = self.door(entry, from_user=True)
            if door is not None:
                door.known(entry)
                self.landmarks_of(door)

    def _first(self, names: Iterable[str]) -> frozenset[int]:
        """The address of the first of `names` that there is."""
        return frozenset(islice(filter(None, map(self.address, names)), 1))

    def _sysret_path(self) -> frozenset[int]:
        """Where nothing but SYSRET lies ahead."""
        named = self._addresses((spellings.SYSRET_PATH,))
        address = self.address(spellings.SYSRET_CHECK)
        if named or address is None:
            return named
        operation = self.listing.operation(address)
        while operation is not None and operation.flow is Flow.NEXT:
            operation = self.listing.operation(operation.instruction.end)
        if operation is None or operation.flow is not Flow.BRANCH:
            return frozenset((address,))
        return frozenset((operation.instruction.end,))

    def _restore(self, door: Door) -> int:
        """Where the way back begins: behind the store of a result that entry code was given."""
        operation = self.listing.operation(door.return_site)
        if door.function is not None or operation is None:
            return door.return_site
        return operation.instruction.end

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Names of the landmarks that this image's path could not be told by."""
        found = {landmark.name for landmark in self.landmarks.values()}
        if self.syscall is not None and self.syscall.function is None and self.dispatch is not None:
            found.update(_ONLY_IN_C)
        if self.entry is not None and self.entries[self.entry].arrival is Arrival.GATE:
            found.update(_ONLY_BY_SYSCALL)
        return tuple(name for name in REQUIRED if name not in found)

    def _found_landmarks(self, door: Door) -> Iterator[tuple[str, Phase, Iterable[int]]]:
        dispatch = self.dispatch_of(door)
        inward, outward = door.inward, door.outward
        yield "entry", Phase.ENTRY, (door.entry,)
        yield "frame_complete", Phase.DISPATCH, door.complete
        yield "kernel_stack", Phase.ENTRY, door.switches(inward)
        yield "kernel_cr3", Phase.ENTRY, door.after(inward, "cr3")
        if door.function is not None:
            yield "do_syscall", Phase.DISPATCH, (door.function,)
        if dispatch is not None:
            yield "dispatch", Phase.DISPATCH, dispatch.sites
            refused = dispatch.refusing.values() if door.function is None else dispatch.missing
            # Where it only goes round the handler, it comes to where all calls go on.
            own = (address for address in refused if address not in outward.states)
            yield "bad_number", Phase.DISPATCH, own
            yield "handler_return", Phase.EXIT_WORK, dispatch.returns
        yield "served", Phase.HANDLER, self.served
        yield "exit_work", Phase.EXIT_WORK, self._exit_work
        yield "restore", Phase.RESTORE, (self._restore(door),)
        yield "sysret_check", Phase.RESTORE, door.checks
        if dispatch is not None and Flow.SYSRET in door.exits.values():
            yield "sysret_check", Phase.EXIT_WORK, dispatch.checks
        yield "sysret_path", Phase.RESTORE, self._sysret_path()
        yield "iret_path", Phase.RESTORE, self._first(spellings.IRET_PATH)
        yield "trampoline", Phase.RESTORE, door.switches(outward)
        yield "user_cr3", Phase.RESTORE, door.after(outward, "cr3")
        for name, flow in (("sysret", Flow.SYSRET), ("iret", Flow.IRET)):
            exits = (address for address, how in door.exits.items() if how is flow)
            yield name, Phase.RESTORE, exits
