"""Machine code to instructions: the only place that knows Capstone.

Importing the `capstone` package costs some 75 ms, as it defines the structures of twenty
architectures. What is needed here is its shared library and the x86 structures, so the library
is loaded from the installed package directly (5 ms) and read with the declarations below, which
are those of Capstone's include/capstone/capstone.h and x86.h, major version 5.
"""

import ctypes
import importlib.util
import re
import struct
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from systui.model.code import Instruction
from systui.model.operation import (
    Flow,
    ImmediateOperand,
    MemoryOperand,
    Operand,
    Operation,
    RegisterOperand,
)

LONGEST = 15
"""Bytes of the longest x86 instruction (Intel SDM vol. 2, 2.3.11)."""

KEPT = 16384
"""Instructions a disassembler remembers: some 10 MB."""

_MAJOR = 5
_ARCH_X86 = 3
_MODES = {16: 1 << 1, 32: 1 << 2, 64: 1 << 3}
_OPTION_SYNTAX, _SYNTAX_ATT = 1, 2
_OPTION_DETAIL, _ON = 2, 3
_MEMORY, _IMMEDIATE, _REGISTER = 3, 2, 1
_READ, _WRITE = 1, 2

_INSN = struct.Struct("<I4xQH24s32s160s6xQ")
"""cs_insn: id, address, size, bytes, mnemonic, op_str, detail."""
_DETAIL_SIZE = 560
_WRITTEN = struct.Struct("<20HB")
_WRITTEN_AT = 42
_COUNT_AT = 96 + 64
_OPERANDS_AT = 96 + 72
_OPERAND_SIZE = 48
_OPERAND = struct.Struct("<I4xIIIiqBB")
"""cs_x86_op: type; as x86_op_mem segment, base, index, scale, disp; size, access."""

_LARGE = re.compile(r"\$(0xffff[0-9a-f]{12}|\d{11,20})\b")
"""Immediates that Capstone writes in ways nobody reads."""

_TABLE = re.compile(r"-?(?:0x[0-9a-f]+|\d+)(?=\(, %)")
"""Where a table lies that an index alone picks an element of."""

Naming = Callable[[int], str]
"""What begins at an address; empty where nothing that has a name does."""

_CONDITIONS = frozenset(
    f"j{condition}"
    for condition in (
        *("a", "ae", "b", "be", "c", "e", "g", "ge", "l", "le", "na", "nae", "nb", "nbe", "nc"),
        *("ne", "ng", "nge", "nl", "nle", "no", "np", "ns", "nz", "o", "p", "pe", "po", "s", "z"),
        *("cxz", "ecxz", "rcxz"),
    )
) | {"loop", "loope", "loopne"}
_FLOWS = {
    **dict.fromkeys(("jmp", "ljmp"), Flow.JUMP),
    **dict.fromkeys(_CONDITIONS, Flow.BRANCH),
    **dict.fromkeys(("call", "lcall"), Flow.CALL),
    **dict.fromkeys(("ret", "retf", "retfq"), Flow.RETURN),
    **dict.fromkeys(("syscall", "sysenter"), Flow.SYSCALL),
    **dict.fromkeys(("sysret", "sysretq", "sysexit", "sysexitq"), Flow.SYSRET),
    **dict.fromkeys(("iret", "iretd", "iretq"), Flow.IRET),
    **dict.fromkeys(("int", "int1", "int3", "into"), Flow.INTERRUPT),
    **dict.fromkeys(("hlt", "ud0", "ud1", "ud2"), Flow.STOP),
}
_DIRECT = (Flow.JUMP, Flow.BRANCH, Flow.CALL)


