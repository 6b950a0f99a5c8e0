"""A system call's arguments as a person reads them, by their types in the prototype."""

import re
from collections.abc import Callable, Sequence

from systui.decode.flags import FAMILY, names_of
from systui.model.call import Argument, Parameter, SyscallRow

Read = Callable[[int, int], bytes | None]
"""Address and size to bytes of the caller's memory; None where not readable whole."""

LONGEST = 48
"""Bytes of a string that are shown; after them come dots."""

_PAGE = 4096
_AT_FDCWD = -100
_DESCRIPTOR = re.compile(r"fd$|^fd|fildes|^(old|new)fd$|_fd$")
_ADDRESS = re.compile(r"^addr$|^start$|^brk$|^newsp$|^new_addr$|^tls$")
_PATH = re.compile(
    r"(file|path|old|new|dir|dev|link|root|put_)_?name$|^path|^(filename|name)$|^put"
)
_SIGNED_64 = re.compile(r"\b(long|loff_t|off_t|ssize_t)\b")
_UNSIGNED_32 = re.compile(r"^(unsigned( int)?|u32|__u32|uid_t|gid_t|old_uid_t|old_gid_t)$")
_SIGNED_32 = re.compile(r"^(int|pid_t|key_t|clockid_t|timer_t|key_serial_t|mqd_t|rwf_t|qid_t)$")
_LENGTH_AFTER = {"write": "count", "pwrite64": "count", "sendto": "len"}
"""Calls whose buffer holds data on the way in, and the parameter that says how much."""
_ADDRESSED = frozenset(("bind", "connect", "sendto"))
"""Calls that are given a socket address (others fill one in)."""


def decode_arguments(
    row: SyscallRow | None, values: Sequence[int], read: Read, bits: int = 64
) -> tuple[Argument, ...]:
    """Decode `values` (the six argument registers) by the prototype of `row`.

    `bits`: of the caller's long. Where no prototype is known, all six are shown as hexadecimal
    numbers.
    """
    if row is None or row.parameters is None:
        return tuple(
            Argument(f"arg{index}", "long", value, f"{value:#x}")
            for index, value in enumerate(values, 1)
        )
    named = dict(zip((each.name for each in row.parameters), values, strict=False))
    return tuple(
        Argument(
            parameter.name,
            parameter.type,
            value,
            _text(row, parameter, _extended(parameter.type, value, bits), named, read),
        )
        for parameter, value in zip(row.parameters, values, strict=False)
    )


def _text(
    row: SyscallRow, parameter: Parameter, value: int, named: dict[str, int], read: Read
) -> str:
    kind, name = parameter.type, parameter.name
    if "*" in kind:
        return _pointed(row, parameter, value, named, read)
    spelled = names_of(row.name, name)
    if spelled is not None:
        return spelled.text(_signed(value, 32) if kind == "int" else value & 0xFFFF_FFFF)
    if _DESCRIPTOR.search(name):
        number = _signed(value, 32)
        return "AT_FDCWD" if number == _AT_FDCWD and name.endswith("dfd") else str(number)
    if kind == "umode_t":
        return f"{value & 0xFFFF:#05o}".replace("0o", "0")
    if _ADDRESS.search(name):
        return f"{value:#x}"
    return _number(kind, name, value)


def _extended(kind: str, value: int, bits: int) -> int:
    """A signed long of fewer bits as one of 64."""
    signed = _SIGNED_64.search(kind) and "unsigned" not in kind and "*" not in kind
    return _signed(value, bits) & (1 << 64) - 1 if signed else value


def _number(kind: str, name: str, value: int) -> str:
    if _SIGNED_32.match(kind):
        return str(_signed(value, 32))
    if _UNSIGNED_32.match(kind):
        number = value & 0xFFFF_FFFF
        return f"{number:#x}" if "flag" in name else str(number)
    if _SIGNED_64.search(kind) and "unsigned" not in kind:
        return str(_signed(value, 64))
    if "flag" in name or value >= 1 << 32:
        return f"{value:#x}"
    return str(value)


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


def _pointed(
    row: SyscallRow, parameter: Parameter, value: int, named: dict[str, int], read: Read
) -> str:
    if not value:
        return "NULL"
    kind, name = parameter.type, parameter.name
    text = None
    if kind == "const char *" and name != _buffer(row):
        text = c_string(value, read)
    elif name == _buffer(row):
        text = _data(value, named.get(_LENGTH_AFTER[row.name], 0), read)
    elif "sockaddr" in kind and row.name in _ADDRESSED:
        text = socket_address(value, named.get("addrlen", named.get("addr_len", 0)), read)
    return f"{value:#x}" if text is None else text


def _buffer(row: SyscallRow) -> str | None:
    """The parameter that points to data going in."""
    if row.name not in _LENGTH_AFTER or row.parameters is None:
        return None
    return row.parameters[1].name


def c_string(address: int, read: Read) -> str | None:
    """The string at `address`, quoted and cut at `LONGEST` bytes; None where it is not readable."""
    raw = _readable(address, LONGEST + 1, read)
    if raw is None:
        return None
    end = raw.find(0)
    if end >= 0:
        return quoted(raw[:end])
    return quoted(raw[:LONGEST]) + "..."


def _data(address: int, size: int, read: Read) -> str | None:
    raw = read(address, min(size, LONGEST)) if size else b""
    if raw is None:
        return None
    return quoted(raw) + ("..." if size > LONGEST else "")


def _readable(address: int, size: int, read: Read) -> bytes | None:
    """Up to `size` bytes, cut where the readable pages end; None where none can be read."""
    raw = read(address, size)
    if raw is None:
        rest = _PAGE - address % _PAGE
        raw = read(address, rest) if rest < size else None
    return raw


_ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\"}


def quoted(raw: bytes) -> str:
    """Bytes as C would spell them, in double quotes; unprintable ones as \\xNN."""
    return '"' + "".join(_ESCAPES.get(byte) or _character(byte) for byte in raw) + '"'


def _character(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}"


def socket_address(address: int, size: int, read: Read) -> str | None:
    """`{AF_INET, 127.0.0.1:5001}`; None where it cannot be read (include/uapi/linux/in.h)."""
    raw = read(address, min(size & 0xFFFF_FFFF, 128)) if size else None
    if raw is None or len(raw) < 2:
        return None
    family = int.from_bytes(raw[:2], "little")
    name = FAMILY.text(family)
    if name == "AF_INET" and len(raw) >= 8:
        host = ".".join(str(byte) for byte in raw[4:8])
        return f"{{{name}, {host}:{int.from_bytes(raw[2:4], 'big')}}}"
    if name == "AF_INET6" and len(raw) >= 24:
        import ipaddress

        host = str(ipaddress.IPv6Address(raw[8:24]))
        return f"{{{name}, [{host}]:{int.from_bytes(raw[2:4], 'big')}}}"
    if name == "AF_UNIX":
        path = raw[2:]
        if path[:1] == b"\0":
            return f"{{{name}, @{quoted(path[1:])}}}"
        return f"{{{name}, {quoted(path.split(bytes(1))[0])}}}"
    return f"{{{name}, …}}"
