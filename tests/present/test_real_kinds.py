"""Instruction kinds that real kernels have on their entry paths: what is said of them.

Bytes are assembled by hand; registers before and after are chosen. Each line is told in both
languages, and with another value in other words.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "decode"))
from test_effects import FRAME, PATH, WAY, told

from systui import words
from systui.model.call import Phase
from systui.present.effect import sentence

ENTRY = PATH.entry or 0
_RESTORE = WAY._replace(phase=Phase.RESTORE)
_ENTERING = WAY._replace(phase=Phase.ENTRY)
_DISPATCH = WAY._replace(phase=Phase.DISPATCH)
_HANDLER = WAY._replace(phase=Phase.HANDLER)

KINDS = [
    ("f3 0f 1e fa", {}, {}, _HANDLER, "CET", "CET"),
    ("0f ae e8", {}, {}, _ENTERING, "not even speculatively", "推测"),
    ("0f 01 cb", {}, {}, _HANDLER, "the kernel may reach the user's memory", "可以访问用户内存"),
    ("0f 01 ca", {}, {}, _HANDLER, "no longer reach the user's memory", "不能再误访用户内存"),
    ("0f 00 2d 00 00 00 00", {}, {}, _RESTORE, "empties internal buffers", "清空"),
    (
        *("0f 30", {"rcx": 0x48, "rax": 1, "rdx": 0}, {}, _ENTERING),
        *("register IA32_SPEC_CTRL = 0x1", "寄存器 IA32_SPEC_CTRL = 0x1"),
    ),
    (
        *("0f 32", {"rcx": 0xC0000101, "rax": 0, "rdx": 0}, {"rax": 8, "rdx": 1}, _ENTERING),
        *("0x100000008, read from", "0x100000008，读自"),
    ),
    (
        *("0f 30", {"rcx": 0x1234, "rax": 1, "rdx": 0}, {}, _ENTERING),
        *("register 0x1234 = 0x1", "寄存器 0x1234 = 0x1"),
    ),
    # the user's table and PCID, in one go; and CR3's "do not flush"
    (
        *("48 0d 00 18 00 00", {"rax": 0x10_0000}, {"rax": 0x10_1800}, _RESTORE),
        *("the bit that chooses the user's page table is set", "置位"),
    ),
    (
        *("48 25 ff e7 ff ff", {"rax": 0x10_1800}, {"rax": 0x10_0000}, _ENTERING),
        *("the bit that chooses the user's page table is cleared", "被清除"),
    ),
    (
        *("48 0f ba e8 3f", {"rax": 0x10_0000}, {"rax": 0x10_0000 | 1 << 63}, _RESTORE),
        *("bits of CR3 that say what to flush", "说明刷新什么"),
    ),
    # five levels of page tables: seven bits are not implemented
    ("48 c1 e1 07", {"rcx": 1}, {"rcx": 0x80}, _RESTORE, "over the 7 bits", "上面的 7 位"),
    ("48 c1 f9 10", {"rcx": 1 << 16}, {"rcx": 1}, _RESTORE, "over the 16 bits", "上面的 16 位"),
    ("48 89 e7", {"rsp": FRAME}, {"rdi": FRAME}, _DISPATCH, "where pt_regs lies", "pt_regs 所在"),
    ("48 63 f0", {"rax": 43}, {"rsi": 43}, _DISPATCH, "the call's number", "系统调用号"),
    ("31 f6", {"rsi": 9}, {"rsi": 0}, _ENTERING, "(was 0x9): no user value is left", "推测"),
]


@pytest.mark.parametrize(("code", "before", "after", "way", "english", "chinese"), KINDS)
def test_a_kind_is_explained(
    code: str,
    before: dict[str, int],
    after: dict[str, int],
    way: object,
    english: str,
    chinese: str,
) -> None:
    effect = told(code, before=before, after=after, way=way, at=ENTRY)  # type: ignore[arg-type]
    assert english in sentence(effect)
    words.use("zh")
    try:
        assert chinese in sentence(effect)
    finally:
        words.use("en")


@pytest.mark.parametrize(
    ("code", "before", "after", "way", "absent"),
    [
        # a register that is no page table; a shift outside the way back; numbers of another call
        ("48 0d 00 18 00 00", {"rax": 0x55_0000}, {"rax": 0x55_1800}, _RESTORE, "table_bits"),
        ("48 c1 e1 04", {"rcx": 1}, {"rcx": 0x10}, _RESTORE, "canonical"),
        ("48 63 f0", {"rax": 44}, {"rsi": 44}, _DISPATCH, "number_argument"),
        ("48 89 e7", {"rsp": FRAME + 8}, {"rdi": FRAME + 8}, _DISPATCH, "frame_argument"),
        ("31 f6", {"rsi": 9}, {"rsi": 0}, _RESTORE, "no_user_value"),
    ],
)
def test_nothing_is_claimed_that_the_values_do_not_bear_out(
    code: str, before: dict[str, int], after: dict[str, int], way: object, absent: str
) -> None:
    effect = told(code, before=before, after=after, way=way, at=ENTRY)  # type: ignore[arg-type]
    assert effect.parts.get("purpose") != absent


def test_a_user_program_has_no_such_purposes() -> None:
    effect = told("31 f6", before={"cs": 0x33, "rsi": 9}, after={"rsi": 0}, way=None)
    assert "purpose" not in effect.parts
