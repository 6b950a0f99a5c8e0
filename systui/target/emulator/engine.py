"""One Unicorn engine: its memory, registers and saved contexts.

`cpu` runs it. Unicorn has no way to set the privilege level: `set_privilege` edits a saved context
and puts it back (see `offsets`).
"""

import ctypes
import mmap
import struct
import weakref
from collections.abc import Sequence
from ctypes import c_int, c_uint64, c_void_p

from systui.target.emulator import library as lib
from systui.target.emulator.offsets import Offsets

# uc_x86_reg (x86.h)
_REGISTER_IDS = {
    "rax": 35,
    "rbx": 37,
    "rcx": 38,
    "rdx": 40,
    "rsi": 43,
    "rdi": 39,
    "rbp": 36,
    "rsp": 44,
    **{f"r{number}": 98 + number for number in range(8, 16)},
    "rip": 41,
    "rflags": 25,
    "cs": 11,
    "ss": 49,
    "ds": 17,
    "es": 28,
    "fs": 32,
    "gs": 33,
    "fs_base": 250,
    "gs_base": 251,
    "cr2": 52,
    "cr3": 53,
}
_REGISTER_MSR = 248
_REGISTER_CR0, _REGISTER_CR4 = 50, 54
_REGISTER_GDTR, _REGISTER_IDTR, _REGISTER_TR = 243, 242, 245
_QEMU_ORDER = (
    *("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"),
    *(f"r{number}" for number in range(8, 16)),
)
MSR_EFER, MSR_KERNEL_GS_BASE = 0xC000_0080, 0xC000_0102

NAMES = (*_REGISTER_IDS, "kernel_gs_base")
"""Order of the values that `Engine.refresh` yields."""
RIP, RFLAGS = NAMES.index("rip"), NAMES.index("rflags")
RSP = NAMES.index("rsp")
CS_INDEX = NAMES.index("cs")

_NO_UNTIL = 0xFFFF_FFFF_FFFF_FFFF


class _Msr(ctypes.Structure):
    _fields_ = (("rid", ctypes.c_uint32), ("value", c_uint64))


