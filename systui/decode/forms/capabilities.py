"""Capabilities: whose, and the sets of them (include/uapi/linux/capability.h)."""

from systui.decode.flags import Names
from systui.decode.forms.asked import Asked, both, layout, s32, spelling

_VERSIONS = {
    0x19980330: "_LINUX_CAPABILITY_VERSION_1",
    0x20071026: "_LINUX_CAPABILITY_VERSION_2",
    0x20080522: "_LINUX_CAPABILITY_VERSION_3",
}
_ONE_WORD = 0x19980330
"""The version whose sets are of 32 bits; the others come in two halves."""
_HEADER, _HALF = layout("Ii"), layout("3I")
_NAMES = (
    *("CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"),
    *("SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW"),
    *("IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT"),
    *("SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD"),
    *("LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG"),
    *("WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE"),
)
_SET = Names({0: "0"}, 0, tuple((1 << bit, f"1<<CAP_{name}") for bit, name in enumerate(_NAMES)))


@spelling("cap_header")
def header(asked: Asked, value: int) -> str | None:
    """struct __user_cap_header_struct: the version of the sets, and the task."""
    found = asked.unpack(_HEADER, value)
    if found is None:
        return None
    version, pid = found
    name = _VERSIONS.get(version, f"{version:#x} /* _LINUX_CAPABILITY_VERSION_??? */")
    return f"{{version={name}, pid={s32(pid)}}}"


@both("cap_data")
def data(asked: Asked, value: int) -> str | None:
    """struct __user_cap_data_struct, one or two of them: effective, permitted, inheritable."""
    given = asked.unpack(_HEADER, asked.values[0])
    if given is None:
        return None
    size = _HALF.wide.size
    low = asked.unpack(_HALF, value)
    high = (0, 0, 0) if given[0] == _ONE_WORD else asked.unpack(_HALF, value + size)
    if low is None or high is None:
        return None
    labels = ("effective", "permitted", "inheritable")
    sets = zip(labels, low, high, strict=True)
    return f"{{{', '.join(f'{label}={_SET.text(a | b << 32)}' for label, a, b in sets)}}}"
