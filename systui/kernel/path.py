"""The path of a system call through one kernel image: its doors, landmarks and dispatch.

Symbols, labels and the code itself decide, never a version and never a line number. Facts on
which names exist where: arch/x86/entry/entry_64.S and arch/x86/entry/common.c of the kernels.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from systui.arch.spec import Architecture, SyscallConvention
from systui.kernel import landmarks, spellings
from systui.kernel.arrival import ENTRIES, INSTRUCTIONS, Entry
from systui.kernel.dispatch import Dispatch, entry_dispatch, find_dispatch
from systui.kernel.door import Door
from systui.kernel.entrycode import EntryCode
from systui.kernel.listing import Decode, Listing
from systui.kernel.named import Named
from systui.kernel.placed import PlacedKernel
from systui.model.call import Landmark
from systui.model.stop import Read


class EntryPath(PlacedKernel):
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
        super().__init__(image, arch, slide)
        self.listing = Listing(decode, (*reads, self.built))
        self._code = EntryCode(self, self.listing, arch)
        self._doors: dict[tuple[int, bool], Door | None] = {}
        self._dispatches: dict[int, Dispatch] = {}
        self._landmarks: dict[int, Mapping[int, Landmark]] = {}

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
            known = self.entries.get(entry)
            self._doors[key] = self._code.door(entry, known, from_user=from_user)
        return self._doors[key]

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
                entry_dispatch(self.listing, door.entry, door.inward, self.dispatch_names)
                if door.function is None
                else find_dispatch(self.listing, door.function, self.dispatch_names, door.passed)
            )
        return self._dispatches[door.entry]

    @cached_property
    def dispatches(self) -> tuple[Dispatch, ...]:
        """How the handlers are picked behind all doors of calls."""
        doors = (self.door(entry, from_user=True) for entry in self.entries)
        return tuple(filter(None, map(self.dispatch_of, doors)))

    @cached_property
    def checks(self) -> Mapping[int, str]:
        """Comparisons that decide whether SYSRET is possible: address to the check's name."""
        if self.syscall is None:
            return {}
        dispatch = self.dispatch_of(self.syscall)
        return {**({} if dispatch is None else dispatch.checks), **self.syscall.checks}

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

    # --- landmarks ---------------------------------------------------------------------------

    @property
    def landmarks(self) -> Mapping[int, Landmark]:
        """Landmarks of the architecture's own calls; empty where their door is not understood."""
        return {} if self.syscall is None else self.landmarks_of(self.syscall)

    def landmarks_of(self, door: Door) -> Mapping[int, Landmark]:
        """Landmarks with an address of their own. Where two meet, the one named first here."""
        if door.entry not in self._landmarks:
            dispatch = self.dispatch_of(door)
            found = landmarks.landmarks(self, self.listing, door, dispatch)
            self._landmarks[door.entry] = found
        return self._landmarks[door.entry]

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Names of the landmarks that this image's path could not be told by."""
        entry = None if self.entry is None else self.entries[self.entry]
        return landmarks.missing(self.landmarks.values(), entry, self.syscall, self.dispatch)

    def work_out(self) -> None:
        """Work all entries out now, where code that is asked for later is known already.

        The first stop in the kernel would have to wait for it: some 10 ms.
        """
        for entry in self.entries:
            door = self.door(entry, from_user=True)
            if door is not None:
                door.known(entry)
                self.landmarks_of(door)
