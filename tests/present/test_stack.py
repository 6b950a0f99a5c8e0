"""pt_regs as rows while it is being built."""

import pytest
from made_snapshot import FIELDS, FRAME, TOP, frame, snapshot

from systui.arch.x86_64 import X86_64
from systui.model.frame import PtRegs, StackKind, Written
from systui.model.snapshot import StackView
from systui.present.rows import width
from systui.present.stack import stack_facts, stack_focus, stack_rows


@pytest.mark.parametrize("pushed", range(len(FIELDS) + 1))
@pytest.mark.parametrize("size", [36, 50, 80])
def test_each_push_fills_one_slot(pushed: int, size: int) -> None:
    rows = stack_rows(snapshot(pushed), X86_64, size)
    assert [row.tag for row in rows] == list(FIELDS)
    assert all(width(row.spans) <= size for row in rows)
    written = ["┈" not in row.text for row in rows]
    assert written == [True] * pushed + [False] * (len(FIELDS) - pushed)


def test_the_slot_just_written_is_marked_and_says_by_whom() -> None:
    row = stack_rows(snapshot(6), X86_64, 60)[5]
    assert row.tag == "orig_ax"
    assert row.base == "just"
    assert "◀ pushq %orig_ax" in row.text
    assert stack_focus(snapshot(6), stack_rows(snapshot(6), X86_64, 60)) == 5


def test_rsp_stands_by_its_slot() -> None:
    marked = [row.tag for row in stack_rows(snapshot(6), X86_64, 60) if row.text[0] == "▸"]
    assert marked == ["orig_ax"]


@pytest.mark.parametrize(
    ("size", "height", "lines"), [(80, 9, 7), (60, 6, 11), (51, 14, 11), (50, 14, 21), (80, 21, 21)]
)
def test_where_lines_are_few_the_slots_stand_in_columns(size: int, height: int, lines: int) -> None:
    for pushed in range(len(FIELDS) + 1):
        rows = stack_rows(snapshot(pushed), X86_64, size, height)
        names = [name for row in rows[:lines] for name in str(row.tag).split()]
        assert sorted(names) == sorted(FIELDS)
        assert all(width(row.spans) <= size for row in rows)
        written = "".join(row.text for row in rows[:lines]).count("┈" * 16)
        assert written == len(FIELDS) - pushed


def test_in_columns_too_the_slot_just_written_tells_all() -> None:
    rows = stack_rows(snapshot(6), X86_64, 80, 9)
    assert stack_focus(snapshot(6), rows) == 5
    assert "▸orig_ax•0000000000001005" in rows[5].text
    assert "◀ pushq %orig_ax" in rows[7].text
    assert len(rows) == 8


def test_the_heading_counts() -> None:
    assert stack_facts(snapshot(6)) == "thread stack · pt_regs 6 of 21"
    assert stack_facts(snapshot(21)) == "thread stack · pt_regs complete"
    assert stack_facts(snapshot(frame=None)) == "thread stack"


def test_words_below_the_frame_come_under_it() -> None:
    stack = StackView(StackKind.THREAD, FRAME - 16, (0xAAAA, 0xBBBB, 0x1))
    rows = stack_rows(snapshot(21, stack=stack), X86_64, 60)
    assert len(rows) == len(FIELDS) + 2
    assert [row.text.split()[-1].lstrip("0") for row in rows[-2:]] == ["bbbb", "aaaa"]
    assert rows[-1].text.startswith("▸")


def test_another_stack_does_not_mix_with_the_frame() -> None:
    stack = StackView(StackKind.TRAMPOLINE, 0xFFFF_FE00_0000_3000, (1, 2))
    rows = stack_rows(snapshot(21, stack=stack), X86_64, 60)
    assert [row.tag for row in rows] == list(FIELDS)


def test_without_a_frame_the_words_are_shown_highest_first() -> None:
    stack = StackView(StackKind.USER, 0x7FFD_0000_1000, (1, None, 3))
    rows = stack_rows(snapshot(frame=None, stack=stack), X86_64, 60)
    assert [row.tag for row in rows] == [0x7FFD_0000_1010, 0x7FFD_0000_1008, 0x7FFD_0000_1000]
    assert "?" * 16 in rows[1].text


def test_restored_and_unknown_slots_differ() -> None:
    slots = list(frame(21).slots)
    slots[-1] = slots[-1]._replace(restored=True)
    slots[0] = slots[0]._replace(written=Written.UNKNOWN)
    rows = stack_rows(snapshot(21, frame=PtRegs(FRAME, StackKind.THREAD, tuple(slots))), X86_64, 60)
    assert "→ r15 restored" in rows[-1].text
    assert "unknown" in rows[0].text


def test_the_frame_starts_below_the_top() -> None:
    assert FRAME + X86_64.pt_regs.size == TOP
