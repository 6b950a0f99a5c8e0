"""Kernel functions that are answered from outside.

When the CPU reaches the first instruction of a gate, the answer is worked out here and the
function returned from, as one step. Which functions are gates is told by the image's symbols.
"""

import struct
from collections.abc import Callable, Mapping
from operator import is_
from typing import NamedTuple

from systui.arch.x86_64 import X86_64
from systui.services.ports import Blocked, DescriptorView
from systui.services.system import System
from systui.target.emulator.boot import Kernel
from systui.target.emulator.mmu import Mmu

_MASK = (1 << 64) - 1
_FRAME = struct.Struct(f"<{len(X86_64.pt_regs.fields)}Q")
_OFFSETS = X86_64.pt_regs.offsets
ARGUMENTS = ("di", "si", "dx", "r10", "r8", "r9")
"""Fields of pt_regs that hold a call's arguments."""
_SIGNAL_PENDING = 1 << 2
"""TIF_SIGPENDING (asm/thread_info.h); flags are the first member of the task structure."""
_FILE_SIZE = 16
_NOTHING = (None, None, None)
_CLOSED = DescriptorView(0, 0)


class Call(NamedTuple):
    """A gate's arguments as the C calling convention passes them."""

    arguments: tuple[int, ...]
    returns_to: int = 0
    refused: bool = False
    """The function's own code was tried and failed."""


class Elsewhere(NamedTuple):
    """The function's work is done, but for its end at `address`, which is jumped to."""

    address: int


class Native(NamedTuple):
    """Not answered: the function's own code runs."""

    name: str = ""
    """The call whose handler it is; empty for a function that is no gate as it was called."""


NATIVE = Native()


class Frame:
    """A pt_regs in guest memory: `systui.services.ports.UserFrame`."""

    def __init__(self, mmu: Mmu, address: int) -> None:
        self._mmu = mmu
        self._address = address
        data = mmu.read(address, _FRAME.size) or bytes(_FRAME.size)
        self._values: dict[str, int] = dict(zip(_OFFSETS, _FRAME.unpack(data), strict=True))

    def get(self, field: str) -> int:
        """The field's value; 0 where the frame lies outside memory."""
        return self._values[field]

    def set(self, field: str, value: int) -> None:
        """Store `value`, taken modulo 2**64."""
        self._values[field] = value & _MASK
        self._mmu.write(self._address + _OFFSETS[field], (value & _MASK).to_bytes(8, "little"))


Answer = Callable[[Call], int | Blocked | Elsewhere | Native]


class Gates:
    """The gates of the bundled kernel, answered by one system."""

    catches_faults = False
    """Faults in kernel text are the machine's business, not the kernel's own."""

    def __init__(self, kernel: Kernel, mmu: Mmu, system: System) -> None:
        self._kernel = kernel
        self._mmu = mmu
        self._system = system
        self._task = kernel.thread_flags
        self._files = kernel.address("init_files") or 0
        self._count = self._table_length(kernel)
        self.mirrored: Mapping[int, DescriptorView] = {}
        """The descriptors that the kernel's memory shows."""
        self._source: tuple[object, object, object] = _NOTHING
        """The immutable values that they were told from."""
        answers: Mapping[str, Answer] = {
            "serve_syscall": self._syscall,
            "serve_signal": self._signal,
            "serve_fault": self._fault,
        }
        found = ((kernel.address(name), answer) for name, answer in answers.items())
        self.answers: dict[int, Answer] = {
            address: answer for address, answer in found if address is not None
        }
        """What answers at each gate's address."""
        self.answers_timer = kernel.address("serve_signal") is not None
        """A timer's interrupt leads to the delivery of signals."""

    def _table_length(self, kernel: Kernel) -> int:
        symbol = kernel.image.symbol("init_files")
        served = kernel.image.symbol("serve_syscall") is not None
        return symbol.size // _FILE_SIZE if symbol is not None and served else 0

    def _syscall(self, call: Call) -> int | Blocked:
        frame = Frame(self._mmu, call.arguments[0])
        return self._serve(frame, tuple(frame.get(field) for field in ARGUMENTS))

    def _serve(self, frame: Frame, arguments: tuple[int, ...]) -> int | Blocked:
        result = self._system.call(frame.get("orig_ax"), arguments, frame)
        if not isinstance(result, Blocked):
            self.mirror()
        return result

    def _signal(self, call: Call) -> int:
        self._system.deliver(Frame(self._mmu, call.arguments[0]))
        self.mirror()
        return 0

    def _fault(self, call: Call) -> int:
        regs, vector, error_code, address = call.arguments[:4]
        self._system.fault(vector, error_code, address, Frame(self._mmu, regs))
        self.mirror()
        return 0

    # what kernel code sees of the services' state

    def mirror(self) -> None:
        """Show the kernel's C code the descriptors, and whether a signal is pending."""
        system = self._system
        source = (system.task.descriptors, system.open.table, system.sockets)
        if not all(map(is_, source, self._source)):
            self._source = source
            self._show_descriptors(system.descriptors())
        self._show_pending()

    def restored(self, mirrored: Mapping[int, DescriptorView]) -> None:
        """Memory was put back, and shows `mirrored` now."""
        self.mirrored = mirrored
        self._source = _NOTHING

    def _show_descriptors(self, now: Mapping[int, DescriptorView]) -> None:
        before = self.mirrored
        for number in before.keys() | now.keys():
            view = now.get(number, _CLOSED)
            if before.get(number, _CLOSED) != view and number < self._count:
                words = b"".join(word.to_bytes(4, "little") for word in view)
                self._mmu.write(self._files + number * _FILE_SIZE, words)
        self.mirrored = dict(now)

    def _show_pending(self) -> None:
        flags = self._mmu.read_word(self._task) or 0
        wanted = flags & ~_SIGNAL_PENDING
        if self._system.signal_pending:
            wanted |= _SIGNAL_PENDING
        if wanted != flags:
            self._mmu.write(self._task, wanted.to_bytes(8, "little"))
