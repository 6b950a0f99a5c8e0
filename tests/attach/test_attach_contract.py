"""The contract that every target keeps, on a real kernel behind gdb."""

import sys
from pathlib import Path

import pytest
from guests import Guest

for _folder in ("contract", "programs"):
    sys.path.append(str(Path(__file__).parents[1] / _folder))
import program_builder
import scenarios

from systui.model.errors import NotSupportedError

pytestmark = pytest.mark.slow

_FAULTS = "a guest's pages are loaded when they are first touched, which is a stop of its own"
_SEEN = "the past of a guest is what was seen of it, so nothing lies between two stops"
_DIFFERENT = {
    "a_step_runs_one_instruction": _FAULTS,
    "memory_is_read_or_said_to_be_unreadable": _FAULTS,
    "edits_hold_and_forget_what_lay_ahead": _FAULTS,
    "a_watchpoint_sees_what_a_call_stores": _FAULTS,
    "output_comes_once_and_input_reaches_the_program": "a console is one channel, and echoes",
    "the_same_position_is_the_same_stop": "stops of the past are marked as past",
    "running_back_finds_the_last_hit": _SEEN,
    "any_position_can_be_sought": _SEEN,
    "a_watchpoint_is_found_backwards": _SEEN,
    "edits_are_repeated": _SEEN,
    "a_restart_is_a_fresh_run": "a guest is booted anew by a new session",
    "a_fresh_run_asks_for_input_again": "a guest is booted anew by a new session",
    "input_belongs_to_where_it_was_given": _SEEN,
}
"""Scenarios that a live guest cannot play as written, each with its reason."""


@pytest.mark.parametrize("each", scenarios.ALL, ids=lambda each: each.name)
def test_contract_on_gdb(each: scenarios.Scenario, guest: Guest) -> None:
    if each.name in _DIFFERENT:
        pytest.xfail(_DIFFERENT[each.name])
    program_builder.KERNELS[guest.image.build_id] = guest.image
    target = guest.boot(program_builder.built(scenarios.PROGRAM), append="nokaslr")
    if each.needs & ~target.capabilities:
        with pytest.raises(NotSupportedError):
            each.play(target)
    else:
        assert each.play(target)
