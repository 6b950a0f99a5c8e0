"""What a stop's memory tells of its way: the frame's fields, the stack's words, the CPU's own."""

from collections.abc import Mapping

from systui.arch.spec import Architecture
from systui.model.stop import Read


class KernelStack:
    """Reads one architecture's."""

    def __init__(self, arch: Architecture) -> None:
        self.size = max(arch.thread_sizes)
        """Bytes, and what it is aligned to."""
        self._arch = arch
        self._word = arch.word
        self._layout = arch.pt_regs
        self._kernel = arch.kernel_start

    def fields(self, frame: int | None, read: Read) -> dict[str, int]:
        """The pt_regs at `frame` by their names; empty where they cannot be read."""
        raw = None if frame is None else read(frame, self._layout.size)
        if raw is None:
            return {}
        return {
            name: int.from_bytes(raw[offset : offset + self._word], "little")
            for name, offset in self._layout.fields
        }

    def words(self, sp: int, read: Read) -> list[int]:
        """The stack from `sp` to its top, as far as it can be read."""
        end = (sp | self.size - 1) + 1
        raw = read(sp, end - sp)
        while raw is None and end > sp:
            end = (end - 1) & ~0xFFF
            raw = read(sp, end - sp) if end > sp else b""
        raw = raw or b""
        return [
            int.from_bytes(raw[at : at + self._word], "little")
            for at in range(0, len(raw) - self._word + 1, self._word)
        ]

    def percpu(self, offset: int, registers: Mapping[str, int], read: Read) -> int | None:
        """The word of this CPU's memory at `offset`."""
        bases = (registers.get(name, 0) for name in ("gs_base", "kernel_gs_base"))
        base = next((value for value in bases if value >= self._kernel), None)
        raw = None if base is None else read((base + offset) & self._arch.mask, self._word)
        return None if raw is None else int.from_bytes(raw, "little")
