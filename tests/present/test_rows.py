"""Widths, cuts and digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from systui.present.rows import cells, clip, hexadecimal, pad, visible


@pytest.mark.parametrize(
    ("text", "expected"), [("abc", 3), ("系统", 4), ("é", 1), ("e\u0301", 1), ("▶ ✓ ●", 5)]
)
def test_cells_are_the_terminal_s(text: str, expected: int) -> None:
    assert cells(text) == expected


@given(some.text(max_size=60), some.integers(0, 60))
def test_a_cut_fits(text: str, size: int) -> None:
    assert cells(clip(text, size)) <= max(size, 0)


@pytest.mark.parametrize("size", range(1, 40))
def test_no_number_is_cut_in_half(size: int) -> None:
    numbers = ("0x7ffd7744bb18", "-88", "0xffffffff81c0006b", "43")
    shown = clip(f"{numbers[3]} accept(fd={numbers[0]}, x={numbers[2]}) = {numbers[1]}", size)
    words = shown.replace("…", " ").replace(",", " ").replace("(", " ").replace(")", " ").split()
    for word in words:
        value = word.partition("=")[2] or word
        if value[:1].isdigit():
            assert value in numbers


def test_leading_zeros_stand_apart() -> None:
    assert [tuple(span) for span in hexadecimal(0x2B, 8)] == [("000000", "zero"), ("2b", "number")]
    assert [tuple(span) for span in hexadecimal(0, 4)] == [("0000", "zero")]
    assert [tuple(span) for span in hexadecimal(0xFFFF, 4)] == [("ffff", "number")]


def test_control_characters_cannot_reach_the_terminal() -> None:
    assert visible("a\x1b[31mb\x07") == "a␛[31mb␇"
    assert visible("\tx") == "        x"
    assert visible("\x7f\x9b") == "��"


def test_padding_counts_cells() -> None:
    assert pad("系", 4) == "系  "


def test_chinese_is_cut_between_any_two_characters() -> None:
    assert clip("系统调用表的处理函数", 11) == "系统调用表…"
    assert clip("等待 0x7ffd7744bb18 处的", 12) == "等待…"
