"""Numbers: plain ones, descriptors, modes, and those that are made of names."""

from collections.abc import Mapping, Sequence

from systui.decode import flags as names
from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, pointer, s32, s64, spelling

_AT_FDCWD = -100
_O_CREAT, _O_TMPFILE = 0o100, 0o20200000
_INFINITY = (1 << 64) - 1


@spelling("d")
def signed(_asked: Asked, value: int) -> str:
    """An int."""
    return str(s32(value))


@spelling("u")
def unsigned(_asked: Asked, value: int) -> str:
    """An unsigned int."""
    return str(value & 0xFFFF_FFFF)


@spelling("ld")
def long_signed(_asked: Asked, value: int) -> str:
    """A long."""
    return str(s64(value))


@spelling("lu")
def long_unsigned(_asked: Asked, value: int) -> str:
    """A size."""
    return str(value)


@spelling("id")
def identity(_asked: Asked, value: int) -> str:
    """A user's or group's number; -1 for none."""
    return "-1" if value & 0xFFFF_FFFF == 0xFFFF_FFFF else str(value & 0xFFFF_FFFF)


@spelling("x")
def hexadecimal(_asked: Asked, value: int) -> str:
    """Bits without names."""
    return f"{value:#x}" if value else "0"


@spelling("x32")
def hexadecimal_word(_asked: Asked, value: int) -> str:
    """The low half of it."""
    value &= 0xFFFF_FFFF
    return f"{value:#x}" if value else "0"


@spelling("p")
def address(_asked: Asked, value: int) -> str:
    """A pointer that is not followed."""
    return pointer(value)


@spelling("fd")
def descriptor(_asked: Asked, value: int) -> str:
    """A descriptor, or the directory that stands for none."""
    number = s32(value)
    return "AT_FDCWD" if number == _AT_FDCWD else str(number)


@spelling("mode")
def mode(_asked: Asked, value: int) -> str:
    """Permissions, in octal."""
    return octal(value & 0xFFFF)


def octal(value: int) -> str:
    """As C has it: 0644, 022, in three places at least."""
    return f"0{value:o}".zfill(3) if value else "000"


@spelling("creation")
def creation_mode(asked: Asked, value: int) -> str:
    """open's mode: passed only where a file may be made."""
    flags = asked.values[int(asked.option)]
    makes = flags & _O_CREAT or flags & _O_TMPFILE == _O_TMPFILE
    return octal(value & 0xFFFF) if makes else ""


@spelling("f")
def flagged(asked: Asked, value: int) -> str:
    """One of the families of names; its name is the option."""
    family: Names = FAMILIES.get(asked.option) or getattr(names, asked.option)
    value &= 0xFFFF_FFFF
    if family.mask == -1 and s32(value) in family.choice:
        return family.choice[s32(value)]
    if family.mask == -1:
        prefix = next(iter(family.choice.values())).split("_")[0]
        return f"{value:#x} /* {prefix}_??? */"
    return family.text(value)


@spelling("signal")
def signal(_asked: Asked, value: int) -> str:
    """A signal's name; 0 is none."""
    return signal_name(s32(value))


def signal_name(number: int) -> str:
    """SIGUSR1, SIGRT_5; numbers that are no signal stay numbers."""
    if number == 32:
        return "SIGRTMIN"
    if 32 < number <= 64:
        return f"SIGRT_{number - 32}"
    return names.SIGNAL.choice.get(number, str(number))


def size(value: int) -> str:
    """A limit: in units of 1024 where it is a multiple."""
    if value == _INFINITY:
        return "RLIM64_INFINITY"
    return f"{value // 1024}*1024" if value > 1024 and value % 1024 == 0 else str(value)


def _bits(*rows: tuple[int, str], none: str = "0") -> Names:
    return Names({0: none}, 0, rows)


def _choice(rows: Mapping[int, str]) -> Names:
    return Names(rows)


def _numbered(text: str, first: int = 0) -> Names:
    return Names(dict(enumerate(text.split(), first)))


def _flags(text: str, first: int = 0) -> Sequence[tuple[int, str]]:
    return tuple((1 << bit, name) for bit, name in enumerate(text.split(), first) if name != "-")


