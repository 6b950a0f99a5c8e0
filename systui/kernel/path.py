"""The path of a system call through one kernel image: its doors, landmarks and dispatch.

Symbols, labels and the code itself decide, never a version and never a line number. Facts on
which names exist where: arch/x86/entry/entry_64.S and arch/x86/entry/common.c of the kernels.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from systui.arch.spec import Architecture, SyscallConvention
from systui.kernel.dispatch import (
    Dispatch,
    Names,
    dispatches,
    entry_dispatch,
    find_dispatch,
)
from systui.kernel.door import CPU, Door
from systui.kernel.listing import Decode, Listing, Read
from systui.kernel.named import Named
from systui.kernel.values import Constant, Pointer, State, User, Value, Where, Word
from systui.kernel.walk import Rules, Walk, returned, walk
from systui.model.call import Landmark, Phase
from systui.model.code import Symbol
from systui.model.operation import Flow, Operation


class Arrival(Enum):
    """What the CPU leaves behind on its way in."""

    SYSCALL = "syscall"
    """Return address and flags in registers, the stack the user's (SDM vol. 2B, SYSCALL)."""
    SYSENTER = "sysenter"
    """The kernel's stack, and nothing of where the call came from (SDM vol. 2B, SYSENTER)."""
    GATE = "gate"
    """A frame of five words on the kernel's stack (SDM vol. 3, 6.12)."""


class Entry(NamedTuple):
    """One way in."""

    address: int
    arrival: Arrival
    convention: SyscallConvention


_INSTRUCTIONS = {
    Arrival.SYSCALL: b"\x0f\x05",
    Arrival.SYSENTER: b"\x0f\x34",
    Arrival.GATE: b"\xcd\x80",
}
_ENTRIES: dict[tuple[str, str], dict[Arrival, tuple[str, ...]]] = {
    ("x86_64", "64"): {Arrival.SYSCALL: ("entry_SYSCALL_64", "system_call")},
    ("x86_64", "i386"): {
        Arrival.GATE: ("asm_int80_emulation", "entry_INT80_compat", "ia32_syscall"),
        Arrival.SYSENTER: ("entry_SYSENTER_compat", "ia32_sysenter_target"),
        Arrival.SYSCALL: ("entry_SYSCALL_compat", "ia32_cstar_target"),
    },
    ("i386", "i386"): {
        Arrival.GATE: ("entry_INT80_32", "system_call"),
        Arrival.SYSENTER: ("entry_SYSENTER_32", "ia32_sysenter_target"),
    },
}
"""By architecture and ABI: where the CPU arrives, and how; of several names the first counts."""
_C_ENTRIES = (
    *("do_syscall_64", "int80_emulation", "do_int80_emulation", "do_int80_syscall_32"),
    *("do_fast_syscall_32", "do_SYSENTER_32"),
)
_EXCEPTIONS = ("asm_exc_", "asm_sysvec_", "asm_common_interrupt", "asm_spurious_interrupt")
_WITH_ERROR_CODE = frozenset(
    f"asm_exc_{name}"
    for name in (
        *("double_fault", "invalid_tss", "segment_not_present", "stack_segment"),
        *("general_protection", "page_fault", "alignment_check", "control_protection"),
        "vmm_communication",
    )
)
"""Vectors for which the CPU pushes an error code (Intel SDM vol. 3, table 6-1)."""

_TABLES = {"64": "sys_call_table", "i386": "ia32_sys_call_table"}
"""A 64-bit kernel's tables by ABI; a 32-bit kernel's only one has the first name."""
_SWITCHES = ("x64_sys_call", "ia32_sys_call")
_INNER = (
    *("do_syscall_x64", "do_int80_syscall_32", "do_syscall_32_irqs_on"),
    *("__do_fast_syscall_32", "do_fast_syscall_32"),
)
_MISSING = ("__x64_sys_ni_syscall", "__ia32_sys_ni_syscall", "sys_ni_syscall")
_RETURN_THUNKS = ("__x86_return_thunk", "srso_return_thunk", "retbleed_return_thunk")
_INDIRECT_THUNK = "__x86_indirect_thunk_"
_TRACE_HOOKS = ("__fentry__", "mcount")
"""What every traceable function calls first."""
_GATES = ("serve_syscall", "serve_signal", "serve_fault", "serve_schedule")
"""Functions of the bundled kernel that the machine answers in its place; they may edit pt_regs."""
_EDITORS = ("arch_do_signal_or_restart", "do_signal", "__x64_sys_rt_sigreturn")
"""Functions of Linux that are answered in an unbooted kernel's place and that edit pt_regs."""
_FRAME_MOVERS = ("sync_regs",)
"""C functions that copy the frame they are given to the thread stack and return its address."""
_EXIT_WORK = ("syscall_exit_to_user_mode", "syscall_return_slowpath")
_RARE_EXIT_WORK = ("exit_to_user_mode_loop", "syscall_exit_work")
"""What is left of it where the compiler has put those into the dispatching function."""
_EXCEPTION_EXIT_WORK = (
    *("irqentry_exit", "irqentry_exit_to_user_mode", "prepare_exit_to_usermode"),
)
_SYSRET_PATH = ("syscall_return_via_sysret", "sysret_check")
_IRET_PATH = (
    *("swapgs_restore_regs_and_return_to_usermode", "restore_regs_and_iret", "retint_swapgs"),
)
_OUTLYING = ("retint_swapgs", "restore_args", "irq_return", "native_iret")
"""Labels of entry code that some kernels (3.x) have outside the section for it."""

