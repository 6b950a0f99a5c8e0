"""Every position is the same, however it is come to."""

import random
import subprocess

import emulated
import program_builder
import pytest

from systui.model.stop import Reason, Stop
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Direction, Run, Step

BACK = Step(Direction.BACKWARD)


def _walked(name: str, way: str, chosen: int) -> tuple[EmulatorTarget, dict[int, emulated.State]]:
    """A target single-stepped to its end, and its state at some positions."""
    target = emulated.start(name, way)
    end = _length(name, way)
    wanted = set(random.Random(1).sample(range(end), chosen)) | {0, end}
    states = {0: emulated.state(target)}
    stop: Stop = target.current_stop()
    while stop.reason is not Reason.EXIT:
        stop = target.resume(Step())
        if stop.position in wanted:
            states[stop.position] = emulated.state(target)
    assert stop.position == end
    return target, states


def _length(name: str, way: str) -> int:
    target = emulated.start(name, way)
    stop, _heard = emulated.finish(target)
    target.close()
    return stop.position


@pytest.mark.parametrize("way", ["static", "musl"])
def test_seeking_stepping_back_and_counting_give_the_same_states(way: str) -> None:
    target, states = _walked("mixture", way, 150)
    positions = sorted(states)
    shuffled = random.Random(2).sample(positions, len(positions))
    for position in shuffled:
        assert target.seek(position).position == position
        assert emulated.state(target) == states[position], position
    target.seek(positions[-1])
    for position in range(positions[-1] - 1, positions[-1] - 3000, -1):
        assert target.resume(BACK).position == position
        if position in states:
            assert emulated.state(target) == states[position], position
    target.close()


def test_a_count_is_as_many_steps() -> None:
    walker, states = _walked("mixture", "static", 150)
    walker.close()
    runner = emulated.start("mixture", "static")
    machine = runner._machine
    for position in sorted(states):
        halt = machine.advance(position - machine.position)
        assert halt is None
        assert machine.position == position
        assert emulated.state(runner)[:3] == states[position][:3], position
    runner.close()


def test_output_leaves_once_and_carries_its_position() -> None:
    target = emulated.start("mixture", "static")
    stop, heard = emulated.finish(target)
    assert stop.exit_status == 42
    text = b"".join(each.data for each in heard)
    program = program_builder.built("mixture", "static")
    assert text == subprocess.run([program], stdin=subprocess.DEVNULL, capture_output=True).stdout
    for each in heard:
        target.seek(each.position - 1)
        target.resume(Step())
    target.seek(0)
    assert target.resume(Run()) == stop
    assert b"".join(each.data for each in heard) == text
    target.close()


def test_a_long_run_back_over_many_hits_finds_the_last() -> None:
    target = emulated.start("mixture", "static")
    emulated.finish(target)
    entry = program_builder.address("mixture", "on_fault", "static")
    last = target.resume(Run(Direction.BACKWARD, frozenset((entry,))))
    first = target.resume(Run(Direction.BACKWARD, frozenset((entry,))))
    assert last.reason is first.reason is Reason.BREAKPOINT
    assert first.position < last.position
    again = target.resume(Run(Direction.FORWARD, frozenset((entry,))))
    assert again == last
    target.close()