class _Table(ctypes.Structure):
    _fields_ = (
        ("selector", ctypes.c_uint16),
        ("base", c_uint64),
        ("limit", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
    )


class Engine:
    """An x86_64 CPU in long mode and its physical memory, standing still.

    `registers` holds the values of the last `refresh`, in the order of `NAMES`.
    """

    _offsets: Offsets

    def __init__(self, memory_size: int) -> None:
        """`memory_size`: bytes of RAM from physical 0."""
        self._lib = lib.load()
        self.memory = mmap.mmap(-1, memory_size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._pin = (ctypes.c_char * memory_size).from_buffer(self.memory)
        handle = c_void_p()
        self._ok(self._lib.uc_open(lib.ARCH_X86, lib.MODE_64, ctypes.byref(handle)))
        self._uc: int = handle.value or 0
        self._finalizer = weakref.finalize(self, self._lib.uc_close, self._uc)
        self._finalizer.atexit = False
        self._ok(
            self._lib.uc_mem_map_ptr(
                self._uc, 0, memory_size, lib.PROT_ALL, ctypes.addressof(self._pin)
            )
        )
        self._start = self._lib.uc_emu_start
        self._prepare_registers()
        self._prepare_context()

    # registers

    def _prepare_registers(self) -> None:
        count = len(NAMES)
        self.registers = (c_uint64 * count)()
        self._ids = (c_int * count)(*_REGISTER_IDS.values(), _REGISTER_MSR)
        self._gs = _Msr(MSR_KERNEL_GS_BASE, 0)
        base = ctypes.addressof(self.registers)
        self._pointers = (c_void_p * count)(
            *(base + 8 * index for index in range(count - 1)), ctypes.addressof(self._gs)
        )
        self._batch = self._lib.uc_reg_read_batch
        self._read, self._write = self._lib.uc_reg_read, self._lib.uc_reg_write
        self._cell = c_uint64()
        self._cell_pointer = ctypes.byref(self._cell)
        self._unpack = struct.Struct(f"<{count}Q").unpack

    def refresh(self) -> tuple[int, ...]:
        """Read all registers; their values in the order of `NAMES`."""
        self._batch(self._uc, self._ids, self._pointers, len(NAMES))
        self.registers[-1] = self._gs.value
        return self._unpack(self.registers)

    def read(self, name: str) -> int:
        """One register, straight from the CPU."""
        return self._read_id(_REGISTER_IDS[name])

    def pc(self) -> int:
        """RIP."""
        self._read(self._uc, _REGISTER_IDS["rip"], self._cell_pointer)
        return self._cell.value

    def _read_id(self, register: int) -> int:
        self._cell.value = 0
        self._ok(self._read(self._uc, register, self._cell_pointer))
        return self._cell.value

    def write(self, name: str, value: int) -> None:
        """Set one general, pointer, flags, base or control register."""
        if name == "kernel_gs_base":
            self.write_msr(MSR_KERNEL_GS_BASE, value)
        else:
            self._write_id(_REGISTER_IDS[name], value)

    def _write_id(self, register: int, value: int) -> None:
        self._cell.value = value
        self._ok(self._write(self._uc, register, self._cell_pointer))

    def read_bytes(self, register: int, size: int) -> bytes:
        """A register by Unicorn's number, as the bytes that it fills."""
        cell = ctypes.create_string_buffer(16)
        self._ok(self._lib.uc_reg_read(self._uc, register, cell))
        return cell.raw[:size]

    def write_bytes(self, register: int, value: bytes) -> None:
        """Set a register by Unicorn's number."""
        cell = ctypes.create_string_buffer(value.ljust(16, b"\0"), 16)
        self._ok(self._lib.uc_reg_write(self._uc, register, cell))

    def write_msr(self, number: int, value: int) -> None:
        """Set a model-specific register."""
        self._ok(self._lib.uc_reg_write(self._uc, _REGISTER_MSR, ctypes.byref(_Msr(number, value))))

    def read_msr(self, number: int) -> int:
        """A model-specific register's value."""
        cell = _Msr(number, 0)
        self._ok(self._lib.uc_reg_read(self._uc, _REGISTER_MSR, ctypes.byref(cell)))
        return int(cell.value)

    def set_tables(
        self, gdt: tuple[int, int], idt: tuple[int, int], task: tuple[int, int, int]
    ) -> None:
        """Load GDTR and IDTR (base, limit) and TR (selector, base, limit)."""
        for register, (selector, base, limit, flags) in (
            (_REGISTER_GDTR, (0, *gdt, 0)),
            (_REGISTER_IDTR, (0, *idt, 0)),
            (_REGISTER_TR, (*task, 0x8B00)),
        ):
            cell = _Table(selector, base, limit, flags)
            self._ok(self._lib.uc_reg_write(self._uc, register, ctypes.byref(cell)))

    def enter_long_mode(self, cr3: int) -> None:
        """Turn on paging with the tables at `cr3`: PAE, NX, SSE, write protection in ring 0."""
        self._write_id(_REGISTER_IDS["cr3"], cr3)
        self._write_id(_REGISTER_CR4, 0x620)
        self.write_msr(MSR_EFER, 0xD01)
        self._write_id(_REGISTER_CR0, 0x8001_0033)

    def enter_protected_mode(self, cr3: int) -> None:
        """Likewise in 32 bits: leave long mode, and take PAE's tables at `cr3`."""
        self._write_id(_REGISTER_CR0, 0x33)
        self.write_msr(MSR_EFER, 0x800)
        self._write_id(_REGISTER_IDS["cr3"], cr3)
        self._write_id(_REGISTER_CR4, 0x620)
        self._write_id(_REGISTER_CR0, 0x8001_0033)

    @property
    def engine(self) -> int:
        """Address of Unicorn's engine structure (for calibration)."""
        return self._uc

    def plant(self, values: Sequence[int]) -> None:
        """Put `values` into the general registers, in the order QEMU keeps them."""
        for name, value in zip(_QEMU_ORDER, values, strict=True):
            self.write(name, value)

    def raw_run(self, pc: int, count: int) -> None:
        """Run from `pc` and look at nothing (for calibration)."""
        self._start(self._uc, pc, _NO_UNTIL, 0, count)

    def flush_blocks(self) -> None:
        """Forget translated code: needed after a write to code that the CPU did not do itself."""
        self._control(lib.CTL_FLUSH_BLOCKS)

    def flush_translations(self) -> None:
        """Forget cached address translations: needed after a change of page tables."""
        self._write_id(_REGISTER_IDS["cr3"], self.read("cr3"))

    def _control(self, kind: int, *arguments: object) -> None:
        self._ok(self._lib.uc_ctl(self._uc, lib.control(kind, len(arguments)), *arguments))

    # contexts

    def _prepare_context(self) -> None:
        pointer = c_void_p()
        self._ok(self._lib.uc_context_alloc(self._uc, ctypes.byref(pointer)))
        self._context = pointer.value or 0
        size = self._lib.uc_context_size(self._uc)
        self._context_bytes: ctypes.Array[ctypes.c_char] = (ctypes.c_char * size).from_address(
            self._context
        )

    def _save_context(self) -> "ctypes.Array[ctypes.c_char]":
        self._ok(self._lib.uc_context_save(self._uc, self._context))
        return self._context_bytes

    def _load_context(self) -> None:
        self._ok(self._lib.uc_context_restore(self._uc, self._context))

    def save(self) -> bytes:
        """Everything about the CPU but memory, as a value for `restore`."""
        return self._save_context().raw

    def restore(self, saved: bytes) -> None:
        """Take on a saved state; translations of addresses are forgotten."""
        ctypes.memmove(self._context, saved, len(saved))
        self._load_context()
        self.flush_translations()

    def set_privilege(self, level: int, cs: int, ss: int, code64: bool = True) -> None:
        """Become ring `level` with the selectors `cs` and `ss`, flat descriptors behind them."""
        where = self._offsets
        context = self._save_context()
        (hflags,) = struct.unpack_from("<I", context, where.hflags)
        struct.pack_into("<I", context, where.hflags, _hidden_flags(hflags, level, code64))
        kind = _CODE_64 if code64 else _CODE_32
        for at, selector, flags in ((where.cs, cs, kind), (where.ss, ss, _DATA)):
            cell = (selector, 0, 0xFFFF_FFFF, flags | level << 13)
            struct.pack_into("<IxxxxQII", context, at, *cell)
        self._load_context()

    def set_data_segments(self, selector: int) -> None:
        """Have `selector`, of ring 3, in ds and es, a flat descriptor behind it; 0: none.

        Written as registers they would have a descriptor of ring 0, and IRET to ring 3 take them
        away (SDM vol. 2, IRET).
        """
        where = self._offsets
        context = self._save_context()
        cell = (selector, 0, 0xFFFF_FFFF, _DATA | 3 << 13) if selector else (0, 0, 0, 0)
        for at in where.data:
            struct.pack_into("<IxxxxQII", context, at, *cell)
        self._load_context()

    def _inhibit_interrupts(self) -> None:
        """As behind `mov %ss`: QEMU then translates a block of one instruction."""
        context = self._save_context()
        (hflags,) = struct.unpack_from("<I", context, self._offsets.hflags)
        struct.pack_into("<I", context, self._offsets.hflags, hflags | _HF_INHIBIT_IRQ)
        self._load_context()

    def close(self) -> None:
        """Give everything back; harmless when done twice."""
        if self._uc:
            self._lib.uc_context_free(self._context)
            self._finalizer()
            self._uc = 0
            del self._context_bytes, self._pin
            self.memory.close()

    def _ok(self, status: int) -> None:
        if status:
            raise RuntimeError(self._lib.uc_strerror(status).decode())


# Descriptor attributes as QEMU caches them: the descriptor's second word (SDM vol. 3, 3.4.5).
_CODE_64 = 0x00AF_9B00
_CODE_32 = 0x00CF_9B00
_DATA = 0x00CF_9300
# hflags (target/i386/cpu.h): CPL 0-1, CS32 4, SS32 5, ADDSEG 6, LMA 14, CS64 15.
_HF_INHIBIT_IRQ = 1 << 3
_HF_CPL, _HF_CS32, _HF_SS32, _HF_CS64 = 3, 1 << 4, 1 << 5, 1 << 15


def _hidden_flags(hflags: int, level: int, code64: bool) -> int:
    kept = hflags & ~(_HF_CPL | _HF_CS32 | _HF_SS32 | _HF_CS64)
    return kept | level | _HF_CS32 | _HF_SS32 | (_HF_CS64 if code64 else 0)
