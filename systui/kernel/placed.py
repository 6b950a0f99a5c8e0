"""A kernel image where it runs: its names at run-time addresses, and the places known by them."""

from collections.abc import Iterable
from functools import cached_property

from systui.arch.spec import Architecture
from systui.kernel import spellings
from systui.kernel.dispatch import Names
from systui.kernel.named import Named
from systui.model.code import Symbol

_FARTHEST = 1 << 24
"""Bytes within which the next symbol is looked for."""


class PlacedKernel:
    """One image, `slide` bytes above where it was linked for."""

    def __init__(self, image: Named, arch: Architecture, slide: int = 0) -> None:
        self._image = image
        self._arch = arch
        self._slide = slide

    # --- names -------------------------------------------------------------------------------

    def address(self, name: str) -> int | None:
        """The run-time address of symbol `name`."""
        symbol = self._image.symbol(name)
        return None if symbol is None else symbol.address + self._slide

    def addresses(self, names: Iterable[str]) -> frozenset[int]:
        """Where those of `names` are that the image has."""
        found = (self.address(name) for name in names)
        return frozenset(address for address in found if address is not None)

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

    def built(self, address: int, size: int) -> bytes | None:
        """The image's own bytes at run-time `address`."""
        return self._image.read(address - self._slide, size)

    # --- places known by name ----------------------------------------------------------------

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
        return self.addresses(spellings.GATES)

    @cached_property
    def served(self) -> frozenset[int]:
        """Where the bundled kernel's own code of a call ends and it is answered from outside."""
        return self.addresses(spellings.GATES[:1])

    @cached_property
    def editors(self) -> frozenset[int]:
        """First instructions of functions that may edit pt_regs when they are so answered."""
        return self.gates | self.addresses(spellings.EDITORS)

    @cached_property
    def missing_handlers(self) -> frozenset[int]:
        """Handlers that only say -ENOSYS: a number that reaches one has no handler."""
        return self.addresses(spellings.MISSING)

    @cached_property
    def switches(self) -> frozenset[int]:
        """Functions that pick the handler by a switch over the number."""
        return self.addresses(spellings.SWITCHES.values())

    @cached_property
    def dispatch_names(self) -> Names:
        """What the code that picks a handler is recognised by."""
        return Names(
            self.addresses(spellings.TABLES.values()),
            self.addresses(spellings.INDIRECT_THUNK + register for register in self._arch.general),
            self.switches,
            self.addresses(spellings.INNER),
            self.missing_handlers,
            self.addresses(spellings.RETURN_THUNKS),
        )

    def chooses(self, address: int) -> bool:
        """Whether `address` lies in code between the dispatching call and the handler.

        That is a retpoline, which only passes control on, or a switch over the number, with
        what they call and return through.
        """
        if not self.dispatch_names.thunks and not self.switches:
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
        return self.dispatch_names.return_thunks | self.addresses(spellings.TRACE_HOOKS)

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
        return self.call_exit_work | self.addresses(spellings.EXCEPTION_EXIT_WORK)

    @cached_property
    def call_exit_work(self) -> frozenset[int]:
        """Those of them that see to it behind a system call."""
        rare = self.addresses(spellings.RARE_EXIT_WORK)
        return (
            self.addresses(spellings.EXIT_WORK)
            or frozenset(each for each in rare if each not in self.entry_text)
            or self.addresses(spellings.OLD_EXIT_WORK)
        )

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
