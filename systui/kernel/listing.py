"""An image's code as operations, decoded where it is walked."""

from collections.abc import Callable, Sequence

from systui.model.operation import Flow, MemoryOperand, Operation
from systui.model.stop import Read

Decode = Callable[[int, bytes], Sequence[Operation]]
"""Bytes at an address to instructions, up to the first bytes that are none."""

_CHUNK = 192
"""Bytes read at once: a recording holds what is read, and shows as much beyond where it stands."""
AHEAD = 48
"""Bytes decoded at once: most code is left by a jump before more of it is walked."""
_KEPT = 32768
"""Instructions remembered: some 20 MB."""


class Listing:
    """Instructions by address, each decoded once.

    `reads` are tried in order: live memory first shows the code as patched, the image as built.
    """

    def __init__(self, decode: Decode, reads: Sequence[Read]) -> None:
        self._decode = decode
        self._reads = tuple(reads)
        self._operations: dict[int, Operation] = {}
        self._absent: set[int] = set()

    def operation(self, address: int) -> Operation | None:
        """The instruction at `address`; None where nothing can be read or decoded."""
        found = self._operations.get(address)
        if found is None and address not in self._absent:
            self._fill(address)
            found = self._operations.get(address)
            if found is None:
                self._absent.add(address)
        return found

    def _fill(self, address: int) -> None:
        if len(self._operations) > _KEPT:
            self._operations.clear()
            self._absent.clear()
        for operation in self._decode(address, self.code(address)[:AHEAD]):
            if operation.instruction.address in self._operations:
                return
            self._operations[operation.instruction.address] = self._led_on(operation)

    def _led_on(self, operation: Operation) -> Operation:
        """With its target where it jumps through one pointer that memory holds.

        So entry code of paravirt kernels ends until booting makes a plain jump of it
        (INTERRUPT_RETURN in arch/x86/include/asm/irqflags.h of Linux until 5.11).
        """
        memory = operation.source
        if operation.flow is not Flow.JUMP or not isinstance(memory, MemoryOperand):
            return operation
        if memory.base or memory.index or memory.segment or memory.size not in (4, 8):
            return operation
        place = memory.displacement & (1 << 8 * memory.size) - 1
        word = next(filter(None, (read(place, memory.size) for read in self._reads)), b"")
        target = int.from_bytes(word, "little") or None
        return operation._replace(instruction=operation.instruction._replace(target=target))

    def code(self, address: int) -> bytes:
        """Some bytes from `address` on, as many as can be had; empty where none can be read."""
        # Close to the end of what can be read, no more than the last few bytes may be had.
        for size in (_CHUNK, 64, *range(15, 0, -1)):
            for read in self._reads:
                found = read(address, size)
                if found is not None:
                    return found
        return b""
