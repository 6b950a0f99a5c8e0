"""What the types of a prototype tell of arguments that no signature describes."""

import re

from systui.model.call import Parameter

_DESCRIPTOR = re.compile(r"fd$|^fd|fildes|_fd$")
_ADDRESS = re.compile(r"^(addr|start|brk|newsp|new_addr|tls)$")
_KINDS = (
    (re.compile(r"^const char \*$"), "path"),
    (re.compile(r"\*"), "p"),
    (re.compile(r"^umode_t$"), "mode"),
    (re.compile(r"^(unsigned( int)?|u32|__u32)$"), "u"),
    (re.compile(r"^(uid_t|gid_t)$"), "id"),
    (re.compile(r"^old_[ug]id_t$"), "id16"),
    (re.compile(r"^(int|pid_t|key_t|clockid_t|timer_t|key_serial_t|mqd_t|rwf_t|qid_t)$"), "d"),
    (re.compile(r"^size_t$"), "lu"),
    (re.compile(r"^(long|loff_t|off_t|ssize_t)$"), "ld"),
)


def kind_of(parameter: Parameter) -> str:
    """The kind of spelling for a parameter, by its type and name."""
    kind, name = parameter.type, parameter.name
    if "*" not in kind:
        if _DESCRIPTOR.search(name):
            return "fd"
        if _ADDRESS.search(name):
            return "p"
        if "flag" in name:
            return "x32"
    return next((spelled for pattern, spelled in _KINDS if pattern.search(kind)), "x")
