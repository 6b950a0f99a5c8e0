"""A task's registers beside pt_regs, as services reach them: segment bases and the FPU."""

import struct

from systui.target.emulator.cpu import Cpu
from systui.target.emulator.engine import MSR_KERNEL_GS_BASE
from systui.target.emulator.mmu import Mmu

_FXSAVE = 512
_ST_AT, _XMM_AT = 32, 160

# uc_x86_reg (x86.h)
_STATUS, _CONTROL, _TAGS, _MXCSR = 31, 246, 247, 249
_ST, _XMM = 114, 122


class Thread:
    """The one running thread: `systui.services.ports.ThreadRegisters`. Used in ring 0."""

    def __init__(self, cpu: Cpu, mmu: Mmu, own_segments: int) -> None:
        """`own_segments`: address of the task's own descriptors in the GDT."""
        self._cpu = cpu
        self._mmu = mmu
        self._own_segments = own_segments

    @property
    def fs_base(self) -> int:
        """The user's FS base."""
        return self._cpu.read("fs_base")

    @fs_base.setter
    def fs_base(self, value: int) -> None:
        self._cpu.write("fs_base", value)

    @property
    def gs_base(self) -> int:
        """The user's GS base: behind swapgs while the kernel runs."""
        return self._cpu.read_msr(MSR_KERNEL_GS_BASE)

    @gs_base.setter
    def gs_base(self, value: int) -> None:
        self._cpu.write("kernel_gs_base", value)

    def segment(self, index: int) -> int:
        """Descriptor `index` of the task's own in the GDT."""
        return self._mmu.read_word(self._own_segments + 8 * index) or 0

    def set_segment(self, index: int, descriptor: int) -> None:
        """Put a descriptor there."""
        self._mmu.write(self._own_segments + 8 * index, descriptor.to_bytes(8, "little"))

    def fpu(self) -> bytes:
        """What FXSAVE64 would store (Intel SDM vol. 1, 10.5.1)."""
        read = self._cpu.read_bytes
        image = bytearray(_FXSAVE)
        image[0:2] = read(_CONTROL, 2)
        image[2:4] = read(_STATUS, 2)
        image[4] = _abridged(int.from_bytes(read(_TAGS, 2), "little"))
        struct.pack_into("<II", image, 24, int.from_bytes(read(_MXCSR, 4), "little"), 0xFFFF)
        for index in range(8):
            at = _ST_AT + 16 * index
            image[at : at + 10] = read(_ST + index, 10)
        for index in range(16):
            at = _XMM_AT + 16 * index
            image[at : at + 16] = read(_XMM + index, 16)
        return bytes(image)

    def set_fpu(self, image: bytes) -> None:
        """Load what FXRSTOR64 would."""
        write = self._cpu.write_bytes
        write(_CONTROL, image[0:2])
        write(_STATUS, image[2:4])
        for index in range(8):
            at = _ST_AT + 16 * index
            write(_ST + index, image[at : at + 10])
        write(_TAGS, _full(image[4]).to_bytes(2, "little"))
        write(_MXCSR, image[24:28])
        for index in range(16):
            at = _XMM_AT + 16 * index
            write(_XMM + index, image[at : at + 16])


def _abridged(tags: int) -> int:
    """FXSAVE's one bit per register (1: valid) from FSAVE's two (3: empty)."""
    return sum(1 << index for index in range(8) if tags >> 2 * index & 3 != 3)


def _full(valid: int) -> int:
    return sum(3 << 2 * index for index in range(8) if not valid >> index & 1)
