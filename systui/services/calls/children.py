"""New tasks, other programs, waiting for children: kernel/fork.c, fs/exec.c, kernel/exit.c."""

from struct import Struct

from systui.model.stop import Channel
from systui.services import lifecycle
from systui.services.dispatch import Int, Pointer, Result, ULong, call
from systui.services.errors import (
    E2BIG,
    EACCES,
    ECHILD,
    EINVAL,
    ELOOP,
    ENOENT,
    ENOEXEC,
    ENOSYS,
    ESRCH,
    Refused,
)
from systui.services.lifecycle import (
    CLD_CONTINUED,
    CLD_STOPPED,
    CLONE_SIGHAND,
    CLONE_THREAD,
    CLONE_VFORK,
    CLONE_VM,
    Request,
)
from systui.services.memory import AddressSpace
from systui.services.nodes import S_IFLNK, S_IFREG
from systui.services.openfile import raw_number_of, start_of
from systui.services.ports import Blocked
from systui.services.process import Process
from systui.services.signals import LAST, SIGCHLD, SIGCONT
from systui.services.task import Task
from systui.services.vfs import MAY_EXEC, may
from systui.services.words import one_task_only, waits_for_child

_CLONE_ARGS = Struct("<8Q")
_CLONE_PIDFD, _CLONE_PTRACE = 0x1000, 0x2000
_NAMESPACES = 0x7E02_0080 | 0x0002_0000
_CLEAR_SIGHAND, _LARGEST_FLAG = 0x1_0000_0000, 0x2_0000_0000
_PAGE = 4096


def _clone(task: Task, asked: Request) -> Result:
    if not task.system.multitasking:
        said = one_task_only(task.comm)
        task.system.emit(Channel.DEBUGGER, f"systui: {said}\n".encode())
        return -ENOSYS
    flags = asked.flags
    if flags & (_NAMESPACES | _CLONE_PIDFD | _CLONE_PTRACE) or flags >= _LARGEST_FLAG:
        return -EINVAL
    if flags & CLONE_THREAD and not flags & CLONE_SIGHAND:
        return -EINVAL
    if flags & CLONE_SIGHAND and (not flags & CLONE_VM or flags & _CLEAR_SIGHAND):
        return -EINVAL
    if not 0 <= asked.exit_signal <= LAST:
        return -EINVAL
    return lifecycle.clone(task, asked).tid


@call(57, "fork")
def fork(task: Task) -> Result:
    """A child with copies of everything."""
    return _clone(task, Request(0))


@call(58, "vfork")
def vfork(task: Task) -> Result:
    """A child with this very memory; the parent waits until the child needs it no more."""
    return _clone(task, Request(CLONE_VFORK | CLONE_VM))


@call(56, "clone")
def clone(
    task: Task, flags: ULong, stack: Pointer, parent: Pointer, child: Pointer, tls: ULong
) -> Result:
    """A child, or a thread, as the flags say."""
    return _clone(task, Request(flags & ~0xFF, flags & 0xFF, stack, parent, child))


@call(435, "clone3")
def clone3(task: Task, arguments: Pointer, size: ULong) -> Result:
    """The same with a structure."""
    if size > _PAGE:
        return -E2BIG
    if size < _CLONE_ARGS.size:
        return -EINVAL
    data = task.user.read(arguments, size)
    if any(data[88:]):
        return -E2BIG
    flags, _pidfd, child, parent, exit_signal, stack, stack_size, _tls = _CLONE_ARGS.unpack_from(
        data
    )
    if flags & 0xFF or any(data[_CLONE_ARGS.size : 88]):
        return -EINVAL
    if bool(stack) != bool(stack_size) or exit_signal > LAST:
        return -EINVAL
    if flags & CLONE_THREAD and exit_signal:
        return -EINVAL
    return _clone(task, Request(flags, exit_signal, stack + stack_size, parent, child))


# another program

_MOST_STRINGS = 2 << 20
"""Bytes of arguments and environment: a quarter of the stack's limit."""
_MOST_SCRIPTS = 4
_SCRIPT_LINE = 255
_EMPTY_PATH, _NOFOLLOW, _HERE = 0x1000, 0x100, -100


