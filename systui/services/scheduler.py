"""Whose turn it is: round robin by number among those that can go on.

Whether a task that waits can go on is found out by trying its call: what the try changes is put
back, and nothing is stored in the program's memory. So each call says in one place what it waits
for. The choice follows from the state alone: the same run switches at the same positions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from systui.services.ports import Blocked
from systui.services.process import SLICE
from systui.services.words import deadlock, stopped_by, waits_for_vfork

if TYPE_CHECKING:
    from systui.services.system import System
    from systui.services.task import Task, Waiting


def choose(system: System) -> Task | Blocked:
    """Give the CPU to the next task, letting time pass while all sleep; Blocked where none can."""
    while True:
        for task in _in_turn(system):
            if ready(task):
                if task.waiting is not None and system.watcher is not None:
                    system.watcher.goes_on(task, *_why_goes_on(task, task.waiting))
                system.task = task
                system.slice_end = system.clock() + SLICE
                return task
        moment = _next_moment(system)
        if moment is None:
            return _standstill(system)
        system.slept += max(0, moment - system.task.monotonic())
        system.run_timers()


def _in_turn(system: System) -> list[Task]:
    """All tasks, beginning behind the one that had the CPU last."""
    last = system.task.tid
    return sorted(system.tasks.values(), key=lambda task: (task.tid <= last, task.tid))


def ready(task: Task) -> bool:
    """It could go on."""
    system, waiting = task.system, task.waiting
    if task.process.stopped:
        return False
    if task.vforked is not None:
        return False
    if waiting is None or waiting.woken or task.signals.pending_mask & ~waiting.mask:
        return True
    deadline = waiting.blocked.deadline
    if deadline is not None and deadline <= task.monotonic():
        return True
    if waiting.tried == system.changes and not waiting.blocked.wants_input:
        return False
    if not system.would_block(task):
        return True
    task.waiting = waiting._replace(tried=system.changes)
    return False


def _why_goes_on(task: Task, waiting: Waiting) -> tuple[str, int | None]:
    """`signal`, `time`, or whose doing it was, as far as that is certain."""
    if task.signals.pending_mask & ~waiting.mask:
        return "signal", None
    deadline = waiting.blocked.deadline
    if deadline is not None and deadline <= task.monotonic() and not waiting.woken:
        return "time", None
    tid, since = task.system.changed_by
    return "", tid if since <= waiting.tried < task.system.changes else None


def others_may_run(system: System) -> bool:
    """Some other task could run now, or will by itself."""
    return any(
        task is not system.task and not task.process.stopped and _may_run(system, task)
        for task in system.tasks.values()
    )


def _may_run(system: System, task: Task) -> bool:
    waiting = task.waiting
    if task.vforked is not None:
        return False
    if waiting is None or waiting.woken or waiting.blocked.deadline is not None:
        return True
    return waiting.tried != system.changes or bool(task.signals.pending_mask & ~waiting.mask)


def _next_moment(system: System) -> int | None:
    """When the next deadline or timer is due that lets a task go on."""
    moments = []
    for task in system.tasks.values():
        if task.process.stopped or task.vforked is not None:
            continue
        if task.waiting is not None and task.waiting.blocked.deadline is not None:
            moments.append(task.waiting.blocked.deadline)
        expiry = task.next_signal()
        if expiry is not None:
            moments.append(expiry)
    return min(moments, default=None)


def _standstill(system: System) -> Blocked:
    """Nothing goes on by itself: input will help, or nothing will."""
    asking = [
        task.waiting.blocked
        for task in sorted(system.tasks.values(), key=lambda task: task.tid)
        if task.waiting is not None and task.waiting.blocked.wants_input
    ]
    if asking:
        return asking[0]
    if system.outcome is not None:
        system.ended = system.outcome
    return Blocked(standstill(system))


def standstill(system: System) -> str:
    """Who waits for what."""
    tasks = sorted(system.tasks.values(), key=lambda task: task.tid)
    if len(tasks) == 1:
        return _why(tasks[0])
    return deadlock([(task.tid, task.comm, _why(task)) for task in tasks])


def _why(task: Task) -> str:
    if task.process.stopped:
        return stopped_by(task.process.stopped)
    if task.vforked is not None:
        return waits_for_vfork(task.vforked)
    return task.waiting.blocked.reason if task.waiting is not None else ""
