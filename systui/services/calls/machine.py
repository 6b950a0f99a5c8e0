"""What a machine says of itself: its names, its memory, its random bytes."""

from struct import Struct

from systui.services.dispatch import Int, Pointer, Result, UInt, ULong, call
from systui.services.errors import EINVAL, EPERM
from systui.services.proc import RELEASE, VERSION
from systui.services.task import Task

MAX_RANDOM = 1 << 20
"""Bytes that one getrandom gives; Linux's own bound is 32 MiB."""


@call(63, "uname")
def uname(task: Task, buffer: Pointer) -> Result:
    """struct new_utsname: six fields of 65 bytes."""
    machine = task.system.narrow.machine
    fields = ("Linux", task.system.hostname, RELEASE, VERSION, machine, "(none)")
    data = b"".join(
        field.encode("utf-8", "surrogateescape")[:64].ljust(65, b"\0") for field in fields
    )
    task.user.write(buffer, data)
    return 0


@call(170, "sethostname")
def sethostname(task: Task, name: Pointer, length: Int) -> Result:
    """Set the node name."""
    if task.fsuid:
        return -EPERM
    if not 0 <= length <= 64:
        return -EINVAL
    task.system.hostname = task.user.read(name, length).decode("utf-8", "surrogateescape")
    return 0


@call(99, "sysinfo")
def sysinfo(task: Task, buffer: Pointer) -> Result:
    """struct sysinfo."""
    total = task.system.options.memory
    free = total - task.memory.committed
    data = Struct("<q3QQQQQQQH6xQQI4x").pack(
        task.monotonic() // 10**9, 0, 0, 0, total, free, 0, 0, 0, 0, 1, 0, 0, 1
    )
    task.user.write(buffer, data)
    return 0


@call(318, "getrandom")
def getrandom(task: Task, buffer: Pointer, size: ULong, flags: UInt) -> Result:
    """Random bytes from the seeded generator."""
    if flags & ~7 or flags & 6 == 6:
        return -EINVAL
    size = min(size, MAX_RANDOM)
    task.user.check_range(buffer, size)
    task.user.write(buffer, task.system.random_bytes(size))
    return size
