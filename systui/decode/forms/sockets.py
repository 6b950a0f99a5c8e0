"""Socket addresses, options and messages."""

import ipaddress

from systui.decode.flags import FAMILY, MESSAGE
from systui.decode.forms.asked import Asked, both, layout, pointer, s32, spelling
from systui.decode.forms.buffers import quoted, vector_of
from systui.decode.forms.numbers import FAMILIES, unknown

_MESSAGE = layout("QI4xQQQQi4x", "7I")
_HEADER = layout("Qii", "Iii")
_BATCH = layout("56xI4x", "28xI")
"""struct mmsghdr: a msghdr, and how many bytes went."""
_INET, _INET6 = 16, 28
_INT = 4
_BATCHED = 32
_LARGEST = 128
_SOCKET_OPTIONS = dict(
    enumerate(
        (
            *("SO_DEBUG", "SO_REUSEADDR", "SO_TYPE", "SO_ERROR", "SO_DONTROUTE", "SO_BROADCAST"),
            *("SO_SNDBUF", "SO_RCVBUF", "SO_KEEPALIVE", "SO_OOBINLINE", "SO_NO_CHECK"),
            *("SO_PRIORITY", "SO_LINGER", "SO_BSDCOMPAT", "SO_REUSEPORT", "SO_PASSCRED"),
            *("SO_PEERCRED", "SO_RCVLOWAT", "SO_SNDLOWAT", "SO_RCVTIMEO_OLD", "SO_SNDTIMEO_OLD"),
        ),
        1,
    )
) | {29: "SO_TIMESTAMP_OLD", 30: "SO_ACCEPTCONN", 38: "SO_PROTOCOL", 39: "SO_DOMAIN"}
_TCP_OPTIONS = {1: "TCP_NODELAY", 2: "TCP_MAXSEG", 3: "TCP_CORK", 4: "TCP_KEEPIDLE"}
_PROTOCOLS = {0: "IPPROTO_IP", 1: "IPPROTO_ICMP", 6: "IPPROTO_TCP", 17: "IPPROTO_UDP"}


def address_text(raw: bytes, short: bool = False) -> str:
    """A socket address's bytes; `short`: `{AF_INET, 127.0.0.1:5001}`."""
    if len(raw) < 2:
        return quoted(raw)
    if short:
        return _short_address(raw)
    family = int.from_bytes(raw[:2], "little")
    head = f"sa_family={FAMILY.text(family)}"
    port = f"htons({int.from_bytes(raw[2:4], 'big')})"
    if family == 2 and len(raw) >= _INET:
        host = ".".join(map(str, raw[4:8]))
        return f'{{{head}, sin_port={port}, sin_addr=inet_addr("{host}")}}'
    if family == 10 and len(raw) >= _INET6:
        flow, scope = (int.from_bytes(raw[4:8], "big"), int.from_bytes(raw[24:28], "little"))
        host = f'inet_pton(AF_INET6, "{ipaddress.IPv6Address(raw[8:24])}", &sin6_addr)'
        parts = f"sin6_port={port}, sin6_flowinfo=htonl({flow}), {host}, sin6_scope_id={scope}"
        return f"{{{head}, {parts}}}"
    if family == 1 and len(raw) > 2:
        name = raw[2:]
        if name[0] == 0:
            return f"{{{head}, sun_path=@{quoted(name[1:])}}}"
        return f"{{{head}, sun_path={quoted(name.split(bytes(1))[0])}}}"
    rest = "" if len(raw) == 2 else f", sa_data={quoted(raw[2:])}"
    return f"{{{head}{rest}}}"


def _short_address(raw: bytes) -> str:
    family = int.from_bytes(raw[:2], "little")
    name, port = FAMILY.text(family), int.from_bytes(raw[2:4], "big")
    if family == 2 and len(raw) >= _INET:
        return f"{{{name}, {'.'.join(map(str, raw[4:8]))}:{port}}}"
    if family == 10 and len(raw) >= _INET6:
        return f"{{{name}, [{ipaddress.IPv6Address(raw[8:24])}]:{port}}}"
    if family == 1 and len(raw) > 2:
        path = raw[2:]
        shown = f"@{quoted(path[1:])}" if path[0] == 0 else quoted(path.split(bytes(1))[0])
        return f"{{{name}, {shown}}}"
    return f"{{{name}, …}}" if len(raw) > 2 else f"{{{name}}}"


@spelling("sockaddr")
def address(asked: Asked, value: int) -> str | None:
    """An address that is given, as long as the option's argument says."""
    length = s32(asked.other())
    raw = asked.read(value, min(length, _LARGEST)) if length > 0 else None
    return None if raw is None else address_text(raw, asked.short)


@spelling("sockaddr>", filled=True)
def address_filled(asked: Asked, value: int) -> str | None:
    """An address that was filled in; how long it is stands behind the option's pointer."""
    where = asked.other()
    size = asked.read(where, 4) if where else None
    if size is None:
        return None
    raw = asked.read(value, min(int.from_bytes(size, "little"), _LARGEST))
    return None if raw is None else address_text(raw, asked.short)