class Disassembler:
    """Decodes x86 code, each instruction once per address and bytes."""

    def __init__(
        self, bits: int = 64, registers: int | None = None, *, names: Naming = lambda _address: ""
    ) -> None:
        """`bits`: the code segment's width; `registers`: whose names operands have, if another's
        (32-bit code that a 64-bit machine runs uses parts of its registers); `names`: of tables,
        which then stand in place of their addresses: `*sys_call_table(, %rax, 8)`.
        """
        self._engine = _Engine(bits, registers or bits, names)
        self._known: dict[int, Operation] = {}

    def operation(self, address: int, code: bytes) -> Operation | None:
        """The instruction at the start of `code`; None where the bytes are not one."""
        known = self._known.get(address)
        if known is not None and code.startswith(known.instruction.code):
            return known
        decoded = self._engine.decode(address, code[:LONGEST], 1)
        return self._keep(decoded[0]) if decoded else None

    def operations(self, address: int, code: bytes) -> tuple[Operation, ...]:
        """All instructions of `code`, up to the first bytes that are none."""
        return tuple(self._keep(operation) for operation in self._engine.decode(address, code, 0))

    def _keep(self, operation: Operation) -> Operation:
        address = operation.instruction.address
        known = self._known.get(address)
        if known is not None and known.instruction.code == operation.instruction.code:
            return known
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[address] = operation
        return operation


class _Engine:
    """One Capstone handle and the names it gives."""

    def __init__(self, bits: int, registers: int, names: Naming) -> None:
        self._wide = registers
        self._table_name = names
        self._mask = (1 << bits) - 1
        self._library = _library()
        self._handle = ctypes.c_size_t()
        error = self._library.cs_open(_ARCH_X86, _MODES[bits], ctypes.byref(self._handle))
        if error:
            raise RuntimeError(f"cs_open: error {error}")
        self._library.cs_option(self._handle, _OPTION_SYNTAX, _SYNTAX_ATT)
        self._library.cs_option(self._handle, _OPTION_DETAIL, _ON)
        self._names: dict[int, str] = {}
        self._registers: dict[int, str] = {}

    def decode(self, address: int, code: bytes, count: int) -> list[Operation]:
        """Decode `count` instructions (0: all)."""
        array = ctypes.c_void_p()
        found = self._library.cs_disasm(
            self._handle, code, len(code), address, count, ctypes.byref(array)
        )
        if not found or array.value is None:
            return []
        try:
            raw = ctypes.string_at(array.value, found * _INSN.size)
            return [self._operation(fields) for fields in _INSN.iter_unpack(raw)]
        finally:
            self._library.cs_free(array, found)

    def _operation(self, fields: tuple[Any, ...]) -> Operation:
        identity, address, size, code, mnemonic, text, detail_address = fields
        detail = ctypes.string_at(detail_address, _DETAIL_SIZE)
        name = self._name(identity)
        flow = _FLOWS.get(name, Flow.NEXT)
        operands = tuple(
            self._operand(detail, _OPERANDS_AT + index * _OPERAND_SIZE, address + size)
            for index in range(detail[_COUNT_AT])
        )
        instruction = Instruction(
            address,
            code[:size],
            _text(mnemonic),
            self._named(_signed(_text(text)), operands),
            self._target(flow, operands),
        )
        return Operation(instruction, name, flow, operands, self._clobbers(detail))

    def _operand(self, detail: bytes, at: int, end: int) -> Operand:
        kind, segment, base, index, scale, displacement, size, access = _OPERAND.unpack_from(
            detail, at
        )
        read, written = bool(access & _READ), bool(access & _WRITE)
        if kind == _REGISTER:
            name = self._register(segment)
            return RegisterOperand(name, self._whole(name), size, read, written)
        if kind == _IMMEDIATE:
            return ImmediateOperand(struct.unpack_from("<q", detail, at + 8)[0], size)
        base_name = self._whole(self._register(base)) if base else None
        if base_name == "rip":
            base_name, displacement = None, (displacement + end) & (1 << 64) - 1
        return MemoryOperand(
            self._register(segment) if segment else None,
            base_name,
            self._whole(self._register(index)) if index else None,
            scale,
            displacement,
            size,
            read,
            written,
        )

    def _named(self, text: str, operands: tuple[Operand, ...]) -> str:
        """`text` with a table's name in place of its address."""
        for each in operands:
            if isinstance(each, MemoryOperand) and each.index and not (each.base or each.segment):
                name = self._table_name(each.displacement & self._mask)
                return _TABLE.sub(name, text, count=1) if name else text
        return text

    def _clobbers(self, detail: bytes) -> tuple[str, ...]:
        *registers, count = _WRITTEN.unpack_from(detail, _WRITTEN_AT)
        return tuple(self._whole(self._register(number)) for number in registers[:count])

    def _name(self, identity: int) -> str:
        found = self._names.get(identity)
        if found is None:
            name = self._library.cs_insn_name(self._handle, identity)
            found = self._names[identity] = (name or b"").decode()
        return found

    def _target(self, flow: Flow, operands: tuple[Operand, ...]) -> int | None:
        if flow in _DIRECT and operands and isinstance(operands[0], ImmediateOperand):
            return operands[0].value & self._mask
        return None

    def _whole(self, name: str) -> str:
        """The full-width register that `name` is part of."""
        return full_width(name, self._wide)

    def _register(self, number: int) -> str:
        found = self._registers.get(number)
        if found is None:
            name = self._library.cs_reg_name(self._handle, number)
            found = self._registers[number] = (name or b"").decode()
        return found


