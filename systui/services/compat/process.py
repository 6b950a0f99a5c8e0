"""Processes, ids and limits for 32-bit programs (kernel/compat.c, kernel/uid16.c)."""

from struct import Struct

from systui.services.compat.dispatch import as_native, compat, scratch
from systui.services.dispatch import Result, s32
from systui.services.errors import E2BIG, EINVAL, Refused
from systui.services.task import Task

_LIMIT, _LIMIT64 = Struct("<II"), Struct("<QQ")
_INFINITY, _INFINITY64, _OLD_INFINITY = 0xFFFF_FFFF, (1 << 64) - 1, 0x7FFF_FFFF
_USAGE, _USAGE64 = Struct("<18i"), Struct("<18q")
_SYSINFO = Struct("<q9QH6xQQI4x")
_SYSINFO32 = Struct("<i9IH2xIII8x")
_INFO, _INFO32 = Struct("<iii4xiii100x"), Struct("<iiiiii104x")
"""siginfo_t of a child: signal, errno, code, pid, uid, status."""
_MOST_ARGUMENTS = 1 << 16
_WORD, _SET = 4, 8
"""Bytes of a long here, and of the set of CPUs."""


@compat(7, "waitpid")
def _waitpid(task: Task, pid: int, status: int, options: int) -> Result:
    return as_native(task, 61, s32(pid), status, options, 0)


@compat(114, "wait4")
def _wait4(task: Task, pid: int, status: int, options: int, usage: int) -> Result:
    kept = scratch(task).keep(bytes(_USAGE64.size)) if usage else 0
    result = as_native(task, 61, s32(pid), status, options, kept)
    _usage_out(task, kept, usage)
    return result


@compat(77, "getrusage")
def _getrusage(task: Task, who: int, usage: int) -> Result:
    kept = scratch(task).keep(bytes(_USAGE64.size))
    result = as_native(task, 98, who, kept)
    _usage_out(task, kept, usage)
    return result


def _usage_out(task: Task, kept: int, usage: int) -> None:
    if usage:
        task.user.write(usage, _USAGE.pack(*map(s32, task.user.unpack(_USAGE64, kept))))


@compat(11, "execve")
def _execve(task: Task, path: int, arguments: int, environment: int) -> Result:
    return as_native(task, 59, path, _pointers(task, arguments), _pointers(task, environment))


@compat(358, "execveat")
def _execveat(
    task: Task, fd: int, path: int, arguments: int, environment: int, flags: int
) -> Result:
    lists = _pointers(task, arguments), _pointers(task, environment)
    return as_native(task, 322, fd, path, *lists, flags)


def _pointers(task: Task, array: int) -> int:
    """An array of pointers, ended by NULL, in its 64-bit form."""
    if not array:
        return 0
    found: list[int] = []
    while len(found) < _MOST_ARGUMENTS:
        found.append(task.user.u32(array + 4 * len(found)))
        if not found[-1]:
            return scratch(task).keep(b"".join(each.to_bytes(8, "little") for each in found))
    raise Refused(E2BIG)


@compat(120, "clone")
def _clone(task: Task, flags: int, stack: int, parent: int, tls: int, child: int) -> Result:
    return as_native(task, 56, flags, stack, parent, child, tls)


@compat(384, "arch_prctl")
def _arch_prctl(_task: Task, _option: int, _value: int) -> Result:
    """Segment bases are no business of a 32-bit program."""
    return -EINVAL


@compat(116, "sysinfo")
def _sysinfo(task: Task, buffer: int) -> Result:
    kept = scratch(task).keep(bytes(_SYSINFO.size))
    result = as_native(task, 99, kept)
    if result == 0:
        values = [each & _INFINITY for each in task.user.unpack(_SYSINFO, kept)]
        task.user.write(buffer, _SYSINFO32.pack(*values))
    return result


@compat(284, "waitid")
def _waitid(task: Task, kind: int, pid: int, info: int, options: int, usage: int) -> Result:
    kept = scratch(task).keep(bytes(_INFO.size)) if info else 0
    used = scratch(task).keep(bytes(_USAGE64.size)) if usage else 0
    result = as_native(task, 247, kind, pid, kept, options, used)
    if result == 0 and info:
        task.user.write(info, _INFO32.pack(*task.user.unpack(_INFO, kept)))
        _usage_out(task, used, usage)
    return result


@compat(312, "get_robust_list")
def _get_robust_list(task: Task, pid: int, head: int, size: int) -> Result:
    kept = scratch(task).keep(bytes(16))
    result = as_native(task, 274, pid, kept, kept + 8)
    if result == 0:
        task.user.put_u32(head, task.user.u64(kept))
        task.user.put_u32(size, task.user.u64(kept + 8) // 2)
    return result


@compat(311, "set_robust_list")
def _set_robust_list(task: Task, head: int, size: int) -> Result:
    """A list's head is half as long here, and its words are."""
    result = as_native(task, 273, head, size * 2)
    if result == 0:
        task.robust_word = _WORD
    return result


# --- CPUs ----------------------------------------------------------------------------------------


@compat(241, "sched_setaffinity")
def _sched_setaffinity(task: Task, pid: int, size: int, mask: int) -> Result:
    return as_native(task, 203, pid, size, mask)


@compat(242, "sched_getaffinity")
def _sched_getaffinity(task: Task, pid: int, size: int, mask: int) -> Result:
    """In words of 32 bits, of which there may be one."""
    if not size or size % _WORD:
        raise Refused(EINVAL)
    kept = scratch(task).keep(bytes(_SET))
    result = as_native(task, 204, pid, _SET, kept)
    if not isinstance(result, int) or result < 0:
        return result
    shown = min(size, result)
    task.user.write(mask, task.user.read(kept, shown))
    return shown


# --- limits --------------------------------------------------------------------------------------


def _getrlimit(task: Task, resource: int, pair: int, most: int) -> Result:
    kept = scratch(task).keep(bytes(_LIMIT64.size))
    result = as_native(task, 97, resource, kept)
    if result == 0:
        values = (min(each, most) for each in task.user.unpack(_LIMIT64, kept))
        task.user.write(pair, _LIMIT.pack(*values))
    return result


@compat(76, "getrlimit")
def _old_getrlimit(task: Task, resource: int, pair: int) -> Result:
    return _getrlimit(task, resource, pair, _OLD_INFINITY)


@compat(191, "ugetrlimit")
def _ugetrlimit(task: Task, resource: int, pair: int) -> Result:
    return _getrlimit(task, resource, pair, _INFINITY)


@compat(75, "setrlimit")
def _setrlimit(task: Task, resource: int, pair: int) -> Result:
    values = (_INFINITY64 if each == _INFINITY else each for each in task.user.unpack(_LIMIT, pair))
    return as_native(task, 160, resource, scratch(task).keep(_LIMIT64.pack(*values)))


# --- ids of 16 bits -------------------------------------------------------------------------------


@compat(34, "nice")
def _nice(task: Task, increment: int) -> Result:
    """By getpriority's own scale: 20 less the value."""
    now = as_native(task, 140, 0, 0)
    if not isinstance(now, int):
        return now
    wanted = max(-20, min(19, 20 - now + s32(increment)))
    return as_native(task, 141, 0, 0, wanted)
