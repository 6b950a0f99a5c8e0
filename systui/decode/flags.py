"""Names of the constants that system call arguments are made of: include/uapi and arch/x86."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Names(NamedTuple):
    """How one kind of number is spelled.

    `choice` names the value under `mask` (a mode among several), `bits` those that may be added.
    A choice alone has no bits: signal numbers, families.
    """

    choice: Mapping[int, str]
    mask: int = -1
    bits: Sequence[tuple[int, str]] = ()

    def text(self, value: int) -> str:
        """`O_WRONLY|O_CREAT`; what has no name stays a number in hexadecimal."""
        chosen = value if self.mask == -1 else value & self.mask
        rest = 0 if self.mask == -1 else value & ~self.mask
        parts = []
        if chosen in self.choice:
            parts.append(self.choice[chosen])
        else:
            rest |= chosen
        for bit, name in self.bits:
            if bit and rest & bit == bit:
                parts.append(name)
                rest &= ~bit
        if rest and (not parts or self.mask != -1):
            parts.append(f"{rest:#x}" if self.mask != -1 else str(value))
        if self.mask == 0 and len(parts) > 1:
            del parts[0]
        return "|".join(parts) or "0"


def _bits(*names: tuple[int, str], none: str = "0") -> Names:
    return Names({0: none}, 0, names)


def _choice(names: Sequence[str], first: int = 0) -> Names:
    return Names(dict(enumerate(names, first)))


OPEN = Names(
    {0: "O_RDONLY", 1: "O_WRONLY", 2: "O_RDWR"},
    3,
    (
        *((0o4010000, "O_SYNC"), (0o20200000, "O_TMPFILE")),
        *((0o100, "O_CREAT"), (0o200, "O_EXCL"), (0o400, "O_NOCTTY"), (0o1000, "O_TRUNC")),
        *((0o2000, "O_APPEND"), (0o4000, "O_NONBLOCK"), (0o10000, "O_DSYNC"), (0o20000, "FASYNC")),
        *((0o40000, "O_DIRECT"), (0o100000, "O_LARGEFILE"), (0o200000, "O_DIRECTORY")),
        *((0o400000, "O_NOFOLLOW"), (0o1000000, "O_NOATIME"), (0o2000000, "O_CLOEXEC")),
        (0o10000000, "O_PATH"),
    ),
)
"""asm-generic/fcntl.h"""

PROTECTION = _bits(
    *((1, "PROT_READ"), (2, "PROT_WRITE"), (4, "PROT_EXEC"), (8, "PROT_SEM")),
    *((0x1000000, "PROT_GROWSDOWN"), (0x2000000, "PROT_GROWSUP")),
    none="PROT_NONE",
)
MAP = Names(
    {1: "MAP_SHARED", 2: "MAP_PRIVATE", 3: "MAP_SHARED_VALIDATE"},
    0xF,
    (
        *((0x10, "MAP_FIXED"), (0x20, "MAP_ANONYMOUS"), (0x40, "MAP_32BIT")),
        *((0x100, "MAP_GROWSDOWN"), (0x800, "MAP_DENYWRITE"), (0x1000, "MAP_EXECUTABLE")),
        *((0x2000, "MAP_LOCKED"), (0x4000, "MAP_NORESERVE"), (0x8000, "MAP_POPULATE")),
        *((0x10000, "MAP_NONBLOCK"), (0x20000, "MAP_STACK"), (0x40000, "MAP_HUGETLB")),
        (0x100000, "MAP_FIXED_NOREPLACE"),
    ),
)
FAMILY = Names(
    {0: "AF_UNSPEC", 1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK", 17: "AF_PACKET"}
)
SOCKET = Names(
    {
        1: "SOCK_STREAM",
        2: "SOCK_DGRAM",
        3: "SOCK_RAW",
        4: "SOCK_RDM",
        5: "SOCK_SEQPACKET",
        6: "SOCK_DCCP",
        10: "SOCK_PACKET",
    },
    0xF,
    ((0o4000, "SOCK_NONBLOCK"), (0o2000000, "SOCK_CLOEXEC")),
)
SOCKET_BITS = _bits((0o4000, "SOCK_NONBLOCK"), (0o2000000, "SOCK_CLOEXEC"))
SHUTDOWN = _choice(("SHUT_RD", "SHUT_WR", "SHUT_RDWR"))
MESSAGE = _bits(
    *((1, "MSG_OOB"), (2, "MSG_PEEK"), (4, "MSG_DONTROUTE"), (0x20, "MSG_TRUNC")),
    *((0x40, "MSG_DONTWAIT"), (0x80, "MSG_EOR"), (0x100, "MSG_WAITALL")),
    *((0x4000, "MSG_NOSIGNAL"), (0x8000, "MSG_MORE"), (0x40000000, "MSG_CMSG_CLOEXEC")),
)
WHENCE = _choice(("SEEK_SET", "SEEK_CUR", "SEEK_END", "SEEK_DATA", "SEEK_HOLE"))
ACCESS = _bits((4, "R_OK"), (2, "W_OK"), (1, "X_OK"), none="F_OK")
AT = _bits(
    *((0x100, "AT_SYMLINK_NOFOLLOW"), (0x400, "AT_SYMLINK_FOLLOW"), (0x800, "AT_NO_AUTOMOUNT")),
    (0x1000, "AT_EMPTY_PATH"),
)
AT_REMOVE = _bits((0x200, "AT_REMOVEDIR"))
RANDOM = _bits((1, "GRND_NONBLOCK"), (2, "GRND_RANDOM"), (4, "GRND_INSECURE"))
REMAP = _bits((1, "MREMAP_MAYMOVE"), (2, "MREMAP_FIXED"), (4, "MREMAP_DONTUNMAP"))
MASK_HOW = _choice(("SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"))
ARCH_PRCTL = Names(
    {0x1001: "ARCH_SET_GS", 0x1002: "ARCH_SET_FS", 0x1003: "ARCH_GET_FS", 0x1004: "ARCH_GET_GS"}
)
FCNTL = Names(
    {
        0: "F_DUPFD",
        1: "F_GETFD",
        2: "F_SETFD",
        3: "F_GETFL",
        4: "F_SETFL",
        5: "F_GETLK",
        6: "F_SETLK",
        7: "F_SETLKW",
        8: "F_SETOWN",
        9: "F_GETOWN",
        1030: "F_DUPFD_CLOEXEC",
        1031: "F_SETPIPE_SZ",
        1032: "F_GETPIPE_SZ",
    }
)
IOCTL = Names(
    {
        0x5401: "TCGETS",
        0x5402: "TCSETS",
        0x5403: "TCSETSW",
        0x5404: "TCSETSF",
        0x540F: "TIOCGPGRP",
        0x5410: "TIOCSPGRP",
        0x5413: "TIOCGWINSZ",
        0x5414: "TIOCSWINSZ",
        0x541B: "FIONREAD",
        0x5421: "FIONBIO",
    }
)
CLOCK = _choice(
    (
        *("CLOCK_REALTIME", "CLOCK_MONOTONIC", "CLOCK_PROCESS_CPUTIME_ID"),
        *("CLOCK_THREAD_CPUTIME_ID", "CLOCK_MONOTONIC_RAW", "CLOCK_REALTIME_COARSE"),
        *("CLOCK_MONOTONIC_COARSE", "CLOCK_BOOTTIME"),
    )
)
RESOURCE = _choice(
    (
        *("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE"),
        *("RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS"),
        *("RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE"),
        *("RLIMIT_RTPRIO", "RLIMIT_RTTIME"),
    )
)
MADVISE = Names(
    {
        0: "MADV_NORMAL",
        1: "MADV_RANDOM",
        2: "MADV_SEQUENTIAL",
        3: "MADV_WILLNEED",
        4: "MADV_DONTNEED",
        8: "MADV_FREE",
        14: "MADV_HUGEPAGE",
        15: "MADV_NOHUGEPAGE",
    }
)
LEVEL = Names({0: "SOL_IP", 1: "SOL_SOCKET", 6: "SOL_TCP", 17: "SOL_UDP", 41: "SOL_IPV6"})
_SIGNALS = (
    *("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2"),
    *("PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG"),
    *("XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"),
)
SIGNAL = _choice(tuple(f"SIG{name}" for name in _SIGNALS), 1)
