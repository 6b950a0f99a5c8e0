"""Where the kernel runs one task only."""

import pytest
from fake_machine import FakeMachine

from systui.model.stop import Channel


@pytest.mark.parametrize("call", ["fork", "vfork"])
def test_a_second_task_is_refused_and_told_of(call: str) -> None:
    machine = FakeMachine()
    assert machine.call(call) == -38
    ((channel, said),) = machine.output
    assert channel is Channel.DEBUGGER
    assert b"runs one only" in said