_FARTHEST = 1 << 24
"""Bytes within which the next symbol is looked for."""

_USER_CS, _KERNEL_CS = 0x33, 0x10

REQUIRED = (
    *("entry", "kernel_stack", "frame_complete", "do_syscall", "dispatch", "exit_work"),
    *("restore", "sysret_path", "iret_path", "sysret", "iret"),
)
"""Landmarks that the way of `syscall` is understood by; `EntryPath.missing` names the others."""
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

    def percpu_at(self, offset: int) -> Symbol | None:
        """The per-CPU variable at or before `offset` from the CPU's base."""
        found = self._image.locate(offset)
        return None if found is None else found[0]

    def percpu_offset(self, name: str) -> int | None:
        """What is added to the CPU's base to reach the per-CPU variable `name`."""
        symbol = self._image.symbol(name)
        return None if symbol is None else symbol.address

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
        if self.beyond(number, door):
            return None
        number &= 0xFFFF_FFFF
        own = self._arch.syscall.abi == self.convention(door.entry).abi
        table = self.address(_TABLES["64" if own else "i386"])
        if table is not None:
            raw = read(table + self._arch.word * number, self._arch.word)
            if raw is not None:
                found = int.from_bytes(raw, "little")
                return None if found in self.missing_handlers else found
        return None

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
        return self._addresses(_GATES)

    @cached_property
    def served(self) -> frozenset[int]:
        """Where the bundled kernel's own code of a call ends and it is answered from outside."""
        return self._addresses(_GATES[:1])

    @cached_property
    def editors(self) -> frozenset[int]:
        """First instructions of functions that may edit pt_regs when they are so answered."""
        return self.gates | self._addresses(_EDITORS)

    @cached_property
    def missing_handlers(self) -> frozenset[int]:
        """Handlers that only say -ENOSYS: a number that reaches one has no handler."""
        return self._addresses(_MISSING)

    @cached_property
    def switches(self) -> frozenset[int]:
        """Functions that pick the handler by a switch over the number."""
        return self._addresses(_SWITCHES)

    @cached_property
    def _names(self) -> Names:
        return Names(
            self._addresses(_TABLES.values()),
            self._addresses(_INDIRECT_THUNK + register for register in self._arch.general),
            self.switches,
            self._addresses(_INNER),
            self.missing_handlers,
            self._addresses(_RETURN_THUNKS),
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
            symbol.name.startswith((_INDIRECT_THUNK, "srso_"))
            or symbol.address in self.switches
            or symbol.address in self.passages
        )

    @cached_property
    def passages(self) -> frozenset[int]:
        """Return thunks and trace hooks: functions only in name."""
        return self._names.return_thunks | self._addresses(_TRACE_HOOKS)

    def is_passage(self, address: int) -> bool:
        """Whether `address` lies in one of `passages`."""
        symbol = self.symbol(address) if self.passages else None
        return symbol is not None and symbol.address in self.passages

    @cached_property
    def exit_work(self) -> frozenset[int]:
        """First instructions of the C functions that do the work on the way out."""
        return self._exit_work | self._addresses(_EXCEPTION_EXIT_WORK)

    @cached_property
    def _exit_work(self) -> frozenset[int]:
        return self._addresses(_EXIT_WORK) or self._addresses(_RARE_EXIT_WORK)

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
            known = _ENTRIES[self._arch.name, convention.abi]
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
            code = _INSTRUCTIONS[each.arrival]
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
            symbol is not None and symbol.address == address and symbol.name.startswith(_EXCEPTIONS)
        )

    @cached_property
    def any_exception(self) -> int | None:
        """An exception's entry that stands for all: they share their way back."""
        return self.address("asm_exc_page_fault")

    def door_of(self, address: int, *, from_user: bool) -> Door | None:
        """The door whose own code `address` lies in, by the symbol before it."""
        symbol = self.symbol(address) if address in self.entry_text else None
        if symbol is None:
            return None
        if symbol.address in self.entries:
            return self.door(symbol.address, from_user=True)
        if self.is_exception(symbol.address):
            return self.door(symbol.address, from_user=from_user)
        return self.syscall

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
        registers: dict[str, Value] = {name: User(name) for name in self._arch.general}
        known = self.entries.get(entry)
        if known is not None and known.arrival is Arrival.SYSCALL:
            kept = {"rcx": User("rip"), "r11": User("rflags")}
            return State(registers | kept, {}, arch=self._arch)
        if known is not None and known.arrival is Arrival.SYSENTER:
            registers[self._arch.sp] = Pointer(CPU, 0)
            return State(registers, {}, arch=self._arch)
        symbol = self.symbol(entry)
        if known is None and (symbol is None or not self.is_exception(entry)):
            return None
        coded = symbol is not None and symbol.name in _WITH_ERROR_CODE
        pushed: list[Value] = [
            User(self._arch.holder[name]) for name in ("ip", "cs", "flags", "sp", "ss")
        ]
        # Code that exceptions share asks which ring they came from.
        pushed[1] = Constant(_USER_CS if from_user else _KERNEL_CS)
        if not from_user:
            pushed[0] = Constant(0)
        return self._framed(registers, pushed, coded)

    def _framed(self, registers: dict[str, Value], pushed: list[Value], coded: bool) -> State:
        """The CPU has pushed a frame on the stack that it chose (SDM vol. 3, 6.12)."""
        if coded:
            pushed.insert(0, None)
        memory: dict[Where, Word] = {
            Pointer(CPU, self._arch.word * index): Word(value, CPU)
            for index, value in enumerate(pushed)
        }
        registers[self._arch.sp] = Pointer(CPU, 0)
        return State(registers, memory, frozenset(memory), arch=self._arch)

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
        return self._addresses(_C_ENTRIES)

    @cached_property
    def _movers(self) -> frozenset[int]:
        return self._addresses(_FRAME_MOVERS)

    def _call(self, operation: Operation, state: State) -> State | None:
        """How a walk of entry code takes a call: into entry code, over everything else."""
        target = operation.instruction.target
        if target in self.entry_text:
            return None
        return (
            self._moved(operation, state) if target in self._movers else returned(operation, state)
        )

    def _is_tail_call(self, target: int) -> bool:
        return (
            bool(self.entry_text) and target not in self.entry_text and target not in self._outlying
        )

    @cached_property
    def _outlying(self) -> frozenset[int]:
        return self._addresses(_OUTLYING)

    def _moved(self, operation: Operation, state: State) -> State:
        """After a call that moves the frame at rdi: rax points to a copy of it."""
        old = state.registers.get(self._arch.function_arguments[0])
        after = returned(operation, state)
        if not isinstance(old, Pointer):
            return after
        new = operation.instruction.address
        copied: dict[Where, Word] = {
            Pointer(new, offset): word
            for _name, offset in self._arch.pt_regs.fields
            if (word := state.memory.get(Pointer(old.base, old.offset + offset))) is not None
        }
        return State(
            {**after.registers, self._arch.syscall.result: Pointer(new, 0)},
            {**after.memory, **copied},
            after.touched | frozenset(copied),
            after.returns,
            arch=self._arch,
        )

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

    def _first(self, names: Iterable[str]) -> frozenset[int]:
        """The address of the first of `names` that there is."""
        return frozenset(islice(filter(None, map(self.address, names)), 1))

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
            yield "handler_return", Phase.EXIT_WORK, dispatch.returns
        yield "served", Phase.HANDLER, self.served
        yield "exit_work", Phase.EXIT_WORK, self._exit_work
        yield "restore", Phase.RESTORE, (self._restore(door),)
        yield "sysret_check", Phase.RESTORE, door.checks
        if dispatch is not None and Flow.SYSRET in door.exits.values():
            yield "sysret_check", Phase.EXIT_WORK, dispatch.checks
        yield "sysret_path", Phase.RESTORE, self._first(_SYSRET_PATH)
        yield "iret_path", Phase.RESTORE, self._first(_IRET_PATH)
        yield "trampoline", Phase.RESTORE, door.switches(outward)
        yield "user_cr3", Phase.RESTORE, door.after(outward, "cr3")
        for name, flow in (("sysret", Flow.SYSRET), ("iret", Flow.IRET)):
            exits = (address for address, how in door.exits.items() if how is flow)
            yield name, Phase.RESTORE, exits