@call(59, "execve")
def execve(task: Task, path: Pointer, arguments: Pointer, environment: Pointer) -> Result:
    """Become another program."""
    return execveat(task, _HERE, path, arguments, environment, 0)


@call(322, "execveat")
def execveat(
    task: Task, fd: Int, path: Pointer, arguments: Pointer, environment: Pointer, flags: Int
) -> Result:
    """Become the program at a path, or behind a descriptor."""
    if task.system.loader is None:
        return -ENOSYS
    if flags & ~(_EMPTY_PATH | _NOFOLLOW):
        return -EINVAL
    name = task.user.path(path)
    found, content = executable(task, fd, name, flags)
    argv = _strings(task, arguments) or [""]
    envp = _strings(task, environment)
    if sum(len(word) + 9 for word in (*argv, *envp)) > _MOST_STRINGS:
        return -E2BIG
    shown = name if name.startswith("/") or fd == _HERE else f"/dev/fd/{fd}"
    for _ in range(_MOST_SCRIPTS + 1):
        if not content.startswith(b"#!"):
            return _run(task, (found, shown), content, argv, envp)
        interpreter, argument = _script(content)
        argv = [interpreter, *([argument] if argument else []), shown, *argv[1:]]
        shown = interpreter
        found, content = executable(task, _HERE, interpreter, 0)
    return -ELOOP


_LARGEST_PROGRAM = 256 << 20


def executable(task: Task, fd: int, name: str, flags: int) -> tuple[str, bytes]:
    """Absolute path and bytes of a file that may be run; Refused as do_open_execat()."""
    files = task.system.files
    if not name and not flags & _EMPTY_PATH:
        raise Refused(ENOENT)
    if name:
        found = files.walk(task, start_of(task, fd, name), name, not flags & _NOFOLLOW)
        key, path = found.key, f"{files.path_of(found.parent).rstrip('/')}/{found.name}"
    else:
        file = task.system.open[raw_number_of(task, fd)]
        key, path = file.key, file.path
    if key is None:
        raise Refused(ENOENT)
    node = files.get(key)
    if node.kind == S_IFLNK:
        raise Refused(ELOOP)
    if node.kind != S_IFREG or not may(task, node, MAY_EXEC) or node.content is None:
        raise Refused(EACCES)
    return path, node.content.read(0, min(node.content.size, _LARGEST_PROGRAM))


def _strings(task: Task, address: int) -> list[str]:
    """A list of pointers to strings, up to a null; Refused(E2BIG)."""
    found: list[str] = []
    size = 0
    while address:
        pointer = task.user.u64(address + 8 * len(found))
        if not pointer:
            break
        word = task.user.string(pointer, 32 * _PAGE)
        size += 9 + len(word or b"")
        if word is None or size > _MOST_STRINGS:
            raise Refused(E2BIG)
        found.append(word.decode("utf-8", "surrogateescape"))
    return found


def _script(content: bytes) -> tuple[str, str]:
    """The interpreter that a script's first line names, and its argument; Refused(ENOEXEC)."""
    line = content[2:_SCRIPT_LINE].split(b"\n")[0].decode("utf-8", "surrogateescape")
    interpreter, _, argument = line.strip(" \t").replace("\t", " ").partition(" ")
    if not interpreter:
        raise Refused(ENOEXEC)
    return interpreter, argument.strip(" ")


def _run(
    task: Task, names: tuple[str, str], content: bytes, argv: list[str], envp: list[str]
) -> Result:
    loader = task.system.loader
    if loader is None:
        return -ENOSYS
    found, shown = names
    memory = AddressSpace(task.memory.pager.fresh(), task.memory.limit, task.memory.end)
    try:
        ids = (task.uids[0], task.gids[0])
        entry, stack, bits = loader(memory, content, shown, argv, envp, ids)
    except BaseException:
        memory.pager.release()
        raise
    lifecycle.execute(task, memory, found, entry, stack, bits)
    task.comm = shown.rpartition("/")[2][:15]
    return 0


