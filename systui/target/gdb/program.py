"""The user's program among a guest's tasks."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from systui.model.stop import Task
from systui.target.gdb.linux import UNKNOWN_PID

_NAME = 15
"""Letters of a task's name: the kernel keeps no more (TASK_COMM_LEN)."""


@dataclass(slots=True)
class Program:
    """The user's program in the guest: by pid where it is known, else by its short name."""

    name: str
    pid: int | None = None

    def is_first(self, task: Task) -> bool:
        """Whether `task` is what the program was started as; by name, its children are, too."""
        if self.pid is not None and task.pid != UNKNOWN_PID:
            return task.pid == self.pid
        return task.name == self.name[:_NAME]

    def owns(self, task: Task, forebears: Iterable[Task]) -> bool:
        """Whether `task` is of the program: itself, a thread, or stems from it."""
        return any(map(self.is_first, chain((task,), forebears)))

    def leads(self, task: Task, forebears: Iterable[Task]) -> bool:
        """Whether the program ends with `task`: it is its first."""
        return self.is_first(task) and not any(map(self.is_first, forebears))
