"""Numbers: plain ones, descriptors, modes, and those that are made of names."""

from collections.abc import Mapping, Sequence

from systui.decode import flags as names
from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, pointer, s32, s64, spelling

_AT_FDCWD = -100
_O_CREAT, _O_TMPFILE = 0o100, 0o20200000


@spelling("d")
def signed(_asked: Asked, value: int) -> str:
    """An int."""
    return str(s32(value))


@spelling("u")
def unsigned(_asked: Asked, value: int) -> str:
    """An unsigned int."""
    return str(value & 0xFFFF_FFFF)


@spelling("ld")
def long_signed(asked: Asked, value: int) -> str:
    """A long."""
    return str(asked.signed(value))


@spelling("ll")
def long_long(_asked: Asked, value: int) -> str:
    """64 bits, in two registers where they are of 32."""
    return str(s64(value))


@spelling("pos")
def file_position(asked: Asked, value: int) -> str:
    """A position whose upper half is passed too, though a register of 64 bits holds all of it."""
    return str(asked.signed(value))


@spelling("key")
def ipc_key(_asked: Asked, value: int) -> str:
    """System V IPC's name of an object."""
    value &= 0xFFFF_FFFF
    return f"{value:#x}" if value else "IPC_PRIVATE"


@spelling("ipc_flags")
def ipc_flags(_asked: Asked, value: int) -> str:
    """What is made of it, and its permissions."""
    made = [name for bit, name in ((0o1000, "IPC_CREAT"), (0o2000, "IPC_EXCL")) if value & bit]
    return "|".join([*made, octal(value & 0o777)])


@spelling("skip")
def passed_by(_asked: Asked, _value: int) -> str:
    """What is not looked at."""
    return ""


@spelling("pages")
def pages(_asked: Asked, value: int) -> str:
    """mmap2's offset in pages, as one in bytes."""
    return f"{value * 4096:#x}" if value else "0"


@spelling("lu")
def long_unsigned(_asked: Asked, value: int) -> str:
    """A size."""
    return str(value)


@spelling("id")
def identity(_asked: Asked, value: int) -> str:
    """A user's or group's number; -1 for none."""
    return "-1" if value & 0xFFFF_FFFF == 0xFFFF_FFFF else str(value & 0xFFFF_FFFF)


@spelling("id16")
def old_identity(_asked: Asked, value: int) -> str:
    """One of sixteen bits."""
    value &= 0xFFFF
    return "-1" if value == 0xFFFF else str(value)


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
    return named(family, value & 0xFFFF_FFFF)


def named(family: Names, value: int) -> str:
    """A value by its names; where it has none at all, as a number and what that would have been."""
    if family.mask == -1:
        found = family.choice.get(s32(value))
        return unknown(value, next(iter(family.choice.values()))) if found is None else found
    known = family.mask
    for bit, _name in family.bits:
        known |= bit
    if family.mask == 0 and value and not value & known:
        return unknown(value, family.bits[0][1])
    return family.text(value)


def unknown(value: int, like: str) -> str:
    """`0x4d /* CLOCK_??? */`: a number without a name; `like`: one of the names."""
    return f"{value:#x} /* {like.split('_', maxsplit=1)[0]}_??? */"


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


