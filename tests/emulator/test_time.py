"""Every position is the same, however it is come to."""

import random
import subprocess
import threading
from pathlib import Path

import emulated
import program_builder
import pytest

from systui.model.stop import MemoryRange, Reason, Space, Stop
from systui.target.emulator.checkpoints import MOST
from systui.target.emulator.options import EmulatorOptions, Limits
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


@pytest.mark.parametrize("name", ["mixture", "strings", "selfmodify"])
def test_a_count_is_as_many_steps(name: str) -> None:
    walker, states = _walked(name, "static", 150)
    walker.close()
    runner = emulated.start(name, "static")
    machine = runner._machine
    for position in sorted(states):
        halt = machine.advance(position - machine.position)
        assert halt is None
        assert machine.position == position
        assert emulated.state(runner)[:3] == states[position][:3], position
    runner.close()


@pytest.mark.parametrize("name", ["strings", "selfmodify"])
def test_it_says_what_it_says_natively(name: str) -> None:
    target = emulated.start(name, "static")
    stop, heard = emulated.finish(target)
    native = subprocess.run([program_builder.built(name, "static")], capture_output=True)
    assert b"".join(each.data for each in heard) == native.stdout
    assert stop.exit_status == native.returncode == 0
    target.close()


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


def test_many_steps_keep_few_checkpoints_and_all_positions() -> None:
    target = emulated.start("greedy", "static", "calls")
    for _ in range(70_000):
        target.resume(Step())
    checkpoints = target._timeline.checkpoints
    assert len(checkpoints) <= MOST
    for position in random.Random(3).sample(range(70_000), 20):
        assert target.seek(position).position == position
        state = emulated.state(target)
        target.seek(position + 300)
        target.seek(position)
        assert emulated.state(target) == state
    target.close()


def test_an_interrupted_search_stays_where_it_began() -> None:
    options = EmulatorOptions(stdin=b"", limits=Limits(instructions=20_000_000))
    target = emulated.start("greedy", "static", "time", options=options)
    began = target.resume(Run())
    assert began.reason is Reason.LIMIT
    interrupting = threading.Timer(0.02, target.interrupt)
    interrupting.start()
    stop = target.resume(Run(Direction.BACKWARD, frozenset((0x10,))))
    interrupting.join()
    if stop.reason is Reason.INTERRUPTED:
        assert stop.position == began.position
    else:
        assert stop.reason is Reason.BEGINNING, "the machine was too busy to be interrupted in time"
    target.close()


def test_physical_edits_are_edits_too() -> None:
    target = emulated.start("scenario", "bare")
    where = program_builder.kernel_address("sys_call_table") & 0xFFFFFFF
    data = bytes(range(16))
    at = (0x100_0000 | where & 0xFF_FFFF) & -4096
    target.write_memory(Space.PHYSICAL, at + 4090, data)
    assert target.read_memory([MemoryRange(Space.PHYSICAL, at + 4090, 16)]) == [data]
    for _ in range(5):
        target.resume(Step())
    target.seek(0)
    assert target.read_memory([MemoryRange(Space.PHYSICAL, at + 4090, 16)]) == [data]
    target.close()


@pytest.mark.parametrize("way", ["static", "static-pie", "musl", "dynamic"])
def test_however_it_is_linked_it_runs_as_natively(way: str) -> None:
    options = EmulatorOptions(stdin=b"", root=Path("/") if way == "dynamic" else None)
    target = emulated.start("mixture", way, "last", options=options)
    stop, heard = emulated.finish(target)
    native = subprocess.run(
        [program_builder.built("mixture", way), "last"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert b"".join(each.data for each in heard) == native.stdout
    assert stop.exit_status == native.returncode == 42
    assert (target.info.program_slide != 0) is (way in ("static-pie", "dynamic"))
    target.close()
