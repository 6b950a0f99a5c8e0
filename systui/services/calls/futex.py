"""Waiting on a word of memory until someone wakes: kernel/futex/."""

from systui.services.dispatch import Int, Pointer, Result, UInt, call
from systui.services.errors import EAGAIN, EINVAL, ENOSYS, ERESTARTSYS, ETIMEDOUT, Refused
from systui.services.ports import Blocked, Sleeps, UserFault
from systui.services.task import Task
from systui.services.words import waits_for_futex

_PRIVATE, _REALTIME = 128, 256
_WAIT, _WAKE, _REQUEUE, _CMP_REQUEUE, _WAKE_OP, _WAIT_BITSET, _WAKE_BITSET = 0, 1, 3, 4, 5, 9, 10
_COMMANDS = frozenset((_WAIT, _WAKE, _REQUEUE, _CMP_REQUEUE, _WAKE_OP, _WAIT_BITSET, _WAKE_BITSET))
_ALL = 0xFFFF_FFFF


@call(202, "futex")
def futex(
    task: Task,
    word: Pointer,
    operation: Int,
    value: UInt,
    timeout: Pointer,
    word2: Pointer,
    value3: UInt,
) -> Result:
    """Wait, wake, and let waiters wait for something else."""
    command = operation & ~(_PRIVATE | _REALTIME)
    if command not in _COMMANDS:
        return -ENOSYS
    if command in {_WAIT_BITSET, _WAKE_BITSET} and not value3:
        return -EINVAL
    deadline = None
    if command in {_WAIT, _WAIT_BITSET} and timeout:
        deadline = _deadline(task, timeout, command, operation)
    if word % 4:
        return -EINVAL
    bits = value3 if command in {_WAIT_BITSET, _WAKE_BITSET} else _ALL
    if command in {_WAIT, _WAIT_BITSET}:
        return _wait(task, word, value, bits, deadline)
    if command == _CMP_REQUEUE and task.user.u32(word) != value3:
        return -EAGAIN
    task.user.check_range(word, 4)
    if command == _WAKE_OP:
        return _wake_op(task, word, value, word2, timeout, value3)
    woken = wake(task, word, value, bits)
    if command in {_REQUEUE, _CMP_REQUEUE}:
        moved = _requeue(task, word, word2, timeout & _ALL)
        return woken + (moved if command == _CMP_REQUEUE else 0)
    return woken


def _deadline(task: Task, timeout: int, command: int, operation: int) -> int:
    from systui.services.calls.clock import read_timespec

    moment = read_timespec(task, timeout)
    if command == _WAIT:
        return task.deadline_in(moment)
    if operation & _REALTIME:
        return moment - task.system.realtime_offset
    return moment


def _key(task: Task, word: int) -> tuple[object, ...]:
    """What names a futex in all address spaces that share it."""
    area = task.memory.find(word)
    if area is not None and area.shared and area.node is not None:
        return (area.node, area.offset + word - area.start)
    return ("private", task.memory.pager.slot, word)


def _wait(task: Task, word: int, value: int, bits: int, deadline: int | None) -> Result:
    waiting = task.waiting
    if waiting is not None and waiting.woken:
        return 0
    if waiting is None and task.user.u32(word) != value:
        return -EAGAIN
    try:
        outcome = task.wait(deadline)
    except Sleeps:
        outcome = "never"
    if outcome == "never":
        return Blocked(waits_for_futex(word), deadline=deadline, futex=(*_key(task, word), bits))
    return -ETIMEDOUT if outcome == "elapsed" else -ERESTARTSYS


def _waiters(task: Task, key: tuple[object, ...]) -> list[Task]:
    """Who waits on a futex and was not woken yet, first come first."""
    found = []
    for other in task.system.tasks.values():
        waiting = other.waiting
        if waiting is None or waiting.woken or waiting.blocked.futex is None:
            continue
        if waiting.blocked.futex[:-1] == key:
            found.append((waiting.since, other.tid, other))
    return [each[-1] for each in sorted(found, key=lambda each: each[:2])]


