"""pt_regs while it is being built, and the ledger of each register's fate."""

from enum import Enum
from typing import NamedTuple


class Written(Enum):
    """Whether a slot holds what this path stored in it."""

    YES = "written"
    NO = "unwritten"
    UNKNOWN = "unknown"


class StackKind(Enum):
    """Which stack an address lies on."""

    USER = "user"
    TRAMPOLINE = "trampoline"
    """The entry stack in the CPU entry area, used around CR3 switches under PTI."""
    THREAD = "thread"
    OTHER = "other"
    """An interrupt, IST or unrecognised stack."""


class Slot(NamedTuple):
    """One word of pt_regs."""

    name: str
    """The field's kernel name: `orig_ax`, `di`, `r15`, …"""
    address: int
    value: int | None
    """None where the word cannot be read or is not this path's."""
    written: Written
    by: str | None = None
    """Who stored it: the instruction's text, or `CPU`."""
    position: int | None = None
    """The position at which the store was the last thing to have run; None when not seen."""
    restored: bool = False
    """Read back into its register on the way out."""


class PtRegs(NamedTuple):
    """A pt_regs frame at one moment, highest address (`ss`) first."""

    address: int
    """Of the structure's lowest byte, i.e. of `r15` on x86_64."""
    stack: StackKind
    slots: tuple[Slot, ...]
    moved_from: int | None = None
    """Where the frame stood before the entry moved it to the thread stack."""
    just_written: str | None = None
    """Name of the slot that the last instruction stored."""

    @property
    def digits(self) -> int:
        """Hexadecimal digits of a slot, which is as wide as its neighbour is far."""
        return 2 * abs(self.slots[0].address - self.slots[1].address)

    @property
    def complete(self) -> bool:
        """Every slot that this path saves is stored."""
        return all(slot.written is Written.YES for slot in self.slots)

    def slot(self, name: str) -> Slot:
        """The slot called `name`; KeyError when there is none."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise KeyError(name)


class LedgerRow(NamedTuple):
    """What became of one user register during a call."""

    register: str
    user_value: int | None
    kept_in: str | None
    """The pt_regs field that keeps it or will; until then the per-CPU word that it was put in
    (`old_rsp`, `cpu_tss_rw+0x14`). None where there is neither (rcx and r11 of `syscall`)."""
    saved_at: int | None
    """Position of the store, None while not saved."""
    clobbered_by: str | None
    """Text of the first instruction that changed it; `CPU` where `syscall` itself did."""
    clobbered_at: int | None
    restored_by: str | None
    restored_at: int | None
    after: int | None
    """Its value back in user mode; None while the call is under way."""
    preserved: bool = False
    """C code gives it back as it found it, so the entry need not keep it (System V ABI)."""
