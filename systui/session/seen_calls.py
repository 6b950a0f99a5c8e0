"""The calls of all tasks that were come by at stops: what is known where no target tells."""

from systui.arch.spec import Architecture
from systui.decode.errno import answered
from systui.decode.way import Way
from systui.model.stop import Task
from systui.model.task_log import Deed, TaskEvent

_KEPT = 4096
"""Calls; the oldest goes first."""


class SeenCalls:
    """Each call as it was seen last."""

    def __init__(self, arch: Architecture) -> None:
        self._arch = arch
        self._calls: dict[tuple[int, int | None], tuple[Task, Way]] = {}

    def put(self, task: Task, way: Way) -> None:
        """A stop of `task` in or after its call `way`, whose beginning is known."""
        self._calls[task.pid, way.entered_at] = task, way
        if len(self._calls) > _KEPT:
            del self._calls[next(iter(self._calls))]

    def forget_after(self, position: int) -> None:
        """The future will be another one."""
        for key in [each for each in self._calls if each[1] is not None and each[1] >= position]:
            del self._calls[key]

    def events(self) -> list[TaskEvent]:
        """Their beginnings and ends, in order."""
        found: list[TaskEvent] = []
        for task, way in self._calls.values():
            at, convention = way.entered_at, self._arch.convention(way.abi)
            if at is None or convention.number not in way.before:
                continue
            mask = (1 << convention.bits) - 1
            values = tuple(way.before.get(name, 0) & mask for name in convention.arguments)
            number = way.before[convention.number] & 0xFFFF_FFFF
            begun = TaskEvent(at, task, Deed.CALLS, way.abi, number, values, frame=way.frame)
            found.append(begun)
            if way.result is not None and way.result_at is not None:
                result = answered(way.result, self._arch.bits)
                found.append(
                    TaskEvent(way.result_at, task, Deed.RETURNS, result=result, frame=way.frame)
                )
        return sorted(found, key=lambda event: event.position)
