"""What is said of every instruction on the way in and out, against the table of explanations.

`explained.py` tells what a row is and how the table is made anew.
"""

import re

import explained
import pytest

from systui.model.call import Phase
from systui.present.phase import phase_begins


@pytest.fixture(scope="module", params=[True, False], ids=["pti", "no-pti"])
def told(request: pytest.FixtureRequest) -> list[explained.Told]:
    return list(explained.walked(pti=request.param))


def test_every_instruction_is_explained_as_the_table_says(told: list[explained.Told]) -> None:
    table = set(explained.read())
    assert [each.row for each in told if each.row not in table] == []


def test_the_table_has_no_row_that_nothing_says() -> None:
    said = {each.row for pti in (True, False) for each in explained.walked(pti=pti)}
    assert [row for row in explained.read() if row not in said] == []


def test_every_value_said_was_there(told: list[explained.Told]) -> None:
    """A sentence's numbers are registers, slots, words of the stack, or the instruction's own."""
    for each in told:
        effect = each.after.effect
        assert effect is not None
        seen: set[int | None] = set(each.before.registers.values.values())
        seen |= set(each.after.registers.values.values())
        seen |= {value for value in effect.parts.values() if isinstance(value, int)}
        for stop in (each.before, each.after):
            seen |= set(stop.stack.words)
            seen |= {stop.stack.pointer + 8 * index for index in range(len(stop.stack.words))}
            if stop.frame is not None:
                seen |= {slot.value for slot in stop.frame.slots}
        numbers = re.findall(r"(?<![+\w])0x[0-9a-f]+", each.said.removeprefix(effect.instruction))
        assert {int(number, 16) for number in numbers} <= seen, each.said


def test_another_value_changes_the_words(told: list[explained.Told]) -> None:
    """What one instruction says on different calls differs where its registers do."""
    pushes: dict[str, dict[int, str]] = {}
    for each in told:
        pushed = each.row[1] in ("pushq %rdi", "pushq %rsi") and each.row[2] == "push_slot"
        if pushed and each.row[0].startswith("entry_SYSCALL_64"):
            value = each.before.registers[each.row[1].removeprefix("pushq %")]
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
