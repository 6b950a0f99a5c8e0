"""Waiting for several files: fs/select.c."""

from collections.abc import Callable
from struct import Struct

from systui.services.calls.clock import SECOND, TIMESPEC, read_timespec
from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import EBADF, EINVAL, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Refused
from systui.services.openfile import (
    O_PATH,
    POLLERR,
    POLLHUP,
    POLLIN,
    POLLNVAL,
    POLLPRI,
    READABLE,
    WRITABLE,
    kind_of,
    raw_number_of,
)
from systui.services.ports import Blocked
from systui.services.signals import UNBLOCKABLE
from systui.services.task import Restart, Task
from systui.services.words import waits_for_descriptors

_POLLFD = Struct("<ihH")
_ALWAYS = POLLERR | POLLHUP


def _ready(task: Task, fd: int) -> int | None:
    """poll events that hold on `fd`; None where it is no descriptor."""
    if fd not in task.descriptors:
        return None
    number = raw_number_of(task, fd)
    file = task.system.open[number]
    return None if file.flags & O_PATH else kind_of(file).ready(task, number)


def _waits_for_input(task: Task, fd: int) -> bool:
    if fd not in task.descriptors:
        return False
    file = task.system.open[raw_number_of(task, fd)]
    return kind_of(file).waits_for_input(file)


def _due(task: Task, fds: list[int]) -> int | None:
    """When the first of `fds` becomes ready by itself."""
    numbers = (raw_number_of(task, fd) for fd in fds if fd in task.descriptors)
    moments = (kind_of(task.system.open[number]).due(task, number) for number in numbers)
    return min((moment for moment in moments if moment is not None), default=None)


def wait_until(
    task: Task, check: Callable[[], int], deadline: int | None, fds: list[int]
) -> int | Blocked | None:
    """`check`'s count once it is not 0; 0 when time is over; None for a signal.

    With a deadline time passes rather than waiting for the user, and so it does up to the moment
    at which one of `fds` becomes ready by itself; without one, it is input on one of `fds`, or a
    signal, that can end it.
    """
    count = check()
    if count or (deadline is not None and deadline <= task.monotonic()):
        return count
    due = _due(task, fds)
    if due is not None and (deadline is None or due < deadline):
        if task.wait(due) == "signal":
            return None
        count = check()
        if count:
            return count
    if deadline is None and any(_waits_for_input(task, fd) for fd in fds):
        return Blocked(waits_for_descriptors(), wants_input=True)
    outcome = task.wait(deadline)
    if outcome == "never":
        return Blocked(waits_for_descriptors())
    return None if outcome == "signal" else check()


# poll


def _poll(task: Task, address: int, count: int, deadline: int | None, interrupted: int) -> Result:
    if count > task.limit_of("nofile"):
        return -EINVAL
    data = task.user.read(address, count * _POLLFD.size)
    wanted = list(_POLLFD.iter_unpack(data))

    def events() -> list[int]:
        return [_events(task, fd, mask) for fd, mask, _ in wanted]

    fds = [fd for fd, mask, _ in wanted if mask & POLLIN]
    done = wait_until(task, lambda: sum(map(bool, events())), deadline, fds)
    if isinstance(done, Blocked):
        return done
    if done is None:
        return -interrupted
    rows = zip(wanted, events(), strict=True)
    answer = b"".join(_POLLFD.pack(fd, mask, found) for (fd, mask, _), found in rows)
    task.user.write(address, answer)
    return done


def _events(task: Task, fd: int, mask: int) -> int:
    if fd < 0:
        return 0
    ready = _ready(task, fd)
    return POLLNVAL if ready is None else ready & (mask | _ALWAYS)


@call(7, "poll")
def poll(task: Task, address: Pointer, count: UInt, timeout: Int) -> Result:
    """Wait, at most `timeout` milliseconds (negative: for ever)."""
    deadline = task.deadline_in(timeout * 1_000_000) if timeout >= 0 else None
    return _plain_poll(task, address, count, deadline)


def _plain_poll(task: Task, address: int, count: int, deadline: int | None) -> Result:
    task.restart = Restart(_plain_poll, (address, count, deadline))
    return _poll(task, address, count, deadline, ERESTART_RESTARTBLOCK)


