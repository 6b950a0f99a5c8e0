"""`systui trace`: every system call of a program and of its children, a line each."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from systui.cli.emulate import add_program_options, emulation_of
from systui.model.errors import BadInputError, unwritable
from systui.words import _

if TYPE_CHECKING:
    from systui.session.calls import Filter

RUNS_PROGRAM = True
"""Everything after PROGRAM on the command line is the program's own."""
_CLASSES = {
    "file": (
        *("open", "openat", "openat2", "creat", "stat", "lstat", "newfstatat", "statx", "access"),
        *("faccessat", "faccessat2", "readlink", "readlinkat", "chdir", "mkdir", "mkdirat"),
        *("rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat"),
        *("symlink", "symlinkat", "chmod", "fchmodat", "chown", "lchown", "fchownat", "truncate"),
        *("utimensat", "statfs", "execve", "execveat", "getcwd", "mknod", "mknodat"),
        *("stat64", "lstat64", "fstatat64", "chown32", "lchown32", "truncate64", "statfs64"),
        *("oldstat", "oldlstat", "utime", "utimes", "utimensat_time64"),
    ),
    "process": (
        *("fork", "vfork", "clone", "clone3", "execve", "execveat", "exit", "exit_group"),
        *("wait4", "waitid", "waitpid", "kill", "tkill", "tgkill"),
    ),
    "network": (
        *("socket", "socketpair", "bind", "listen", "accept", "accept4", "connect", "sendto"),
        *("recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "shutdown", "getsockname"),
        *("getpeername", "setsockopt", "getsockopt", "send", "recv", "socketcall"),
        "recvmmsg_time64",
    ),
    "signal": (
        *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend"),
        *("rt_sigtimedwait", "rt_sigqueueinfo", "sigaltstack", "kill", "tkill", "tgkill", "pause"),
        *("signal", "sigaction", "sigprocmask", "sigreturn", "sigpending", "sigsuspend"),
        "rt_sigtimedwait_time64",
    ),
    "desc": (
        *("read", "write", "pread64", "pwrite64", "readv", "writev", "close", "dup", "dup2"),
        *("dup3", "fcntl", "ioctl", "lseek", "fstat", "getdents64", "pipe", "pipe2", "poll"),
        *("ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait", "ftruncate"),
        *("fcntl64", "_llseek", "fstat64", "ftruncate64", "_newselect", "ppoll_time64"),
        "pselect6_time64",
    ),
    "memory": ("brk", "mmap", "mmap2", "munmap", "mprotect", "mremap", "madvise", "msync"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui trace`."""
    parser.usage = "systui trace [OPTIONS] PROGRAM [ARGS…]"
    parser.add_argument(
        "program",
        metavar="PROGRAM",
        help=_("an x86_64 or i386 ELF program; all after it is its own"),
    )
    parser.add_argument(
        *("-f", "--follow-forks"),
        action="store_true",
        help=_("trace the program's children and threads too"),
    )
    parser.add_argument(
        *("-e", "--expression"),
        metavar="trace=CALLS",
        default="trace=all",
        help=_("only these calls: names, !names for all others, %%file, %%process, %%network …"),
    )
    parser.add_argument(
        *("-o", "--output"),
        metavar="FILE",
        type=Path,
        help=_("write the trace there, not to standard error"),
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object a line"))
    add_program_options(parser)


def _filter(expression: str) -> "Filter":
    from systui.session.calls import call_filter

    words = expression.removeprefix("trace=")
    _check_names(words)
    classes = {name: frozenset(calls) for name, calls in _CLASSES.items()}
    try:
        return call_filter(words, classes)
    except ValueError as error:
        raise BadInputError(
            _("-e {expression}: no class of calls {name}; there are {known}").format(
                expression=expression,
                name=error,
                known=", ".join(f"%{name}" for name in classes),
            )
        ) from None


def _check_names(words: str) -> None:
    """BadInputError for a name that is no call's, of either width, nor socketcall's or ipc's."""
    from systui.kernel.subcalls import selectors
    from systui.kernel.syscalls import bundled

    table, narrow = bundled("x86_64"), bundled("i386")
    known = {row.name for row in (*table.rows, *narrow.rows)}
    for name in words.removeprefix("!").split(","):
        if name.startswith("%") or name in {"all", "none", ""} or name in known:
            continue
        if selectors(name) is None:
            raise table.unknown(name)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns systui's exit status: the program's."""
    from systui.headless import StandardInput, watch
    from systui.headless.calls import Lines, Objects

    wanted = _filter(options.expression)
    emulation = emulation_of(options)
    emulation.check_program()
    out = _opened(options.output)

    def write(line: str) -> None:
        try:
            print(line, file=out, flush=options.output is None)
        except OSError as error:
            if options.output is None:
                raise
            raise unwritable(options.output, error) from None

    stdin = StandardInput()
    debugger = emulation.start(stdin, own_terminals=True)
    lines = Lines(write, wanted, options.follow_forks)
    printer = Objects(write, wanted) if options.json else lines
    try:
        return watch(debugger, stdin, printer.event)
    finally:
        debugger.target.close()
        if options.output is not None:
            _close(out, options.output)


def _opened(path: Path | None) -> TextIO:
    if path is None:
        return sys.stderr
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise unwritable(path, error) from None


def _close(out: TextIO, path: Path) -> None:
    try:
        out.close()
    except OSError as error:
        raise unwritable(path, error) from None
