"""What is called storeless stores nothing: by Capstone's operands, and on a CPU."""

from contextlib import suppress
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from systui.arch.i386 import I386
from systui.arch.x86_64 import X86_64
from systui.decode.access import stores
from systui.decode.disassembly import Disassembler
from systui.decode.storeless import is_storeless
from systui.model.operation import Flow, MemoryOperand

unicorn: Any = import_module("unicorn")  # has no types
registers: Any = import_module("unicorn.x86_const")

PREFIXES = (b"", b"\x66", b"\xf3", b"\xf2", b"\x48", b"\x65\x48", b"\x66\xf3\x4f")
PUSHING = {"push", "pushf", "pushfd", "pushfq", "pushaw", "pushal", "enter"}
NAMED_ONLY = {"nop", "verw", "verr", "prefetchw", "prefetch"}
"""Capstone has them write what they only name."""
CODE, DATA = 0x10000, 0x20000
MODES = {64: unicorn.UC_MODE_64, 32: unicorn.UC_MODE_32}
ARCHITECTURES = {64: X86_64, 32: I386}
GENERAL = {
    bits: [
        getattr(registers, f"UC_X86_REG_{letter}{name}")
        for name in ("AX", "BX", "CX", "DX", "SI", "DI", "BP", "SP")
    ]
    for bits, letter in ((64, "R"), (32, "E"))
}


@pytest.mark.parametrize("bits", MODES)
def test_no_operand_in_memory_is_written(bits: int) -> None:
    """Every opcode with every ModRM.reg field, on memory and on a register, prefixed or not."""
    disassembler, arch = Disassembler(bits), ARCHITECTURES[bits]
    standing = dict.fromkeys(arch.register_names, DATA)
    called = 0
    opcodes = [bytes((one,)) for one in range(256) if one != 0x0F]
    opcodes += [bytes((0x0F, two)) for two in range(256)]
    forms = [form | field << 3 for form, field in product((0x00, 0xC0), range(8))]
    for prefix, opcode, form in product(PREFIXES, opcodes, forms):
        code = prefix + opcode + bytes((form,)) + bytes(10)
        operation = disassembler.operation(CODE, code)
        if operation is None or not is_storeless(code):
            continue
        called += 1
        assert operation.flow in {Flow.NEXT, Flow.JUMP, Flow.BRANCH, Flow.RETURN}, operation
        assert operation.name not in PUSHING
        if operation.name not in NAMED_ONLY:
            assert not any(
                isinstance(each, MemoryOperand) and each.written for each in operation.operands
            ), operation
            assert not stores(operation, standing, arch), operation
    assert called > 4000


@settings(max_examples=600, deadline=None)
@given(
    bits=st.sampled_from(sorted(MODES)),
    code=st.builds(
        lambda prefix, opcode, rest: prefix + opcode + rest,
        st.sampled_from(PREFIXES),
        st.one_of(
            st.integers(0, 255).map(lambda one: bytes((one,))),
            st.integers(0, 255).map(lambda two: bytes((0x0F, two))),
        ),
        st.binary(min_size=12, max_size=12),
    ),
)
def test_it_writes_nothing_on_a_cpu(bits: int, code: bytes) -> None:
    if is_storeless(code):
        assert not _written(bits, code)


@pytest.mark.parametrize("bits", MODES)
@pytest.mark.parametrize("code", ["50", "8900", "e800000000", "ab"])
def test_what_stores_is_seen_to(bits: int, code: str) -> None:
    assert _written(bits, bytes.fromhex(code))
    assert not is_storeless(bytes.fromhex(code))


def _written(bits: int, code: bytes) -> list[int]:
    """Where the instruction at the start of `code` writes."""
    cpu = unicorn.Uc(unicorn.UC_ARCH_X86, MODES[bits])
    cpu.mem_map(CODE, 0x1000)
    cpu.mem_map(DATA, 0x20000)
    cpu.mem_write(CODE, code)
    for register in GENERAL[bits]:
        cpu.reg_write(register, DATA + 0x8000)
    written: list[int] = []
    cpu.hook_add(unicorn.UC_HOOK_MEM_WRITE, lambda _cpu, _how, at, *_rest: written.append(at))
    # A page may not be there, or an instruction need a privilege.
    with suppress(unicorn.UcError):
        cpu.emu_start(CODE, CODE + 1, count=1)
    return written


@pytest.mark.parametrize(
    ("code", "storeless"),
    [
        ("0f01f8", True),  # swapgs
        ("65488b04250000", True),  # mov %gs:…, %rax
        ("6548890425", False),  # mov %rax, %gs:…
        ("4831c0", True),  # xor %rax, %rax
        ("50", False),  # push %rax
        ("58", True),  # pop %rax
        ("e800000000", False),  # call
        ("c3", True),
        ("0f05", False),  # syscall: another stack, another privilege
        ("48cf", False),  # iretq
        ("0f22d8", False),  # mov %rax, %cr3
        ("0f30", False),  # wrmsr
        ("0f01c1", False),  # vmcall
        ("48ab", False),  # stosq
        ("f0ff00", False),  # lock incl
        ("0f00ed", True),  # verw
        ("", False),
        ("48", False),
        ("0f", False),
        ("89", False),
    ],
)
def test_instructions_of_the_way(code: str, storeless: bool) -> None:
    assert is_storeless(bytes.fromhex(code)) is storeless
