"""A target's memory and code as they are now, and what their addresses are called."""

from systui.arch.spec import SyscallConvention
from systui.decode.disassembly import LONGEST, Disassembler
from systui.kernel.listing import Listing
from systui.kernel.view import KernelView, ProgramView
from systui.model.code import Location
from systui.model.operation import Operation
from systui.model.stop import MemoryRange, Space
from systui.target.protocol import Target

_CALL_SIZE = 2
_SYSCALL = b"\x0f\x05"


class LiveCode:
    """Those of one target, with the kernel and the program known to be in it."""

    def __init__(self, target: Target, kernel: KernelView, program: ProgramView | None) -> None:
        self.target = target
        self.kernel = kernel
        self.program = program
        self.arch = kernel.arch
        self.disassembler = Disassembler(kernel.arch.bits, names=self.beginning_at)
        self._compat: Disassembler | None = None
        self.user_cs: int | None = None
        """The code segment of the user's code seen last."""
        self.path = kernel.read_code(self.disassembler.operations, (self.read,))

    def space(self, address: int) -> Space:
        """Which way an address is looked up: the two halves never overlap."""
        return Space.KERNEL if address >= self.arch.kernel_start else Space.USER

    def read(self, address: int, size: int) -> bytes | None:
        """Bytes of memory; None where they cannot be read whole."""
        return self.target.read_memory([MemoryRange(self.space(address), address, size)])[0]

    def operation(self, address: int) -> Operation | None:
        """The instruction at `address`, from live memory."""
        if address >= self.arch.kernel_start:
            return self.path.listing.operation(address)
        for size in (LONGEST, min(LONGEST, 4096 - address % 4096)):
            code = self.read(address, size)
            if code is not None:
                return self.decoder(address).operation(address, code)
        return None

    def decoder(self, address: int) -> Disassembler:
        """What decodes the code at `address`: 32-bit programs run on 64-bit kernels too."""
        if address >= self.arch.kernel_start or not self.runs_compat:
            return self.disassembler
        if self._compat is None:
            self._compat = Disassembler(32, self.arch.bits, names=self.beginning_at)
        return self._compat

    @property
    def runs_compat(self) -> bool:
        """Whether the program's code is 32-bit code on a 64-bit kernel."""
        return self.user_cs is not None and self.user_cs == self.arch.compat_cs

    def listing_at(self, address: int) -> Listing:
        """The code around `address`, the kernel's or the program's."""
        if address >= self.arch.kernel_start:
            return self.path.listing
        return Listing(self.decoder(address).operations, (self.read,))

    def locate(self, address: int) -> Location:
        """What an address is called, in the kernel or the program."""
        if address >= self.arch.kernel_start:
            return self.kernel.locate(address)
        return Location(address) if self.program is None else self.program.locate(address)

    def beginning_at(self, address: int) -> str:
        """The name of what begins at an address; empty where nothing that has one does."""
        location = self.locate(address)
        return location.symbol or "" if location.offset == 0 else ""

    def calling(self, pc: int) -> SyscallConvention | None:
        """How the user's instruction at `pc` passes a system call; None where it makes none."""
        code = self.read(pc, _CALL_SIZE)
        if code == _SYSCALL and self.runs_compat:
            return self.arch.compat
        return None if code is None else self.path.instructions.get(code)
