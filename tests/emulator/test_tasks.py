"""Several tasks on one machine: any position again, stepping by task, bombs and deadlocks."""

import random

import emulated
import pytest

from systui.model.stop import Reason, Task
from systui.services.process import MAX_TASKS
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Direction, Run, Step


@pytest.fixture(scope="module")
def ended() -> EmulatorTarget:
    target = emulated.start("crowd", "static")
    stop, heard = emulated.finish(target)
    assert stop.exit_status == 0
    assert b"".join(each.data for each in heard) == b"sum 36\n"
    return target


def test_every_position_is_the_same_again(ended: EmulatorTarget) -> None:
    end = ended.latest
    positions = sorted(random.Random(5).sample(range(end), 30))
    states = {}
    for position in positions:
        ended.seek(position)
        states[position] = ended.current_stop().task, emulated.state(ended)
    assert {task.pid for task, _state in states.values()} == {1000, 1001}
    for position in random.Random(6).sample(positions, len(positions)):
        ended.seek(position)
        assert (ended.current_stop().task, emulated.state(ended)) == states[position]


def test_two_runs_are_one(ended: EmulatorTarget) -> None:
    again = emulated.start("crowd", "static")
    emulated.finish(again)
    assert again.latest == ended.latest
    position = ended.latest * 2 // 3
    ended.seek(position)
    again.seek(position)
    assert emulated.state(again)[:3] == emulated.state(ended)[:3]
    again.close()


def _at_schedule(target: EmulatorTarget) -> Task:
    target.seek(0)
    address = target._machine.kernel.address("serve_schedule")
    assert address is not None
    stop = target.resume(Run(addresses=frozenset((address,))))
    assert stop.reason is Reason.BREAKPOINT
    return stop.task


def test_a_step_follows_its_task_over_a_switch_and_back(ended: EmulatorTarget) -> None:
    task = _at_schedule(ended)
    positions = [ended.current_stop().position]
    for _ in range(120):
        stop = ended.resume(Step(), task)
        assert stop.task == task
        positions.append(stop.position)
    assert positions[-1] - positions[0] > 300
    for position in reversed(positions[:-1]):
        stop = ended.resume(Step(Direction.BACKWARD), task)
        assert (stop.task, stop.position) == (task, position)


def test_addresses_count_in_the_task_asked_for(ended: EmulatorTarget) -> None:
    ended.seek(0)
    entry = ended._machine.kernel.address("entry_SYSCALL_64")
    assert entry is not None
    child = Task(1001, "crowd")
    stop = ended.resume(Run(addresses=frozenset((entry,))), child)
    assert (stop.reason, stop.task) == (Reason.BREAKPOINT, child)
    last = ended.resume(Run(addresses=frozenset((entry,))), child)
    assert ended.resume(Run(Direction.BACKWARD, frozenset((entry,))), child) == stop
    assert last.position > stop.position


def test_each_task_has_a_kernel_stack_of_its_own(ended: EmulatorTarget) -> None:
    frames: dict[int, set[int]] = {}
    gate = ended._machine.kernel.address("serve_syscall")
    assert gate is not None
    ended.seek(0)
    while (stop := ended.resume(Run(addresses=frozenset((gate,))))).reason is Reason.BREAKPOINT:
        frames.setdefault(stop.task.pid, set()).add(ended.registers()["rdi"])
    assert all(len(addresses) == 1 for addresses in frames.values())
    assert len({address for addresses in frames.values() for address in addresses}) == 2


def test_a_fork_bomb_is_refused_at_the_limit() -> None:
    target = emulated.start("crowd", "static", "bomb")
    heard: list[bytes] = []
    target.subscribe(lambda output: heard.append(output.data))
    target.resume(Run())
    assert b"".join(heard) == f"refused after {MAX_TASKS - 1}: 1\n".encode()
    target.close()


def test_a_deadlock_says_who_waits_for_what() -> None:
    target = emulated.start("crowd", "static", "deadlock")
    stop = target.resume(Run())
    assert stop.reason is Reason.BLOCKED
    for pid in (1000, 1001):
        assert f"{pid} (crowd): waiting for data in a pipe" in stop.detail
    assert [task.pid for task in target.tasks()] == [1000, 1001]
    target.close()
