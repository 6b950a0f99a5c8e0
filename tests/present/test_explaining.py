"""What is said of every instruction on the way in and out, against the table of explanations.

`explained.py` tells what a row is and how the table is made anew.
"""

import re
from typing import NamedTuple

import explained
import pytest

from systui.arch import BY_NAME as ARCHITECTURES
from systui.model.call import Phase
from systui.present.phase import phase_begins

WAYS = [(name, pti) for name, each in explained.KERNELS.items() for pti in each.isolation]


class Walked(NamedTuple):
    """A kernel, and what was said of its ways."""

    kernel: explained.Kernel
    told: list[explained.Told]


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: f"{way[0]}{'-pti' * way[1]}")
def walked(request: pytest.FixtureRequest) -> Walked:
    name, pti = request.param
    kernel = explained.KERNELS[name]
    return Walked(kernel, list(explained.walked(kernel, pti=pti)))


@pytest.fixture
def told(walked: Walked) -> list[explained.Told]:
    return walked.told


def test_every_instruction_is_explained_as_the_table_says(walked: Walked) -> None:
    table = set(explained.read(walked.kernel))
    assert [each.row for each in walked.told if each.row not in table] == []


@pytest.mark.parametrize("kernel", explained.KERNELS.values(), ids=list(explained.KERNELS))
def test_the_table_has_no_row_that_nothing_says(kernel: explained.Kernel) -> None:
    every = (explained.walked(kernel, pti=pti) for pti in kernel.isolation)
    said = {each.row for told in every for each in told}
    assert [row for row in explained.read(kernel) if row not in said] == []


def test_every_value_said_was_there(walked: Walked) -> None:
    """A sentence's numbers are registers, slots, words of the stack, or the instruction's own."""
    word = ARCHITECTURES[walked.kernel.era.architecture].word
    for each in walked.told:
        effect = each.after.effect
        assert effect is not None
        seen: set[int | None] = set(each.before.registers.values.values())
        seen |= set(each.after.registers.values.values())
        seen |= {value for value in effect.parts.values() if isinstance(value, int)}
        for stop in (each.before, each.after):
            seen |= set(stop.stack.words)
            seen |= {stop.stack.pointer + word * index for index in range(len(stop.stack.words))}
            if stop.frame is not None:
                seen |= {slot.value for slot in stop.frame.slots}
        numbers = re.findall(r"(?<![+\w])0x[0-9a-f]+", each.said.removeprefix(effect.instruction))
        assert {int(number, 16) for number in numbers} <= seen, each.said


STORES = (
    "pushq %rdi",
    "pushq %rsi",
    "movq %rdi, 0x40(%rsp)",
    "movq %rsi, 0x38(%rsp)",
    "pushl %ebx",
)
"""Of arguments, on the three kernels."""


def test_another_value_changes_the_words(told: list[explained.Told]) -> None:
    """What one instruction says on different calls differs where its registers do."""
    pushes: dict[str, dict[int, str]] = {}
    for each in told:
        stored = each.row[1] in STORES and each.row[2] in ("push_slot", "store_slot")
        if stored and each.row[0].startswith(("entry_SYSCALL_64", "system_call")):
            value = each.before.registers[each.row[1].split()[1].strip("%,")]
            pushes.setdefault(f"{each.row[0]} {each.row[1]}", {})[value] = each.said
    assert pushes
    for said in pushes.values():
        assert len(said) > 1
        assert len(set(said.values())) == len(said)
        assert all(f"{value:#x}" in sentence for value, sentence in said.items())


def test_a_phase_that_begins_says_what_it_is_for(told: list[explained.Told]) -> None:
    begins = {each.after.phase for each in told if phase_begins(each.after)}
    assert begins >= {Phase.DISPATCH, Phase.HANDLER, Phase.RESTORE, Phase.USER}
    for each in told:
        resumed = each.after.nested < each.before.nested
        changed = each.before.phase is not each.after.phase and not resumed
        assert bool(phase_begins(each.after)) == changed
