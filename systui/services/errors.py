"""Error numbers (include/uapi/asm-generic/errno*.h) and the exception that carries one."""

EPERM, ENOENT, ESRCH, EINTR, EIO, ENXIO, E2BIG, ENOEXEC, EBADF, ECHILD = range(1, 11)
EAGAIN, ENOMEM, EACCES, EFAULT, ENOTBLK, EBUSY, EEXIST, EXDEV, ENODEV, ENOTDIR = range(11, 21)
EISDIR, EINVAL, ENFILE, EMFILE, ENOTTY, ETXTBSY, EFBIG, ENOSPC, ESPIPE, EROFS = range(21, 31)
EMLINK, EPIPE, EDOM, ERANGE, EDEADLK, ENAMETOOLONG, ENOLCK, ENOSYS, ENOTEMPTY, ELOOP = range(31, 41)
ENODATA = 61
EOVERFLOW = 75
ENOTSOCK, EDESTADDRREQ, EMSGSIZE, EPROTOTYPE, ENOPROTOOPT = range(88, 93)
EPROTONOSUPPORT, ESOCKTNOSUPPORT, EOPNOTSUPP, EPFNOSUPPORT, EAFNOSUPPORT = range(93, 98)
EADDRINUSE, EADDRNOTAVAIL, ENETDOWN, ENETUNREACH, ENETRESET = range(98, 103)
ECONNABORTED, ECONNRESET, ENOBUFS, EISCONN, ENOTCONN, ESHUTDOWN = range(103, 109)
ETIMEDOUT, ECONNREFUSED = 110, 111
EALREADY, EINPROGRESS = 114, 115

ERESTARTSYS = 512
"""Kernel-internal: restart unless a handler without SA_RESTART runs (include/linux/errno.h)."""
ERESTARTNOHAND = 514
"""Kernel-internal: restart only when no handler runs."""
ERESTART_RESTARTBLOCK = 516
"""Kernel-internal: restart by restart_syscall."""


class Refused(Exception):  # noqa: N818  a call's ordinary outcome, not a failure of ours
    """The call ends with `-errno`, and leaves nothing behind unless `keep` says so."""

    def __init__(self, errno: int, keep: bool = False) -> None:
        super().__init__(errno)
        self.errno = errno
        self.keep = keep