@spelling("socket")
def socket_type(_asked: Asked, value: int) -> str:
    """A socket's type with its flags."""
    known = value & 0xF in FAMILIES["SOCKET"].choice
    return FAMILIES["SOCKET"].text(value) if known else unknown(value, "SOCK_")


@spelling("protocol")
def protocol(asked: Asked, value: int) -> str:
    """By name where the family is the Internet's."""
    inet = asked.values[0] & 0xFFFF_FFFF in {2, 10}
    return _PROTOCOLS.get(value, str(s32(value))) if inet else str(s32(value))


@spelling("option")
def option(asked: Asked, value: int) -> str:
    """A socket option's name."""
    names = {1: _SOCKET_OPTIONS, 6: _TCP_OPTIONS}.get(asked.values[1], {})
    return names.get(value) or (unknown(value, next(iter(names.values()))) if names else hex(value))


@spelling("optval")
def option_value(asked: Asked, value: int) -> str | None:
    """A socket option's value; the option names the argument with its length."""
    length = s32(asked.other())
    return None if length < _INT else _option_value(asked, value, length)


@spelling("optval>", filled=True)
def option_filled(asked: Asked, value: int) -> str | None:
    """One that was asked for; the option names the argument that points to its length."""
    size = asked.read(asked.other(), 4)
    return (
        None if size is None else _option_value(asked, value, s32(int.from_bytes(size, "little")))
    )


def _option_value(asked: Asked, address: int, length: int) -> str | None:
    raw = asked.read(address, min(length, 64)) if length > 0 else None
    if raw is None:
        return None
    level, name = asked.values[1], asked.values[2]
    numbers = _ints(raw)
    if level == 1 and name == 13 and len(raw) == 8:
        return f"{{l_onoff={numbers[0]}, l_linger={numbers[1]}}}"
    if level == 1 and name == 17 and len(raw) == 12:
        return "{{pid={}, uid={}, gid={}}}".format(*numbers)
    return f"[{numbers[0]}]" if len(raw) == _INT else quoted(raw)


def _ints(raw: bytes) -> list[int]:
    return [s32(int.from_bytes(raw[at : at + 4], "little")) for at in range(0, len(raw), 4)]


@both("msghdr")
def message(asked: Asked, value: int) -> str | None:
    """struct msghdr with all that hangs on it."""
    left = max(0, asked.result or 0) if asked.call == "recvmsg" else None
    return _message(asked, value, left)


def _message(asked: Asked, address: int, left: int | None) -> str | None:
    found = asked.unpack(_MESSAGE, address)
    if found is None:
        return None
    name, name_length, vector, count, control, control_length, flags = found
    raw = asked.read(name, min(name_length, _LARGEST)) if name and name_length else None
    shown = address_text(raw, asked.short) if raw is not None else pointer(name)
    parts = [f"msg_name={shown}, msg_namelen={name_length}"]
    pieces = vector_of(asked, vector, count, left) or pointer(vector)
    parts.append(f"msg_iov={pieces}, msg_iovlen={count}")
    if control and control_length:
        told = _control(asked, control, control_length) or pointer(control)
        parts.append(f"msg_control={told}")
    parts.append(f"msg_controllen={control_length}, msg_flags={MESSAGE.text(flags & 0xFFFF_FFFF)}")
    return f"{{{', '.join(parts)}}}"


@spelling("sent>", filled=True)
@spelling("messages>", filled=True)
def messages(asked: Asked, value: int) -> str | None:
    """sendmmsg's and recvmmsg's: of those that went, how long they were."""
    done = max(0, asked.result or 0)
    receives = asked.call.startswith("recv")
    count = done if receives else asked.other()
    form, found = asked.form(_BATCH), []
    for index in range(min(count, _BATCHED)):
        at = value + index * form.size
        tail = asked.unpack(_BATCH, at)
        text = None if tail is None else _message(asked, at, tail[0] if receives else None)
        if tail is None or text is None:
            return None
        went = f", msg_len={tail[0]}" if index < done else ""
        found.append(f"{{msg_hdr={text}{went}}}")
    return f"[{', '.join([*found, '...'] if count > _BATCHED else found)}]"


def _control(asked: Asked, address: int, length: int) -> str | None:
    """Ancillary data: descriptors and credentials."""
    raw = asked.read(address, min(length, 256))
    if raw is None:
        return None
    header, found, at = asked.form(_HEADER), [], 0
    while at + header.size <= len(raw):
        size, level, kind = header.unpack_from(raw, at)
        if size < header.size:
            break
        numbers = _ints(raw[at + header.size : at + size])
        where = "SOL_SOCKET" if level == 1 else str(level)
        if level == 1 and kind == 1:
            what = f"cmsg_type=SCM_RIGHTS, cmsg_data=[{', '.join(map(str, numbers))}]"
        elif level == 1 and kind == 2 and len(numbers) >= 3:
            what = "cmsg_type=SCM_CREDENTIALS, cmsg_data={{pid={}, uid={}, gid={}}}".format(
                *numbers
            )
        else:
            what = f"cmsg_type={kind:#x}"
        found.append(f"{{cmsg_len={size}, cmsg_level={where}, {what}}}")
        at += (size + asked.word - 1) // asked.word * asked.word
    return f"[{', '.join(found)}]"