def size(value: int, bits: int = 64) -> str:
    """A limit of so many bits: in units of 1024 where it is a multiple."""
    if value == (1 << bits) - 1:
        return "RLIM64_INFINITY" if bits == 64 else "RLIM_INFINITY"
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
    *_flags("POLLWRNORM POLLWRBAND POLLMSG - POLLREMOVE POLLRDHUP - POLL_BUSY_LOOP", 8),
)
EPOLL = _bits(
    *_flags("EPOLLIN EPOLLPRI EPOLLOUT EPOLLERR EPOLLHUP - EPOLLRDNORM EPOLLRDBAND"),
    *_flags("EPOLLWRNORM EPOLLWRBAND EPOLLMSG - - EPOLLRDHUP", 8),
    *((1 << 28, "EPOLLEXCLUSIVE"), (1 << 29, "EPOLLWAKEUP"), (1 << 30, "EPOLLONESHOT")),
    (1 << 31, "EPOLLET"),
)
_BARRIERS = _flags(
    "GLOBAL GLOBAL_EXPEDITED REGISTER_GLOBAL_EXPEDITED PRIVATE_EXPEDITED "
    "REGISTER_PRIVATE_EXPEDITED PRIVATE_EXPEDITED_SYNC_CORE REGISTER_PRIVATE_EXPEDITED_SYNC_CORE "
    "PRIVATE_EXPEDITED_RSEQ REGISTER_PRIVATE_EXPEDITED_RSEQ GET_REGISTRATIONS"
)
_BARRIERS = tuple((bit, f"MEMBARRIER_CMD_{name}") for bit, name in _BARRIERS)
WAIT = _bits(
    *((1, "WNOHANG"), (2, "WSTOPPED"), (4, "WEXITED"), (8, "WCONTINUED")),
    *((0x0100_0000, "WNOWAIT"), (0x2000_0000, "__WNOTHREAD"), (0x4000_0000, "__WALL")),
    (0x8000_0000, "__WCLONE"),
)
FAMILIES: dict[str, Names] = {
    "AT_STAT": _bits(
        *((0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_REMOVEDIR"), (0x400, "AT_SYMLINK_FOLLOW")),
        *((0x800, "AT_NO_AUTOMOUNT"), (0x1000, "AT_EMPTY_PATH")),
    ),
    "MAP": Names({0: "MAP_FILE", **names.MAP.choice}, names.MAP.mask, names.MAP.bits),
    "RWF": _bits(*_flags("RWF_HIPRI RWF_DSYNC RWF_SYNC RWF_NOWAIT RWF_APPEND")),
    "EVENT": _bits((1, "EFD_SEMAPHORE"), (0o4000, "EFD_NONBLOCK"), (0o2000000, "EFD_CLOEXEC")),
    "SIGNALFD": _bits((0o4000, "SFD_NONBLOCK"), (0o2000000, "SFD_CLOEXEC")),
    "INOTIFY": _bits((0o4000, "IN_NONBLOCK"), (0o2000000, "IN_CLOEXEC")),
    "TIMERFD": _bits((0o4000, "TFD_NONBLOCK"), (0o2000000, "TFD_CLOEXEC")),
    "TIMERFD_SET": _bits((1, "TFD_TIMER_ABSTIME"), (2, "TFD_TIMER_CANCEL_ON_SET")),
    "SPLICE": _bits(*_flags("SPLICE_F_MOVE SPLICE_F_NONBLOCK SPLICE_F_MORE SPLICE_F_GIFT")),
    "MEMBARRIER": Names({0: "MEMBARRIER_CMD_QUERY", **dict(_BARRIERS)}),
    "SOCKETCALL": _numbered(
        "SYS_SOCKET SYS_BIND SYS_CONNECT SYS_LISTEN SYS_ACCEPT SYS_GETSOCKNAME SYS_GETPEERNAME "
        "SYS_SOCKETPAIR SYS_SEND SYS_RECV SYS_SENDTO SYS_RECVFROM SYS_SHUTDOWN SYS_SETSOCKOPT "
        "SYS_GETSOCKOPT SYS_SENDMSG SYS_RECVMSG SYS_ACCEPT4 SYS_RECVMMSG SYS_SENDMMSG",
        1,
    ),
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
    "FLOCK": _bits(
        *_flags("LOCK_SH LOCK_EX LOCK_NB LOCK_UN"),
        *_flags("LOCK_MAND LOCK_READ LOCK_WRITE", 5),
    ),
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
    "PRCTL": _choice(
        {
            1: "PR_SET_PDEATHSIG",
            2: "PR_GET_PDEATHSIG",
            3: "PR_GET_DUMPABLE",
            4: "PR_SET_DUMPABLE",
            15: "PR_SET_NAME",
            16: "PR_GET_NAME",
            29: "PR_SET_TIMERSLACK",
            30: "PR_GET_TIMERSLACK",
            38: "PR_SET_NO_NEW_PRIVS",
            39: "PR_GET_NO_NEW_PRIVS",
        }
    ),
    "TCP": _choice({1: "TCP_NODELAY", 2: "TCP_MAXSEG", 3: "TCP_CORK", 4: "TCP_KEEPIDLE"}),
}
