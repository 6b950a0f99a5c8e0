"""Several messages by one call, sendmmsg and recvmmsg: net/socket.c."""

from collections.abc import Callable, Sequence

from systui.services.calls.io import IOV_MAX
from systui.services.dispatch import Result
from systui.services.errors import Refused
from systui.services.ports import Blocked
from systui.services.task import Task

MSG_WAITFORONE = 0x10000


def several(
    task: Task,
    one: Callable[[Task, int, int, int], Result],
    fd: int,
    headers: Sequence[int],
    length_at: int,
    flags: tuple[int, int],
) -> Result:
    """Message after message until one fails or would wait; how many went.

    `length_at`: where behind a header's address the length of what went is put. `flags` are the
    first message's and the others'.
    """
    for index, header in enumerate(headers[:IOV_MAX]):
        try:
            done = one(task, fd, header, flags[index > 0])
        except Refused:
            if index:
                return index
            raise
        if isinstance(done, Blocked) or done < 0:
            return index or done
        task.user.put_u32(header + length_at, done)
    return min(len(headers), IOV_MAX)
