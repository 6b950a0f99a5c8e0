"""Page tables of each form, written out by hand as the Intel SDM draws them; the IDT."""

import pytest

from systui.target.gdb.linux import i386_idt
from systui.target.gdb.paging import Paging, on_user_table, paging

PAE, LA57 = 1 << 5, 1 << 12
PRESENT, LARGE = 1, 1 << 7
NO_EXECUTE = 1 << 63
Entry = tuple[int, int]


def memory(size: int, *entries: Entry) -> "dict[int, int]":
    """Eight-byte words of physical memory that holds `entries`, each of `size` bytes."""
    words: dict[int, int] = {}
    for address, entry in entries:
        words[address & -8] = words.get(address & -8, 0) | entry << 8 * (address % 8)
        assert size == 8 or entry < 1 << 32
    return words


def walked(form: Paging, cr3: int, address: int, words: "dict[int, int]") -> int | None:
    return form.translate(form.current_table(cr3), address, words.get)


def test_two_levels() -> None:
    form = paging(32, 0)
    words = memory(
        4,
        (0x1000 + 4 * 0x301, 0x2000 | PRESENT),
        (0x2000 + 4 * 0x7, 0x0BCD_E000 | PRESENT),
        (0x1000 + 4 * 0x300, 0x0140_0000 | LARGE | PRESENT),
    )
    assert walked(form, 0x1018, 0xC040_7123, words) == 0x0BCD_E123
    assert walked(form, 0x1018, 0xC012_3456, words) == 0x0152_3456
    assert walked(form, 0x1018, 0xC040_8000, words) is None


def test_three_levels_with_a_top_that_is_no_page() -> None:
    form = paging(32, PAE)
    words = memory(
        8,
        (0x1E60 + 8 * 3, 0x2000 | PRESENT),
        (0x2000 + 8 * 0x002, 0x1_0000_3000 | PRESENT),
        (0x1_0000_3000 + 8 * 0x7, NO_EXECUTE | 0xBCDE_F000 | PRESENT),
        (0x2000 + 8 * 0x001, NO_EXECUTE | 0x2_0020_0000 | LARGE | PRESENT),
    )
    assert walked(form, 0x1E60, 0xC040_7123, words) == 0xBCDE_F123
    assert walked(form, 0x1E60, 0xC021_2345, words) == 0x2_0021_2345
    assert walked(form, 0x1E60, 0x8021_2345, words) is None


@pytest.mark.parametrize("levels", [4, 5])
def test_four_and_five_levels(levels: int) -> None:
    form = paging(64, LA57 if levels == 5 else 0)
    top = [(0x1000 + 8 * 0x1FF, 0x2000 | PRESENT)] if levels == 5 else []
    first = 0x2000 if levels == 5 else 0x1000
    words = memory(
        8,
        *top,
        (first + 8 * 0x1FF, 0x3000 | PRESENT),
        (0x3000 + 8 * 0x1FE, 0x4000 | PRESENT),
        (0x4000 + 8 * 0x008, 0x0120_0000 | LARGE | PRESENT),
        (0x3000 + 8 * 0x1FD, 0x4000_0000 | LARGE | PRESENT),
    )
    assert walked(form, 0x1000, 0xFFFF_FFFF_8101_2345, words) == 0x0121_2345
    assert walked(form, 0x1000, 0xFFFF_FFFF_7654_3210, words) == 0x7654_3210
    assert walked(form, 0x1000, 0xFFFF_FFFF_8201_2345, words) is None


@pytest.mark.parametrize("bits", [32, 64])
def test_the_kernels_table_lies_before_the_users(bits: int) -> None:
    form = paging(bits, PAE)
    assert on_user_table(0x0123_5000)
    assert form.kernel_table(0x0123_5000) == 0x0123_4000
    assert not on_user_table(0x0123_4000)


def test_where_a_32_bit_kernels_idt_lies() -> None:
    """The one that stays is above all of the kernel's own memory; boot's is not it yet."""
    said = "EIP=c1030c83\nGDT=     ffa02000 000000ff\nIDT=     {} 000007ff\nCR0=80050033\n"
    assert i386_idt(said.format("ff400000")) == 0xFF40_0000
    assert i386_idt(said.format("c1e60000")) is None
    assert i386_idt("") is None
