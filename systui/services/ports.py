"""The seams between services and the machine underneath: protocols and the values that cross."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from systui.services.memory import AddressSpace, Page


class UserFault(Exception):  # noqa: N818  not an error of ours: the program passed a bad pointer
    """A user address could not be read or written; the call answers -EFAULT."""

    def __init__(self, address: int) -> None:
        super().__init__(f"user address {address:#x}")
        self.address = address


INITIAL_FPU = b"\x7f\x03" + bytes(22) + b"\x80\x1f\0\0" + bytes(484)
"""An FXSAVE image: what a program or a signal handler starts with (FCW 0x37f, MXCSR 0x1f80)."""


class Pager(Protocol):
    """One address space as the machine keeps it.

    Ranges handed over are page-aligned except in `read` and `write`. Pages come into being by
    `AddressSpace.page` when they are first touched.
    """

    slot: int
    """Its number, which no other living address space has."""

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes as the program could read them; UserFault at the first that it could not."""

    def write(self, address: int, data: bytes) -> None:
        """Store `data` as the program could; UserFault, with what lay before the fault written."""

    def drop(self, start: int, end: int) -> None:
        """Forget the pages of [start, end): unmapped, replaced, or MADV_DONTNEED."""

    def protect(self, start: int, end: int, prot: int) -> None:
        """Give the pages present in [start, end) the protection `prot` (PROT_* bits)."""

    def move(self, old: int, new: int, size: int) -> None:
        """Move the pages present in [old, old+size) to [new, new+size), with their contents."""

    def fork(self) -> "Pager":
        """Another address space with the same contents; Refused(ENOMEM, EAGAIN)."""

    def fresh(self) -> "Pager":
        """Another address space, empty; Refused(ENOMEM, EAGAIN)."""

    def release(self) -> None:
        """Nobody uses the address space any more."""

    def fill_from(self, source: "Callable[[int, int], Page | None]") -> None:
        """Let `source` (`AddressSpace.page`) say what a page holds when it is first touched."""


class UserFrame(Protocol):
    """The calling task's pt_regs: fields by their kernel names (`ax`, `orig_ax`, `ip`, `sp`, …)."""

    def get(self, field: str) -> int:
        """The field's value, unsigned 64 bits."""

    def set(self, field: str, value: int) -> None:
        """Store `value`, taken modulo 2**64."""


class ThreadRegisters(Protocol):
    """What a task has beside pt_regs: segment bases and the FPU."""

    fs_base: int
    gs_base: int
    """The user's GS base, whichever of the two MSRs holds it at the moment."""

    def segment(self, index: int) -> int:
        """Descriptor `index` of the task's own (GDT_ENTRY_TLS_MIN on); 0 for an empty one."""

    def set_segment(self, index: int, descriptor: int) -> None:
        """Put a segment descriptor there."""

    def fpu(self) -> bytes:
        """The 512 bytes FXSAVE64 would store (Intel SDM vol. 1, 10.5.1)."""

    def set_fpu(self, image: bytes) -> None:
        """Load the 512 bytes as FXRSTOR64 would."""


class Blocked(NamedTuple):
    """The call must wait for something outside; asked again later, it starts anew."""

    reason: str
    """What for, in words for a person."""
    wants_input: bool = False
    """Input to the program (`System.feed`) would let it go on."""
    deadline: int | None = None
    """It goes on by itself then (monotonic clock, nanoseconds)."""
    futex: "tuple[object, ...] | None" = None
    """The futex that it waits for, and with which bits: FUTEX_WAKE wakes it."""


class Sleeps(Exception):  # noqa: N818  not an error: the call waits
    """A call waits until a moment, and other tasks may run meanwhile."""

    def __init__(self, deadline: int) -> None:
        super().__init__(deadline)
        self.deadline = deadline


class Ended(NamedTuple):
    """How the program ended."""

    status: int | None
    """The argument of exit, 0–255; None when a signal ended it."""
    signal: int | None = None
    signal_name: str = ""
    """`SIGSEGV`."""
    core: bool = False
    """The default action is to dump core (none is written)."""
    address: int | None = None
    """The faulting address, where the signal came from a memory fault."""
    code: int = 0
    """si_code."""
    ip: int | None = None
    """User instruction pointer at the end."""

    @property
    def exit_status(self) -> int:
        """The shell's view: the status, or 128 + signal."""
        return 128 + (self.signal or 0) if self.status is None else self.status


class Happened(NamedTuple):
    """What comes to a task: told to whoever watches."""

    tid: int
    kind: str
    """`signal`, `stopped`, `exited`, `killed`."""
    signal: str = ""
    info: bytes = b""
    interrupted: int | None = None
    """Signed result of the call that a signal found under way."""
    status: int = 0
    core: bool = False


class Loader(Protocol):
    """Lays a program into an empty address space for execve."""

    def __call__(
        self,
        memory: "AddressSpace",
        image: bytes,
        path: str,
        arguments: list[str],
        environment: list[str],
        ids: tuple[int, int],
    ) -> tuple[int, int, int]:
        """Entry point, stack pointer and bits of its code (64 or 32).

        Refused(ENOEXEC and others) where it is no program.
        """


class DescriptorView(NamedTuple):
    """A descriptor as the bundled kernel's C code sees it (its `struct file`)."""

    kind: int
    """0 closed, 1 regular, 2 directory, 3 character device, 4 pipe, 5 socket."""
    flags: int
    """O_* flags of the open file."""
    state: int = 0
    """Sockets: 0 unconnected, 1 bound, 2 listening, 3 connected."""
    type: int = 0
    """Sockets: SOCK_*."""
