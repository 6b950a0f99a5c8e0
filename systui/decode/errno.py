"""Error numbers and their names: Linux's asm-generic/errno-base.h and errno.h (x86 uses them).

Numbers 512 and above never reach user space; a kernel's own code shows them
(include/linux/errno.h).
"""

_BASE = (
    *("EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD"),
    *("EAGAIN", "ENOMEM", "EACCES", "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV"),
    *("ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC"),
    *("ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG"),
    *("ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP", None, "ENOMSG", "EIDRM", "ECHRNG", "EL2NSYNC"),
    *("EL3HLT", "EL3RST", "ELNRNG", "EUNATCH", "ENOCSI", "EL2HLT", "EBADE", "EBADR", "EXFULL"),
    *("ENOANO", "EBADRQC", "EBADSLT", None, "EBFONT", "ENOSTR", "ENODATA", "ETIME", "ENOSR"),
    *("ENONET", "ENOPKG", "EREMOTE", "ENOLINK", "EADV", "ESRMNT", "ECOMM", "EPROTO", "EMULTIHOP"),
    *("EDOTDOT", "EBADMSG", "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG", "ELIBACC", "ELIBBAD"),
    *("ELIBSCN", "ELIBMAX", "ELIBEXEC", "EILSEQ", "ERESTART", "ESTRPIPE", "EUSERS", "ENOTSOCK"),
    *("EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE", "ENOPROTOOPT", "EPROTONOSUPPORT"),
    *("ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT", "EAFNOSUPPORT", "EADDRINUSE"),
    *("EADDRNOTAVAIL", "ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED", "ECONNRESET"),
    *("ENOBUFS", "EISCONN", "ENOTCONN", "ESHUTDOWN", "ETOOMANYREFS", "ETIMEDOUT", "ECONNREFUSED"),
    *("EHOSTDOWN", "EHOSTUNREACH", "EALREADY", "EINPROGRESS", "ESTALE", "EUCLEAN", "ENOTNAM"),
    *("ENAVAIL", "EISNAM", "EREMOTEIO", "EDQUOT", "ENOMEDIUM", "EMEDIUMTYPE", "ECANCELED"),
    *("ENOKEY", "EKEYEXPIRED", "EKEYREVOKED", "EKEYREJECTED", "EOWNERDEAD", "ENOTRECOVERABLE"),
    *("ERFKILL", "EHWPOISON"),
)
_INTERNAL = {
    512: "ERESTARTSYS",
    513: "ERESTARTNOINTR",
    514: "ERESTARTNOHAND",
    515: "ENOIOCTLCMD",
    516: "ERESTART_RESTARTBLOCK",
}
RESTARTS = frozenset(_INTERNAL) - {515}
"""Answers of a handler that a signal broke off: the call is made again, or ends with EINTR."""

NAMES: dict[int, str] = {
    **{number: name for number, name in enumerate(_BASE, 1) if name is not None},
    **_INTERNAL,
}
"""Names by (positive) number."""

NUMBERS: dict[str, int] = {name: number for number, name in NAMES.items()}
"""Numbers by name."""

_LARGEST = 4095
"""Results from -4095 to -1 are errors (include/linux/err.h, MAX_ERRNO)."""


def signed(value: int, bits: int = 64) -> int:
    """A register's `bits` as the signed number that C reads."""
    return value - (1 << bits) if value >> bits - 1 else value


def answered(value: int, bits: int = 64) -> int:
    """What `value` says as a call's result: an error is negative.

    Of 32 bits half are negative to C, and most of those are addresses.
    """
    number = signed(value, bits)
    return number if bits == 64 or number >= -_LARGEST else value & (1 << bits) - 1


def errno_of(result: int) -> str | None:
    """The error's name where signed `result` is one that has a name."""
    return NAMES.get(-result) if -_LARGEST <= result < 0 else None