def wake(task: Task, word: int, most: int, bits: int = _ALL) -> int:
    """Wake at most `most` of those that wait on `word` with one of `bits`; how many."""
    woken = 0
    for other in _waiters(task, _key(task, word)):
        waiting = other.waiting
        wanted = (
            0 if waiting is None or waiting.blocked.futex is None else waiting.blocked.futex[-1]
        )
        if waiting is None or not isinstance(wanted, int) or not wanted & bits or woken >= most:
            continue
        other.waiting = waiting._replace(woken=True)
        woken += 1
    return woken


def _requeue(task: Task, word: int, word2: int, most: int) -> int:
    """Let those left wait on `word2` instead."""
    moved = _waiters(task, _key(task, word))[:most]
    for other in moved:
        waiting = other.waiting
        if waiting is not None and waiting.blocked.futex is not None:
            futex = (*_key(task, word2), waiting.blocked.futex[-1])
            other.waiting = waiting._replace(blocked=waiting.blocked._replace(futex=futex))
    return len(moved)


def _wake_op(task: Task, word: int, value: int, word2: int, value2: int, operation: int) -> Result:
    """FUTEX_WAKE_OP: change `word2`, wake on `word`, and on `word2` by what it held."""
    code, comparison = operation >> 28 & 7, operation >> 24 & 0xF
    argument, against = _signed12(operation >> 12), _signed12(operation)
    if operation >> 31:
        argument = 1 << (argument & 31)
    old = task.user.s32(word2)
    changed = (argument, old + argument, old | argument, old & ~argument, old ^ argument)
    if code >= len(changed) or comparison > 5:
        return -ENOSYS
    task.user.put_u32(word2, changed[code])
    woken = wake(task, word, value)
    holds = (old == against, old != against, old < against, old <= against)
    if (*holds, old > against, old >= against)[comparison]:
        woken += wake(task, word2, value2 & _ALL)
    return woken


def _signed12(value: int) -> int:
    return ((value & 0xFFF) ^ 0x800) - 0x800


# robust futexes

_TID, _OWNER_DIED, _WAITERS = 0x3FFF_FFFF, 1 << 30, 1 << 31
_MOST_ROBUST = 2048
_HALF = 4
_INHERITS = 1
"""A pointer's lowest bit: a futex that inherits priority, whose waiters are not woken here."""


def release_robust(task: Task) -> None:
    """Say of all futexes on the task's list that their owner is gone (exit_robust_list())."""
    head, task.robust_list = task.robust_list, 0
    if not head:
        return
    try:
        _release_listed(task, head)
    except (Refused, UserFault):
        return


def _release_listed(task: Task, head: int) -> None:
    """The list at `head`: the next entry, where a futex lies in one, and the one being taken."""
    word = task.robust_word
    read = task.user.u32 if word == _HALF else task.user.u64
    bits = 8 * word
    offset = (read(head + word) ^ 1 << bits - 1) - (1 << bits - 1)
    pending = read(head + 2 * word)
    entry, left = read(head), _MOST_ROBUST
    while entry & ~_INHERITS != head and left:
        following = read(entry & ~_INHERITS)
        if entry & ~_INHERITS != pending & ~_INHERITS:
            _owner_died(task, (entry & ~_INHERITS) + offset, inherits=bool(entry & _INHERITS))
        entry, left = following, left - 1
    if pending & ~_INHERITS:
        place = (pending & ~_INHERITS) + offset
        _owner_died(task, place, inherits=bool(pending & _INHERITS), pending=True)


def _owner_died(task: Task, word: int, *, inherits: bool, pending: bool = False) -> None:
    """handle_futex_death()."""
    value = task.user.u32(word)
    if pending and not inherits and not value:
        wake(task, word, 1)
    elif value & _TID == task.tid:
        task.user.put_u32(word, value & _WAITERS | _OWNER_DIED)
        if value & _WAITERS and not inherits:
            wake(task, word, 1)
