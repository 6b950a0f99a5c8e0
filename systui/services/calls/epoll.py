"""The epoll calls: fs/eventpoll.c."""

from struct import Struct

from systui.services import epoll as service
from systui.services.calls.waiting import swap_mask, wait_until
from systui.services.dispatch import Int, Pointer, Result, ULong, call
from systui.services.epoll import EDGE, ONESHOT, Interest, Interests
from systui.services.errors import EBADF, EEXIST, EINTR, EINVAL, ENOENT, EPERM, Refused
from systui.services.openfile import O_CLOEXEC, O_RDWR, OpenFile, number_of, open_new
from systui.services.ports import Blocked
from systui.services.state import Map
from systui.services.task import Task

_EVENT = Struct("<I8s")
_ADD, _DELETE, _MODIFY = 1, 2, 3
_MOST = (1 << 31) // _EVENT.size


@call(213, "epoll_create")
def epoll_create(task: Task, size: Int) -> Result:
    """A new instance; the size is only looked at."""
    return -EINVAL if size <= 0 else epoll_create1(task, 0)


@call(291, "epoll_create1")
def epoll_create1(task: Task, flags: Int) -> Result:
    """A new instance."""
    if flags & ~O_CLOEXEC:
        return -EINVAL
    number = task.system.new_object()
    task.system.epolls = task.system.epolls.set(number, Map())
    file = OpenFile("epoll", O_RDWR, number, "anon_inode:[eventpoll]")
    return open_new(task, file, bool(flags))


def _interests(task: Task, fd: int) -> tuple[int, Interests]:
    """An instance's number and list; Refused(EBADF, EINVAL)."""
    file = task.system.open[number_of(task, fd)]
    if file.kind != "epoll":
        raise Refused(EINVAL)
    return int(file.key), task.system.epolls[int(file.key)]


@call(233, "epoll_ctl")
def epoll_ctl(task: Task, fd: Int, operation: Int, watched: Int, event: Pointer) -> Result:
    """Add, change or remove a descriptor."""
    raw = task.user.unpack(_EVENT, event) if operation != _DELETE else (0, b"")
    number_of(task, fd)
    target = number_of(task, watched)
    if task.system.open[target].kind in {"regular", "directory"}:
        return -EPERM
    if watched == fd:
        return -EINVAL
    number, interests = _interests(task, fd)
    key = (watched, target)
    known = interests.get(key)
    events, data = int(raw[0]), bytes(raw[1])
    if operation == _ADD:
        if known is not None:
            return -EEXIST
        interests = interests.set(key, Interest(events, data, target))
    elif known is None:
        return -ENOENT if operation in {_DELETE, _MODIFY} else -EINVAL
    elif operation == _DELETE:
        interests = interests.drop(key)
    elif operation == _MODIFY:
        interests = interests.set(key, Interest(events, data, target))
    else:
        return -EINVAL
    task.system.epolls = task.system.epolls.set(number, interests)
    return 0


@call(232, "epoll_wait")
def epoll_wait(task: Task, fd: Int, events: Pointer, most: Int, timeout: Int) -> Result:
    """Wait, at most `timeout` milliseconds (negative: for ever)."""
    deadline = task.deadline_in(timeout * 1_000_000) if timeout >= 0 else None
    return _wait(task, fd, events, most, deadline)


@call(281, "epoll_pwait")
def epoll_pwait(
    task: Task, fd: Int, events: Pointer, most: Int, timeout: Int, mask: Pointer, size: ULong
) -> Result:
    """The same with a signal mask meanwhile."""
    if mask:
        swap_mask(task, mask, size)
    done = epoll_wait(task, fd, events, most, timeout)
    signals = task.signals
    if done != -EINTR and not isinstance(done, Blocked) and signals.saved_mask is not None:
        signals.blocked, signals.saved_mask = signals.saved_mask, None
    return done


def _wait(task: Task, fd: int, events: int, most: int, deadline: int | None) -> Result:
    if not 0 < most <= _MOST:
        return -EINVAL
    task.user.check_range(events, most * _EVENT.size)
    if fd not in task.descriptors:
        return -EBADF
    number, interests = _interests(task, fd)

    def found() -> list[tuple[tuple[int, int], int]]:
        rows = sorted(interests.items())
        told = ((key, service.ready(task, key, each)) for key, each in rows)
        return [(key, what) for key, what in told if what]

    fds = [key[0] for key in interests]
    done = wait_until(task, lambda: len(found()), deadline, fds)
    if isinstance(done, Blocked):
        return done
    if done is None:
        return -EINTR
    rows = found()[:most]
    data = b"".join(_EVENT.pack(what, interests[key].data) for key, what in rows)
    task.user.write(events, data)
    for key, what in rows:
        interests = interests.set(key, _after(task, interests[key], what))
    task.system.epolls = task.system.epolls.set(number, interests)
    return len(rows)


def _after(task: Task, interest: Interest, what: int) -> Interest:
    """An entry once it was told of."""
    if interest.events & ONESHOT:
        return interest._replace(events=interest.events & service.CONTROL)
    if interest.events & EDGE:
        return interest._replace(told=(what, service.source(task, interest.file)))
    return interest
