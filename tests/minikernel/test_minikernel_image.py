"""The shipped image keeps what the machine, the panes and the readers count on."""

import re
import struct

import pytest
from kernel_elf import Kernel, Line

from systui import minikernel
from systui.minikernel import tables

LOAD_OFFSET = 0xFFFF_FFFF_8000_0000
PTI = 7 * 32 + 11
SPELLED = {"jne": "jn[ez]", "je": "j[ez]"}
"""What a source may call the same instruction."""

PUSHED = (
    *("ss", "sp", "flags", "cs", "ip", "orig_ax"),
    *("di", "si", "dx", "cx", "ax", "r8", "r9", "r10", "r11"),
    *("bx", "bp", "r12", "r13", "r14", "r15"),
)
CONTRACT = (
    *("entry_SYSCALL_64", "entry_SYSCALL_64_safe_stack", "entry_SYSCALL_64_after_hwframe"),
    *("syscall_return_via_sysret", "swapgs_restore_regs_and_return_to_usermode"),
    *("entry_SYSRETQ_unsafe_stack", "entry_SYSRETQ_end", "native_irq_return_iret"),
    *("restore_regs_and_return_to_kernel", "error_entry", "error_return", "sync_regs"),
    *("do_syscall_64", "do_syscall_x64", "sys_call_table", "__x64_sys_ni_syscall"),
    *("syscall_enter_from_user_mode", "syscall_exit_to_user_mode", "exit_to_user_mode_loop"),
    *("serve_syscall", "serve_signal", "serve_fault", "die"),
    *("init_task", "init_files", "init_stack"),
    *("current_task", "cpu_current_top_of_stack", "cpu_tss_rw", "__per_cpu_load"),
    *("__entry_text_start", "__entry_text_end", "__start___ex_table", "__stop___ex_table"),
    *("asm_exc_divide_error", "asm_exc_debug", "asm_exc_int3", "asm_exc_overflow"),
    *("asm_exc_bounds", "asm_exc_invalid_op", "asm_exc_device_not_available"),
    *("asm_exc_double_fault", "asm_exc_coproc_segment_overrun", "asm_exc_invalid_tss"),
    *("asm_exc_segment_not_present", "asm_exc_stack_segment", "asm_exc_general_protection"),
    *("asm_exc_page_fault", "asm_exc_coprocessor_error", "asm_exc_alignment_check"),
    *("asm_exc_simd_coprocessor_error", "__alt_instructions", "__alt_instructions_end"),
)


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return Kernel(minikernel.path())


def source(line: Line) -> str:
    assert line.file is not None
    assert line.number is not None
    text = (minikernel.sources() / line.file).read_text(encoding="utf-8")
    return text.splitlines()[line.number - 1]


def test_symbols_of_the_contract_are_there(kernel: Kernel) -> None:
    assert [name for name in CONTRACT if name not in kernel.symbols] == []


def test_file_is_small_and_tells_nothing_of_where_it_was_built() -> None:
    data = minikernel.path().read_bytes()
    assert len(data) < 400_000
    assert str(minikernel.path().parent).encode() not in data
    assert re.search(rb"/(home|root|tmp|usr|work)/", data) is None


def test_segments_lie_where_linux_puts_them(kernel: Kernel) -> None:
    *own, percpu = kernel.segments
    assert own[0][0] == 0xFFFF_FFFF_8100_0000
    for virtual, physical, flags, _data in own:
        assert physical == virtual - LOAD_OFFSET
        assert flags & 3 != 3, "writable and executable"
    assert percpu[0] == 0
    assert percpu[1] == kernel.symbols["__per_cpu_load"] - LOAD_OFFSET
    assert percpu[1] % 4096 == 0
    assert percpu[1] > max(physical for _virtual, physical, _flags, _data in own)


def test_per_cpu_variables_start_as_the_one_task_needs_them(kernel: Kernel) -> None:
    top = kernel.symbols["init_stack"] + 0x4000

    def word(name: str, offset: int = 0) -> int:
        return int.from_bytes(kernel.read(kernel.symbols[name] + offset, 8), "little")

    assert kernel.symbols["init_stack"] % 0x4000 == 0
    assert word("current_task") == kernel.symbols["init_task"]
    assert word("cpu_current_top_of_stack") == top
    assert word("cpu_tss_rw", 12) == top
    assert kernel.symbols["cpu_tss_rw"] % 4096 == 0


def test_every_instruction_of_the_entry_text_has_a_line(kernel: Kernel) -> None:
    lines = kernel.instructions("__entry_text_start", "__entry_text_end")
    assert len(lines) > 300
    assert [line for line in lines if line.number is None] == []
    for line in lines:
        wanted = SPELLED.get(line.mnemonic, line.mnemonic.rstrip("q").removesuffix("l"))
        assert "JUMP_UNLESS" in source(line) or re.search(wanted, source(line)), line