OPEN = Names(
    {0: "O_RDONLY", 1: "O_WRONLY", 2: "O_RDWR"},
    3,
    (
        *((0o100, "O_CREAT"), (0o200, "O_EXCL"), (0o400, "O_NOCTTY"), (0o1000, "O_TRUNC")),
        *((0o2000, "O_APPEND"), (0o4000, "O_NONBLOCK"), (0o4010000, "O_SYNC")),
        *((0o10000, "O_DSYNC"), (0o40000, "O_DIRECT"), (0o100000, "O_LARGEFILE")),
        *((0o400000, "O_NOFOLLOW"), (0o1000000, "O_NOATIME"), (0o2000000, "O_CLOEXEC")),
        *((0o10000000, "O_PATH"), (0o20200000, "O_TMPFILE"), (0o200000, "O_DIRECTORY")),
        (0o20000, "FASYNC"),
    ),
)
CLONE = _bits(
    *_flags("CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_PTRACE", 8),
    *_flags("CLONE_VFORK CLONE_PARENT CLONE_THREAD CLONE_NEWNS CLONE_SYSVSEM CLONE_SETTLS", 14),
    *_flags("CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_DETACHED CLONE_UNTRACED", 20),
    *_flags("CLONE_CHILD_SETTID CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER", 24),
    *_flags("CLONE_NEWPID CLONE_NEWNET CLONE_IO CLONE_CLEAR_SIGHAND CLONE_INTO_CGROUP", 29),
)
POLL = _bits(
    *_flags("POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND"),
    *_flags("POLLWRNORM POLLWRBAND POLLMSG - - POLLRDHUP", 8),
)
EPOLL = _bits(
    *_flags("EPOLLIN EPOLLPRI EPOLLOUT EPOLLERR EPOLLHUP - EPOLLRDNORM EPOLLRDBAND"),
    *_flags("EPOLLWRNORM EPOLLWRBAND EPOLLMSG - - EPOLLRDHUP", 8),
    *((1 << 28, "EPOLLEXCLUSIVE"), (1 << 29, "EPOLLWAKEUP"), (1 << 30, "EPOLLONESHOT")),
    (1 << 31, "EPOLLET"),
)
WAIT = _bits(
    *((1, "WNOHANG"), (2, "WSTOPPED"), (4, "WEXITED"), (8, "WCONTINUED")),
    *((0x0100_0000, "WNOWAIT"), (0x2000_0000, "__WNOTHREAD"), (0x4000_0000, "__WALL")),
    (0x8000_0000, "__WCLONE"),
)
FAMILIES: dict[str, Names] = {
    "OPEN": OPEN,
    "POLL": POLL,
    "PIPE": _bits((0o2000000, "O_CLOEXEC"), (0o4000, "O_NONBLOCK"), (0o40000, "O_DIRECT")),
    "WAIT4": Names(WAIT.choice, 0, ((2, "WSTOPPED"), *WAIT.bits)),
    "WAITID": WAIT,
    "IDTYPE": _numbered("P_ALL P_PID P_PGID P_PIDFD"),
    "ITIMER": _numbered("ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF"),
    "RUSAGE": _choice({0: "RUSAGE_SELF", -1: "RUSAGE_CHILDREN", 1: "RUSAGE_THREAD"}),
    "EPOLL_OP": _numbered("EPOLL_CTL_ADD EPOLL_CTL_DEL EPOLL_CTL_MOD", 1),
    "EPOLL_CREATE": _bits((0o2000000, "EPOLL_CLOEXEC")),
    "TIMER": _bits((1, "TIMER_ABSTIME")),
    "FLOCK": Names({1: "LOCK_SH", 2: "LOCK_EX", 8: "LOCK_UN"}, 0xFB, ((4, "LOCK_NB"),)),
    "MSYNC": _bits((1, "MS_ASYNC"), (2, "MS_INVALIDATE"), (4, "MS_SYNC")),
    "MEMFD": _bits((1, "MFD_CLOEXEC"), (2, "MFD_ALLOW_SEALING")),
    "RENAME": _bits((1, "RENAME_NOREPLACE"), (2, "RENAME_EXCHANGE"), (4, "RENAME_WHITEOUT")),
    "FALLOCATE": _bits((1, "FALLOC_FL_KEEP_SIZE"), (2, "FALLOC_FL_PUNCH_HOLE")),
    "PRIORITY": _numbered("PRIO_PROCESS PRIO_PGRP PRIO_USER"),
    "ADVICE": _numbered(
        "POSIX_FADV_NORMAL POSIX_FADV_RANDOM POSIX_FADV_SEQUENTIAL POSIX_FADV_WILLNEED "
        "POSIX_FADV_DONTNEED POSIX_FADV_NOREUSE"
    ),
    "AT_ACCESS": Names(names.AT.choice, 0, ((0x200, "AT_EACCESS"), *names.AT.bits)),
    "SOCKET": Names(
        names.SOCKET.choice, 0xF, ((0o2000000, "SOCK_CLOEXEC"), (0o4000, "SOCK_NONBLOCK"))
    ),
    "SCHED": _numbered("SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE"),
    "EXECVEAT": _bits((0x100, "AT_SYMLINK_NOFOLLOW"), (0x1000, "AT_EMPTY_PATH")),
    "STATX": Names(
        {0: "AT_STATX_SYNC_AS_STAT", 0x2000: "AT_STATX_FORCE_SYNC", 0x4000: "AT_STATX_DONT_SYNC"},
        0x6000,
        names.AT.bits,
    ),
    "STATX_MASK": Names(
        {0x7FF: "STATX_BASIC_STATS", 0xFFF: "STATX_ALL"},
        0xFFF,
        ((0x1000, "STATX_MNT_ID"), (0x2000, "STATX_DIOALIGN")),
    ),
    "PRCTL": _choice(
        {
            1: "PR_SET_PDEATHSIG",
            2: "PR_GET_PDEATHSIG",
            3: "PR_GET_DUMPABLE",
            4: "PR_SET_DUMPABLE",
            15: "PR_SET_NAME",
            16: "PR_GET_NAME",
            38: "PR_SET_NO_NEW_PRIVS",
            39: "PR_GET_NO_NEW_PRIVS",
        }
    ),
    "TCP": _choice({1: "TCP_NODELAY", 2: "TCP_MAXSEG", 3: "TCP_CORK", 4: "TCP_KEEPIDLE"}),
}