@call(271, "ppoll")
def ppoll(
    task: Task, address: Pointer, count: UInt, timeout: Pointer, mask: Pointer, size: ULong
) -> Result:
    """With a timespec and a signal mask."""
    deadline = task.deadline_in(read_timespec(task, timeout)) if timeout else None
    if mask:
        swap_mask(task, mask, size)
    done = _poll(task, address, count, deadline, ERESTARTNOHAND)
    return _finish(task, done, timeout, deadline)


def swap_mask(task: Task, mask: int, size: int) -> None:
    """Keep other signals off while a call waits; Refused(EINVAL)."""
    if size != 8:
        raise Refused(EINVAL)
    signals = task.signals
    wanted = task.user.u64(mask) & ~UNBLOCKABLE
    signals.saved_mask, signals.blocked = signals.blocked, wanted


def _finish(task: Task, done: Result, timeout: int, deadline: int | None) -> Result:
    """Put the mask back unless a handler shall see it, and tell the time that is left."""
    signals = task.signals
    if done != -ERESTARTNOHAND and signals.saved_mask is not None:
        signals.blocked, signals.saved_mask = signals.saved_mask, None
    if timeout and deadline is not None and isinstance(done, int):
        left = max(0, deadline - task.monotonic())
        task.user.write(timeout, TIMESPEC.pack(*divmod(left, SECOND)))
    return done


# select


def _bits(data: bytes) -> list[int]:
    value = int.from_bytes(data, "little")
    return [fd for fd in range(len(data) * 8) if value >> fd & 1]


_SETS = (READABLE | POLLHUP | POLLERR, WRITABLE | POLLERR, POLLPRI)


def _select(task: Task, count: int, sets: tuple[int, int, int], deadline: int | None) -> Result:
    if count < 0:
        return -EINVAL
    count = min(count, task.limit_of("nofile"))
    size = (count + 63) // 64 * 8
    asked = [task.user.read(address, size) if address else b"" for address in sets]
    wanted = [[fd for fd in _bits(data) if fd < count] for data in asked]
    if any(_ready(task, fd) is None for fds in wanted for fd in fds):
        return -EBADF

    def found() -> list[list[int]]:
        return [
            [fd for fd in fds if (_ready(task, fd) or 0) & mask]
            for fds, mask in zip(wanted, _SETS, strict=True)
        ]

    done = wait_until(task, lambda: sum(map(len, found())), deadline, wanted[0])
    if isinstance(done, Blocked):
        return done
    if done is None:
        return -ERESTARTNOHAND
    for address, fds in zip(sets, found(), strict=True):
        if address:
            task.user.write(address, sum(1 << fd for fd in fds).to_bytes(size, "little"))
    return done


@call(23, "select")
def select(
    task: Task, count: Int, reading: Pointer, writing: Pointer, other: Pointer, timeout: Pointer
) -> Result:
    """Wait; the time that is left is told."""
    deadline = None
    if timeout:
        seconds, micro = task.user.unpack(TIMESPEC, timeout)
        if seconds < 0 or micro < 0:
            return -EINVAL
        deadline = task.deadline_in(seconds * SECOND + micro * 1000)
    done = _select(task, count, (reading, writing, other), deadline)
    if timeout and deadline is not None and isinstance(done, int) and done >= 0:
        seconds, rest = divmod(max(0, deadline - task.monotonic()), SECOND)
        task.user.write(timeout, TIMESPEC.pack(seconds, rest // 1000))
    return done


@call(270, "pselect6")
def pselect6(
    task: Task,
    count: Int,
    reading: Pointer,
    writing: Pointer,
    other: Pointer,
    timeout: Pointer,
    mask: Pointer,
) -> Result:
    """With a timespec and a signal mask."""
    deadline = task.deadline_in(read_timespec(task, timeout)) if timeout else None
    if mask:
        address, size = task.user.unpack(Struct("<QQ"), mask)
        if address:
            swap_mask(task, address, size)
    done = _select(task, count, (reading, writing, other), deadline)
    return _finish(task, done, timeout, deadline)