def test_each_slot_of_the_system_call_frame_is_pushed_on_a_line_of_its_own(
    kernel: Kernel,
) -> None:
    lines = kernel.instructions("entry_SYSCALL_64", "syscall_return_via_sysret")
    pushes = [line for line in lines if line.mnemonic.startswith("push")]
    assert [re.search(r"pt_regs->(\w+)", source(line))[1] for line in pushes] == list(PUSHED)  # type: ignore[index]
    assert len({line.number for line in pushes}) == len(PUSHED)


def test_the_rest_of_an_exception_frame_too(kernel: Kernel) -> None:
    lines = kernel.instructions("error_entry", "error_return")
    slots = [
        found[1]
        for line in lines
        if line.mnemonic.startswith(("push", "mov"))
        and (found := re.search(r"pt_regs->(\w+)", source(line)))
    ]
    assert sorted(slots) == sorted(set(PUSHED) - {"ss", "sp", "flags", "cs", "ip", "orig_ax"})


def test_registers_are_cleared_each_on_a_line_of_its_own(kernel: Kernel) -> None:
    for start, end in (("entry_SYSCALL_64", "entry_SYSRETQ_end"), ("error_entry", "error_return")):
        cleared = [
            line
            for line in kernel.instructions(start, end)
            if line.mnemonic == "xorl" and len(set(line.operands.split(", "))) == 1
        ]
        assert len({line.operands for line in cleared}) == 13
        assert len({line.number for line in cleared}) == 13


def test_checks_before_sysret_are_in_order(kernel: Kernel) -> None:
    lines = kernel.instructions("entry_SYSCALL_64_after_hwframe", "syscall_return_via_sysret")
    numbers = [int(found[1]) for line in lines if (found := re.search(r"check (\d)", source(line)))]
    assert numbers == [1, 2, 3, 4, 5, 6]
    jumps = [line for line in lines if line.mnemonic in {"jne", "jnz"}]
    slow = f"{kernel.symbols['swapgs_restore_regs_and_return_to_usermode']:#x}"
    assert [line.operands for line in jumps] == [slow] * 6


def test_call_table_has_every_number_of_the_table(kernel: Kernel) -> None:
    rows = {row.number: row for row in tables.rows()}
    size = kernel.sizes["sys_call_table"]
    handlers = struct.unpack(f"<{size // 8}Q", kernel.read(kernel.symbols["sys_call_table"], size))
    assert len(handlers) == max(rows) + 1
    for number, address in enumerate(handlers):
        entry = rows[number].entry if number in rows else "sys_ni_syscall"
        assert f"__x64_{entry}" in kernel.by_address[address], number
        assert address in kernel.rows, f"{number} has no line"


def test_alternatives_are_well_formed(kernel: Kernel) -> None:
    start, end = kernel.symbols["__alt_instructions"], kernel.symbols["__alt_instructions_end"]
    assert (end - start) % 12 == 0
    assert end - start >= 12 * 4
    code = {
        line.address: line for line in kernel.instructions("__entry_text_start", "__entry_text_end")
    }
    for address in range(start, end, 12):
        site = address + kernel.s32(address)
        feature, length, replacement = struct.unpack("<HBB", kernel.read(address + 8, 4))
        assert (feature, replacement) == (PTI, 0)
        jump = code[site]
        assert jump.mnemonic == "jmp"
        inside = [
            code[at].mnemonic + " " + code[at].operands
            for at in sorted(code)
            if site + length <= at < int(jump.operands, 16)
        ]
        assert len(inside) == 3
        assert inside[0].startswith("movq %cr3, ")
        assert inside[2].endswith(", %cr3")


def test_exception_table_leads_from_code_to_code(kernel: Kernel) -> None:
    start, end = kernel.symbols["__start___ex_table"], kernel.symbols["__stop___ex_table"]
    assert end - start == 2 * 8
    for address in range(start, end, 8):
        for field in (address, address + 4):
            assert field + kernel.s32(field) in kernel.rows


def test_sources_fit_a_narrow_pane() -> None:
    written = [
        file
        for file in minikernel.sources().rglob("*")
        if file.suffix in {".c", ".h", ".S", ".lds"}
        and file.name not in ("syscalls_64.h", "syscalls_32.h", "served.c")
    ]
    assert len(written) > 40
    wide = [
        f"{file.name}:{number}"
        for file in written
        for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if len(text.expandtabs(8)) > 76
    ]
    assert wide == []


def test_every_line_the_image_names_is_in_the_sources(kernel: Kernel) -> None:
    named = set(kernel.rows.values())
    for file in {file for file, _line in named}:
        count = len((minikernel.sources() / file).read_text(encoding="utf-8").splitlines())
        assert max(line for name, line in named if name == file) <= count
