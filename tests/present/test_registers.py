"""Registers as rows."""

import pytest
from made_snapshot import CALL, KERNEL, USER, snapshot

from systui.arch.x86_64 import X86_64
from systui.model.stop import Registers
from systui.present.flags import flag_names
from systui.present.registers import accumulator_meaning, register_rows
from systui.present.rows import width


@pytest.mark.parametrize("size", [50, 55, 76, 80, 100, 120])
def test_rows_fit_and_no_register_is_lost(size: int) -> None:
    rows = register_rows(snapshot(), X86_64, size)
    assert all(width(row.spans) <= size for row in rows)
    words = {word.rstrip("•").split("•")[0] for row in rows for word in row.text.split()}
    wanted = set(X86_64.register_names) - {"ds", "es", "fs", "gs", "fs_base", "cr2"}
    assert wanted <= words


def test_the_usual_width_holds_all_in_fourteen_rows() -> None:
    rows = register_rows(snapshot(), X86_64, 50)
    assert len(rows) == 14
    assert set(X86_64.register_names) <= {
        word.split("•")[0] for row in rows for word in row.text.split()
    }


def test_eighty_columns_hold_all_in_nine_rows() -> None:
    rows = register_rows(snapshot(), X86_64, 80)
    assert len(rows) == 9
    assert "kernel_gs_base" in rows[-1].text


def test_changed_registers_are_marked_without_colour_too() -> None:
    text = "\n".join(row.text for row in register_rows(snapshot(1), X86_64, 50))
    assert "rsp•ffffc90000003ff8" in text
    assert "rax 000000000000002b" in text


def test_rings_page_tables_and_bases_are_named() -> None:
    kernel = "\n".join(row.text for row in register_rows(snapshot(), X86_64, 50))
    assert "ring 0" in kernel
    assert "0000000005552000 kernel" in kernel
    assert "ffff888003c00000  per-CPU area" in kernel
    user = snapshot(registers=Registers(USER))
    text = "\n".join(row.text for row in register_rows(user, X86_64, 50))
    assert "ring 3" in text
    assert "0000000005553000 user" in text


def test_without_isolation_the_page_table_is_shared() -> None:
    user = snapshot(registers=Registers({**USER, "cr3": 0x555_2000}))
    text = "\n".join(row.text for row in register_rows(user, X86_64, 50))
    assert "0000000005552000 shared" in text


def test_unknown_registers_say_so() -> None:
    known = {name: value for name, value in KERNEL.items() if name != "cr3"}
    text = "\n".join(
        row.text for row in register_rows(snapshot(registers=Registers(known)), X86_64, 50)
    )
    assert "cr3                ?" in text


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (0x246, ("PF", "ZF", "IF")),
        (0x2, ()),
        (0x3000, ("IOPL=3",)),
        (0x10102, ("TF", "RF")),
    ],
)
def test_flags_by_name(value: int, names: tuple[str, ...]) -> None:
    assert flag_names(value, X86_64) == names


def test_rax_means_the_number_then_the_result() -> None:
    assert accumulator_meaning(snapshot()) == "rax = 43 accept"
    done = CALL._replace(result=-88, errno="ENOTSOCK")
    back = snapshot(call=done, registers=Registers({**USER, "rax": (1 << 64) - 88}))
    assert accumulator_meaning(back) == "rax = -88 ENOTSOCK"
    assert accumulator_meaning(snapshot(call=None)) == ""
    other = snapshot(registers=Registers({**KERNEL, "rax": 7}))
    assert accumulator_meaning(other) == ""
