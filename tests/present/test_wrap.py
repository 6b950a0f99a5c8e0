"""Lines never wider than asked, whatever the text."""

from hypothesis import given
from hypothesis import strategies as st

from systui.present.rows import cells
from systui.present.wrap import wrap


def test_breaks_at_blanks() -> None:
    assert list(wrap("one two  three", 7)) == ["one two", "three"]


def test_breaks_between_chinese_characters() -> None:
    assert list(wrap("内核栈 rsp 到了", 6)) == ["内核栈", "rsp 到", "了"]


def test_a_word_too_long_is_cut() -> None:
    assert list(wrap("abcdefghij k", 4)) == ["abcd", "efgh", "ij k"]


@given(st.text(max_size=60), st.integers(2, 20))
def test_no_line_is_wider_and_nothing_is_lost(text: str, size: int) -> None:
    lines = list(wrap(text, size))
    assert all(cells(line) <= size for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_closing_punctuation_does_not_begin_a_line_nor_opening_end_one() -> None:
    assert list(wrap("内核栈，用户栈（空）", 6)) == ["内核", "栈，用", "户栈", "（空）"]