def _signed(operands: str) -> str:
    """`operands` with large immediates in hexadecimal, and negative where they are small so."""
    return _LARGE.sub(_large, operands) if "$" in operands else operands


def _large(match: re.Match[str]) -> str:
    value = int(match[1], 0)
    return f"$-{(1 << 64) - value:#x}" if value >> 12 == (1 << 52) - 1 else f"${value:#x}"


def _text(raw: bytes) -> str:
    return raw[: raw.index(0)].decode()


def full_width(name: str, bits: int = 64) -> str:
    """The register of `bits` bits that `name` is part of: `rax` for `al`, `r8` for `r8d`."""
    return _FULL[bits].get(name, name)


def _full_widths(prefix: str) -> dict[str, str]:
    """Registers by name to the one that they are part of: `rax` (`eax`) for `al`."""
    widths = dict.fromkeys(("eip", "ip"), f"{prefix}ip")
    widths |= dict.fromkeys(("eflags", "flags"), f"{prefix}flags")
    for letter in "abcd":
        full = f"{prefix}{letter}x"
        widths |= dict.fromkeys((f"e{letter}x", f"{letter}x", f"{letter}l", f"{letter}h"), full)
    for word in ("si", "di", "bp", "sp"):
        widths |= dict.fromkeys((f"e{word}", word, f"{word}l"), f"{prefix}{word}")
    for number in range(8, 16):
        widths |= dict.fromkeys((f"r{number}{suffix}" for suffix in "dwb"), f"r{number}")
    return widths


_FULL = {32: _full_widths("e"), 64: _full_widths("r")}


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    library = _installed_library()
    _declare(library)
    major = library.cs_version(None, None) >> 8
    if major != _MAJOR:
        raise RuntimeError(f"Capstone {_MAJOR} is needed; {major} is installed")
    return library


def _installed_library() -> ctypes.CDLL:
    """The shared library inside the `capstone` package; the package's own choice elsewhere."""
    package = importlib.util.find_spec("capstone")
    suffix = {"darwin": "dylib", "win32": "dll"}.get(sys.platform, "so")
    for folder in (package.submodule_search_locations or ()) if package else ():
        for file in Path(folder, "lib").glob(f"*capstone.{suffix}"):
            return ctypes.CDLL(str(file))
    import capstone

    library: ctypes.CDLL = capstone._cs
    return library


def _declare(library: ctypes.CDLL) -> None:
    handle, pointer = ctypes.c_size_t, ctypes.c_void_p
    signatures: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "cs_version": (ctypes.c_uint, (pointer, pointer)),
        "cs_open": (ctypes.c_int, (ctypes.c_int, ctypes.c_int, pointer)),
        "cs_option": (ctypes.c_int, (handle, ctypes.c_int, ctypes.c_size_t)),
        "cs_disasm": (
            ctypes.c_size_t,
            (handle, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64, ctypes.c_size_t, pointer),
        ),
        "cs_free": (None, (pointer, ctypes.c_size_t)),
        "cs_insn_name": (ctypes.c_char_p, (handle, ctypes.c_uint)),
        "cs_reg_name": (ctypes.c_char_p, (handle, ctypes.c_uint)),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
