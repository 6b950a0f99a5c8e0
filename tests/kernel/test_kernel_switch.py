"""Dispatch by a compiled switch, in each form that compilers give it."""

import time
from pathlib import Path

import pytest
from built_programs import tool

from systui.decode.disassembly import Disassembler
from systui.kernel.image import Image
from systui.kernel.imagetable import from_image
from systui.kernel.syscalls import bundled
from systui.model.errors import BadInputError

FORMS = {
    "comparisons": ("-O2", "-fno-jump-tables"),
    "jump table": ("-O2", "-fjump-tables"),
    "for size": ("-Os", "-fno-jump-tables"),
    "calls": ("-O2", "-fno-jump-tables", "-fno-optimize-sibling-calls"),
    "with landing pads": ("-O2", "-fno-jump-tables", "-fcf-protection=full"),
}
LEFT_OUT = (17, 18, 205, 300, 301, 302, 330)


def kernel(directory: Path, *flags: str, ia32: bool = False) -> Image:
    """A kernel's dispatch over the bundled table, without some rows, as C has it."""
    prefix = "__ia32_" if ia32 else "__x64_"
    rows = [
        row
        for row in bundled("i386" if ia32 else "x86_64").rows
        if row.entry and row.abi != "x32" and row.number not in LEFT_OUT
    ]
    entries = dict.fromkeys(f"{prefix}{row.entry}" for row in rows)
    (directory / "k.c").write_text(
        "\n".join(
            (
                f"long {prefix}sys_ni_syscall(void *r) {{ return -38; }}",
                *(f"long {name}(void *r);" for name in entries),
                *(
                    f"__attribute__((noipa)) long {name}(void *r) {{ return {at}; }}"
                    for at, name in enumerate(entries)
                ),
                f"long {'ia32_sys_call' if ia32 else 'x64_sys_call'}(void *regs, unsigned int nr)",
                "{ switch (nr) {",
                *(f"case {row.number}: return {prefix}{row.entry}(regs);" for row in rows),
                f"default: return {prefix}sys_ni_syscall(regs);",
                "} }",
            )
        )
    )
    base = ("-nostdlib", "-static", "-no-pie", "-fno-pie", "-fcf-protection=none", "-Wl,-e,0")
    tool(["gcc", *base, *flags, "-o", "k", "k.c"], directory)
    return Image.open(directory / "k")


@pytest.mark.parametrize("form", FORMS)
def test_every_number_leads_to_its_handler(tmp_path: Path, form: str) -> None:
    table = from_image(kernel(tmp_path, *FORMS[form]), decode=Disassembler(64).operations)
    assert table.switched
    assert table.address is None
    for row in bundled("x86_64").rows:
        if row.abi != "x32":
            found = table.by_number(row.number)
            assert found is not None
            assert found.name == row.name
            wanted = row.entry and row.number not in LEFT_OUT
            assert found.symbol == (f"__x64_{row.entry}" if wanted else "__x64_sys_ni_syscall")
            assert (found.entry is None) == (not wanted)


def test_the_switch_for_32_bit_programs(tmp_path: Path) -> None:
    image = kernel(tmp_path, *FORMS["comparisons"], ia32=True)
    table = from_image(image, abi="i386", decode=Disassembler(64).operations)
    socketcall = table.by_number(102)
    assert socketcall is not None
    assert (socketcall.name, socketcall.symbol) == ("socketcall", "__ia32_sys_socketcall")


def test_a_switch_that_is_not_understood_is_said(tmp_path: Path) -> None:
    (tmp_path / "k.S").write_text(
        ".text\n.globl x64_sys_call\nx64_sys_call: xor %rsi, %rdi\n\tjmp *%rdi\n"
        "loop: cmp $3, %esi\n\tje loop\n\tjmp loop\n"
    )
    tool(["gcc", "-nostdlib", "-static", "-Wl,-e,0", "-o", "k", "k.S"], tmp_path)
    with pytest.raises(BadInputError, match="switch"):
        from_image(Image.open(tmp_path / "k"), decode=Disassembler(64).operations)


def test_a_hostile_switch_costs_little(tmp_path: Path) -> None:
    """Numbers up to four thousand million, and tables of jumps that lead to each other."""
    (tmp_path / "k.S").write_text(
        """
        .text
        .globl x64_sys_call, __x64_sys_ni_syscall, __x64_sys_read
        x64_sys_call:
                cmp $-16, %esi
                je __x64_sys_read
                cmp $7, %esi
                je __x64_sys_read
                cmp $4000, %esi
                ja 1f
        again:  jmp *table(,%rsi,8)
        1:      ret
        __x64_sys_read: ret
        __x64_sys_ni_syscall: ret
        .data
        table:  .rept 4096
                .quad again
                .endr
        """
    )
    tool(["gcc", "-nostdlib", "-static", "-no-pie", "-Wl,-e,0", "-o", "k", "k.S"], tmp_path)
    started = time.monotonic()
    table = from_image(Image.open(tmp_path / "k"), decode=Disassembler(64).operations)
    assert time.monotonic() - started < 30
    assert [row.name for row in table.rows if row.entry] == ["read"]
    assert len(table.rows) <= 8
