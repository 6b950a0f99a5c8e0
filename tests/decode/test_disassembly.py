"""Bytes to instructions, operands and flow."""

import pytest

from systui.decode.disassembly import Disassembler, full_width
from systui.model.operation import (
    Flow,
    ImmediateOperand,
    MemoryOperand,
    Operation,
    RegisterOperand,
)

AT = 0xFFFF_FFFF_8100_0000


def decoded(code: str) -> Operation:
    operation = Disassembler().operation(AT, bytes.fromhex(code))
    assert operation is not None
    return operation


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("50", "pushq %rax"),
        ("65 48 89 24 25 14 00 00 00", "movq %rsp, %gs:0x14"),
        ("0f 01 f8", "swapgs"),
        ("0f 22 dc", "movq %rsp, %cr3"),
        ("48 0f 07", "sysretq"),
        ("48 cf", "iretq"),
        ("41 57", "pushq %r15"),
        ("31 f6", "xorl %esi, %esi"),
        ("49 39 cb", "cmpq %rcx, %r11"),
    ],
)
def test_text_is_the_kernels_own_syntax(code: str, text: str) -> None:
    assert decoded(code).instruction.text == text


@pytest.mark.parametrize(
    ("code", "flow"),
    [
        *(("90", Flow.NEXT), ("eb 00", Flow.JUMP), ("75 10", Flow.BRANCH), ("c3", Flow.RETURN)),
        *(("e8 00 00 00 00", Flow.CALL), ("ff d0", Flow.CALL), ("0f 05", Flow.SYSCALL)),
        *(("48 0f 07", Flow.SYSRET), ("48 cf", Flow.IRET), ("cd 80", Flow.INTERRUPT)),
        *(("cc", Flow.INTERRUPT), ("0f 0b", Flow.STOP), ("f4", Flow.STOP)),
    ],
)
def test_flow(code: str, flow: Flow) -> None:
    assert decoded(code).flow is flow


def test_a_direct_call_knows_its_target() -> None:
    assert decoded("e8 fb 0f 00 00").instruction.target == AT + 0x1000
    assert decoded("ff d0").instruction.target is None


def test_operands_stand_source_first() -> None:
    operation = decoded("4c 89 9c 24 90 00 00 00")
    assert operation.source == RegisterOperand("r11", "r11", 8, read=True, written=False)
    assert operation.destination == MemoryOperand(
        None, "rsp", None, 1, 0x90, 8, read=False, written=True
    )


def test_rip_relative_operands_are_resolved() -> None:
    memory = decoded("48 8b 05 10 00 00 00").memory
    assert memory is not None
    assert (memory.base, memory.displacement) == (None, AT + 7 + 0x10)


def test_a_table_call_shows_its_table() -> None:
    memory = decoded("ff 14 f5 00 10 00 81").memory
    assert memory is not None
    assert (memory.index, memory.scale) == ("rsi", 8)
    assert memory.displacement & (1 << 64) - 1 == 0xFFFF_FFFF_8100_1000


@pytest.mark.parametrize(
    ("bits", "code", "text"),
    [
        (64, "ff14c5005100 81", "*sys_call_table(, %rax, 8)"),
        (64, "488b04c500510081", "sys_call_table(, %rax, 8), %rax"),
        (32, "ff14850040 00c1", "*sys_call_table(, %eax, 4)"),
        (64, "ff14c5085100 81", "*-0x7effaef8(, %rax, 8)"),
        (64, "ff94c300510081", "*-0x7effaf00(%rbx, %rax, 8)"),
    ],
)
def test_a_table_that_has_a_name_is_called_by_it(bits: int, code: str, text: str) -> None:
    names = {0xFFFFFFFF81005100: "sys_call_table", 0xC1004000: "sys_call_table"}
    decoder = Disassembler(bits, names=lambda address: names.get(address, ""))
    decoded = decoder.operation(0x1000, bytes.fromhex(code))
    assert decoded is not None
    assert decoded.instruction.operands == text


def test_parts_of_registers_have_their_whole() -> None:
    assert [full_width(name) for name in ("al", "ah", "eax", "sil", "r8d", "r15b", "rdi")] == [
        *("rax", "rax", "rax", "rsi", "r8", "r15", "rdi")
    ]
    operand = decoded("6a 2b").source
    assert operand == ImmediateOperand(0x2B, 8)


def test_changed_bytes_are_decoded_anew() -> None:
    disassembler = Disassembler()
    jump = disassembler.operation(AT, bytes.fromhex("eb1090"))
    again = disassembler.operation(AT, bytes.fromhex("eb1090"))
    patched = disassembler.operation(AT, bytes.fromhex("909090"))
    assert jump is again
    assert jump is not None and patched is not None
    assert (jump.name, patched.name) == ("jmp", "nop")


def test_no_instruction_is_none() -> None:
    disassembler = Disassembler()
    assert disassembler.operation(AT, b"") is None
    assert disassembler.operation(AT, bytes.fromhex("06")) is None
    assert disassembler.operation(AT, bytes.fromhex("48 8b 05 10")) is None
    assert [each.name for each in disassembler.operations(AT, bytes.fromhex("90 90 06 90"))] == [
        *("nop", "nop")
    ]


def test_immediates_near_the_top_are_shown_as_the_negative_numbers_they_are() -> None:
    disassembler = Disassembler()
    for code, text in (
        ("48c74424 50 daffffff", "movq $-0x26, 0x50(%rsp)"),
        ("6ada", "pushq $-0x26"),
        ("48b8 0000000080ffffff", "movabsq $0xffffff8000000000, %rax"),
    ):
        operation = disassembler.operation(0x1000, bytes.fromhex(code.replace(" ", "")))
        assert operation is not None
        assert operation.instruction.text == text
