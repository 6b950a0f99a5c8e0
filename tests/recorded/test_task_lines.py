"""The line that tells what tasks did, there and back, and as older sessions have it."""

import json

import pytest

from systui.model.stop import Task
from systui.model.task_log import Deed, TaskEvent
from systui.target.recorded.format import DamageError
from systui.target.recorded.task_lines import task_events, task_lines

EVENT = TaskEvent(
    *(7, Task(1001, "server"), Deed.CALLS, "64", 49, (3, 0x7FFF_0000, 16)),
    frame=0xFFFF_8000_0000_1000,
    told=("3", "{sa_family=AF_INET}", "16"),
)


def _fact() -> list[object]:
    (line,) = task_lines([EVENT])
    fact = json.loads(line)["tasks"][0]
    assert isinstance(fact, list)
    return fact


def test_what_is_written_is_read_again() -> None:
    assert task_events({"tasks": [_fact()]}) == [EVENT]


def test_older_sessions_tell_no_arguments() -> None:
    assert task_events({"tasks": [_fact()[:-1]]}) == [EVENT._replace(told=())]


@pytest.mark.parametrize("told", ["3", [3], None])
def test_damaged_arguments_are_damage(told: object) -> None:
    with pytest.raises(DamageError):
        task_events({"tasks": [[*_fact()[:-1], told]]})