# waiting for children

_WNOHANG, _WSTOPPED, _WEXITED, _WCONTINUED, _WNOWAIT = 1, 2, 4, 8, 0x0100_0000
_CLONE_BITS = 0xE000_0000
_USAGE = bytes(144)
_SIGINFO = Struct("<iii4xiii100x")


def _children(task: Task, pid: int) -> list[Process]:
    """Children that wait4's first argument means, lowest number first."""
    every = sorted(task.system.processes.values(), key=lambda process: process.pid)
    mine = [process for process in every if process.parent == task.pid]
    if pid > 0:
        return [process for process in mine if process.pid == pid]
    if pid == -1:
        return mine
    group = task.group if pid == 0 else -pid
    return [process for process in mine if process.group == group]


def _event(process: Process, options: int) -> tuple[int, int] | None:
    """si_code and si_status of what a child has to tell; None where that is nothing."""
    if process.ended is not None:
        return lifecycle.cause(process) if options & _WEXITED else None
    report = process.report
    if report == SIGCONT and options & _WCONTINUED:
        return CLD_CONTINUED, SIGCONT
    if report and report != SIGCONT and options & _WSTOPPED:
        return CLD_STOPPED, report
    return None


def _wait(
    task: Task, children: list[Process], options: int
) -> tuple[Process, tuple[int, int]] | Blocked | None:
    """The first child with something to tell, which is told now; None with WNOHANG."""
    if not children:
        raise Refused(ECHILD)
    for process in children:
        event = _event(process, options)
        if event is not None:
            if not options & _WNOWAIT:
                _told(task, process)
            return process, event
    return None if options & _WNOHANG else Blocked(waits_for_child())


def _told(task: Task, process: Process) -> None:
    process.report = None
    if process.ended is not None:
        task.system.processes = task.system.processes.drop(process.pid)


def _status(event: tuple[int, int]) -> int:
    """wait's status word: asm-generic's bits."""
    code, status = event
    if code == CLD_CONTINUED:
        return 0xFFFF
    if code == CLD_STOPPED:
        return status << 8 | 0x7F
    return (
        status << 8
        if code == lifecycle.CLD_EXITED
        else status | (0x80 if code == lifecycle.CLD_DUMPED else 0)
    )


@call(61, "wait4")
def wait4(task: Task, pid: Int, status: Pointer, options: Int, usage: Pointer) -> Result:
    """Wait for a child to end, to stop, or to go on."""
    if options & ~(_CLONE_BITS | _WNOHANG | _WSTOPPED | _WCONTINUED):
        return -EINVAL
    if pid == -(1 << 31):
        return -ESRCH
    found = _wait(task, _children(task, pid), options | _WEXITED)
    if found is None or isinstance(found, Blocked):
        return found or 0
    process, event = found
    if usage:
        task.user.write(usage, _USAGE)
    if status:
        task.user.put_u32(status, _status(event))
    return process.pid


@call(247, "waitid")
def waitid(task: Task, which: Int, pid: Int, info: Pointer, options: Int, usage: Pointer) -> Result:
    """The same, telling by siginfo."""
    allowed = _CLONE_BITS | _WNOHANG | _WSTOPPED | _WEXITED | _WCONTINUED | _WNOWAIT
    if options & ~allowed or not options & (_WSTOPPED | _WEXITED | _WCONTINUED):
        return -EINVAL
    if not 0 <= which <= 2 or (which and pid < 0) or (which == 1 and not pid):
        return -EINVAL
    aim = (-1, pid, -pid)[which]
    found = _wait(task, _children(task, aim), options)
    if isinstance(found, Blocked):
        return found
    told = bytes(_SIGINFO.size)
    if found is not None:
        process, (code, status) = found
        told = _SIGINFO.pack(SIGCHLD, 0, code, process.pid, 0, status)
    if info:
        task.user.write(info, told)
    if usage:
        task.user.write(usage, _USAGE)
    return 0
