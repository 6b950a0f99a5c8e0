"""The instructions around an address, as they are and, where that differs, as they were built."""

from systui.decode.built import same_code
from systui.decode.disassembly import LONGEST, Disassembler
from systui.model.code import Instruction
from systui.model.stop import Read
from systui.session.livecode import LiveCode

CODE_AFTER = 80
"""Bytes from an address on that are told."""
_CODE_BEFORE = 48
_FAR = 4096
"""Bytes from a function's start up to which its instructions are told one by one."""
_LENGTHS = range(LONGEST, 0, -1)
"""Bytes in which an instruction is looked for, the longest first."""
_WINDOWS = 2048
"""Pieces of disassembly kept: some 2 MB."""


class NearbyCode:
    """That of one target."""

    def __init__(self, live: LiveCode) -> None:
        self._live = live
        self._arch = live.arch
        self._builder = Disassembler(self._arch.bits, names=self._built_beginning)
        self.whole = True
        """Whether all the instructions around an address are told, or only the one at it."""
        self._windows: dict[tuple[int, bytes], tuple[Instruction, ...]] = {}

    def at(self, address: int) -> tuple[Instruction, ...]:
        """Live disassembly around `address`."""
        size = min(CODE_AFTER, 4096 - address % 4096)
        return self.around(address, self._live.read(address, size))

    def around(self, pc: int, after: bytes | None) -> tuple[Instruction, ...]:
        """The same where `after`, the bytes from pc on, is read already; empty without them."""
        if after is None:
            return ()
        known = self._windows.get((pc, after))
        if known is None:
            if len(self._windows) >= _WINDOWS:
                self._windows.clear()
            known = self._decoded(pc, after)
            self._windows[pc, after] = known
        return known

    def _decoded(self, pc: int, after: bytes) -> tuple[Instruction, ...]:
        if not self.whole:
            operation = self._live.decoder(pc).operation(pc, after)
            found = [] if operation is None else [operation.instruction]
        else:
            following = self._live.decoder(pc).operations(pc, after)
            found = [*self._preceding(pc), *(each.instruction for each in following)]
        read = self._live.kernel.built
        if read is None or pc < self._arch.kernel_start:
            return tuple(found)
        return tuple(self._beside_built(each, read) for each in found)

    def _beside_built(self, live: Instruction, read: Read) -> Instruction:
        """An instruction of the kernel, with what the image has there where that is another."""
        built = read(live.address, len(live.code))
        if built is None or same_code(live.code, built, self._live.kernel.slide):
            return live
        return live._replace(built=self._built_at(live.address, read) or built.hex())

    def _built_beginning(self, address: int) -> str:
        return self._live.beginning_at(address + self._live.kernel.slide)

    def _built_at(self, address: int, read: Read) -> str | None:
        """The image's instruction of which the byte at `address` is a part."""
        kernel = self._live.kernel
        named = kernel.image.locate(address - kernel.slide)
        start = address - named[1] if named is not None and named[1] < _FAR else address
        sizes = (address - start + length for length in _LENGTHS)
        code = next(filter(None, (read(start, size) for size in sizes)), b"")
        found = self._builder.operations(start, code)
        return next(
            (each.instruction.text for each in found if each.instruction.end > address), None
        )

    def _preceding(self, pc: int) -> tuple[Instruction, ...]:
        """Instructions before pc, from the function's or label's start where that is near."""
        location = self._live.locate(pc)
        distance = location.offset if location.symbol is not None else 0
        start = pc - distance
        if not 0 < distance <= _CODE_BEFORE * 8:
            return ()
        found = []
        address = start
        while address < pc:
            operation = self._live.operation(address)
            if operation is None:
                return ()
            if address >= pc - _CODE_BEFORE:
                found.append(operation.instruction)
            address = operation.instruction.end
        return tuple(found) if address == pc else ()
