"""Arguments spelled as strace does, for callers of 64 and of 32 bits."""

import struct
from collections.abc import Callable

import pytest

from systui.decode.forms.line import Call
from systui.decode.forms.signals import info_text, signal_set
from systui.kernel.syscalls import bundled

AT = 0x8000
Fill = Callable[[bytearray], None]


class Memory:
    """A page at AT."""

    def __init__(self, *pieces: bytes) -> None:
        """`pieces` stand there, each at a multiple of 256 bytes."""
        self.raw = bytearray(4096)
        self.reads = 0
        for index, piece in enumerate(pieces):
            self.raw[256 * index : 256 * index + len(piece)] = piece

    def read(self, address: int, size: int) -> bytes | None:
        self.reads += 1
        offset = address - AT
        inside = offset >= 0 and offset + size <= len(self.raw)
        return bytes(self.raw[offset : offset + size]) if inside else None


def line(
    bits: int, name: str, *values: int, memory: tuple[bytes, ...] = (), result: int = 0
) -> str:
    """The call on one line, what it fills in there from the beginning."""
    there = Memory(*memory)
    mask = (1 << bits) - 1
    padded = [value & mask for value in values] + [0] * (6 - len(values))
    row = bundled("x86_64" if bits == 64 else "i386").find(name)
    call = Call(name, padded, there.read, None if row is None else row.parameters, bits)
    told = ", ".join(each.on_the_line for each in call.ended(there.read, result))
    return f"{call.title}({told}) = {call.result(there.read, result)}"


TIMES = "{tv_sec=1, tv_nsec=2}"
STAT = "{st_mode=S_IFREG|0644, st_size=12, ...}"


@pytest.mark.parametrize(
    ("bits", "call", "layout", "numbers", "expected"),
    [
        (64, "nanosleep", "<qq", (1, 2), f"nanosleep({TIMES}, NULL) = 0"),
        (32, "nanosleep", "<ii", (1, 2), f"nanosleep({TIMES}, NULL) = 0"),
        (64, "fstat", "<24xI12xQQ", None, f"fstat(3, {STAT}) = 0"),
        (32, "fstat", "<8xH6xII", None, f"fstat(3, {STAT}) = 0"),
        (32, "fstat64", "<16xI12xQ4xQ", None, f"fstat64(3, {STAT}) = 0"),
        (32, "oldfstat", "<4xH6xH2xI", None, f"oldfstat(3, {STAT}) = 0"),
    ],
)
def test_structures_by_width(
    bits: int, call: str, layout: str, numbers: tuple[int, ...] | None, expected: str
) -> None:
    if numbers is None:
        raw = struct.pack(layout, 0o100644, 0, 12)
        assert line(bits, call, 3, AT, memory=(raw,)) == expected
    else:
        assert line(bits, call, AT, 0, memory=(struct.pack(layout, *numbers),)) == expected


def test_time_of_64_bits_in_a_32_bit_program_passes_by_the_padding() -> None:
    raw = struct.pack("<qII", 1, 2, 0xDEADBEEF)
    assert line(32, "clock_gettime64", 1, AT, memory=(raw,)) == (
        f"clock_gettime64(CLOCK_MONOTONIC, {TIMES}) = 0"
    )
    assert line(32, "clock_gettime", 1, AT, memory=(struct.pack("<ii", 1, 2),)) == (
        f"clock_gettime(CLOCK_MONOTONIC, {TIMES}) = 0"
    )


def test_actions_by_width_and_age() -> None:
    told = "{sa_handler=0x8049000, sa_mask=[INT], sa_flags=SA_RESTORER|SA_RESTART, "
    told += "sa_restorer=0x8050000}"
    flags = 0x1400_0000
    wide = struct.pack("<QQQQ", 0x8049000, flags, 0x8050000, 2)
    narrow = struct.pack("<IIIQ", 0x8049000, flags, 0x8050000, 2)
    old = struct.pack("<IIII", 0x8049000, 2, flags, 0x8050000)
    for bits, raw in ((64, wide), (32, narrow)):
        shown = line(bits, "rt_sigaction", 2, AT, 0, 8, memory=(raw,))
        assert shown == f"rt_sigaction(SIGINT, {told}, NULL, 8) = 0"
    assert line(32, "sigaction", 2, AT, 0, memory=(old,)) == f"sigaction(SIGINT, {told}, NULL) = 0"


def test_64_bits_in_two_registers() -> None:
    assert line(32, "pread64", 3, AT, 0, 1, 2, result=0) == 'pread64(3, "", 0, 8589934593) = 0'
    assert line(32, "ftruncate64", 3, 0, 1) == "ftruncate64(3, 4294967296) = 0"
    assert line(32, "mmap2", 0, 4096, 1, 2, 3, 7, result=-0x1000_0000) == (
        "mmap2(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0x7000) = 0xf0000000"
    )
    position = struct.pack("<q", -5 & (1 << 40) - 1)
    assert line(32, "_llseek", 3, 0xFFFF_FFFF, 0xFFFF_FFFB, AT, 1, memory=(position,)) == (
        "_llseek(3, -5, [1099511627771], SEEK_CUR) = 0"
    )
    assert line(64, "pwritev2", 3, 0, 0, -1, 77, 1) == "pwritev2(3, NULL, 0, -1, RWF_HIPRI) = 0"


def test_pieces_and_messages_by_width() -> None:
    for bits, vector, header in (
        (64, struct.pack("<QQ", AT + 512, 5), "<QI4xQQQQi4x"),
        (32, struct.pack("<II", AT + 512, 5), "<7I"),
    ):
        message = struct.pack(header, 0, 0, AT + 256, 1, 0, 0, 0)
        shown = line(bits, "sendmsg", 3, AT, 0, memory=(message, vector, b"hello"), result=5)
        assert shown == (
            'sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hello", iov_len=5}], '
            "msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 5"
        )


def test_limits_by_width() -> None:
    wide, narrow = (
        struct.pack("<QQ", 8 << 20, (1 << 64) - 1),
        struct.pack("<II", 8 << 20, ~0 & 2**32 - 1),
    )
    limits = "{rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}"
    assert line(32, "prlimit64", 0, 3, 0, AT, memory=(wide,)) == (
        f"prlimit64(0, RLIMIT_STACK, NULL, {limits}) = 0"
    )
    assert line(32, "ugetrlimit", 3, AT, memory=(narrow,)) == (
        f"ugetrlimit(RLIMIT_STACK, {limits.replace('RLIM64', 'RLIM')}) = 0"
    )


INET = struct.pack("<H", 2) + struct.pack(">H", 5001) + bytes([127, 0, 0, 1]) + bytes(8)


def test_a_call_through_socketcall_is_told_by_its_own_name() -> None:
    words = struct.pack("<III", 3, AT + 256, 16)
    assert line(32, "socketcall", 2, AT, memory=(words, INET)) == (
        "socketcall(SYS_BIND) bind(3, {sa_family=AF_INET, sin_port=htons(5001), "
        'sin_addr=inet_addr("127.0.0.1")}, 16) = 0'
    )
    assert line(32, "socketcall", 2, 8) == "socketcall(SYS_BIND, 0x8) = 0"
    assert line(32, "socketcall", 99, AT) == "socketcall(0x63 /* SYS_??? */, 0x8000) = 0"
    assert line(64, "socketcall", 2, AT, memory=(words, INET)).startswith("socketcall(SYS_BIND, ")


def test_ipc_s_arguments_are_where_the_sub_call_has_them() -> None:
    assert line(32, "ipc", 23, 0, 4096, 0o1600, 0, 0, result=5) == (
        "ipc(SHMGET) shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600) = 5"
    )


def test_old_calls_have_their_arguments_in_a_structure() -> None:
    words = struct.pack("<6I", 0, 8192, 3, 0x22, 0xFFFF_FFFF, 0)
    assert line(32, "mmap", AT, memory=(words,), result=-0x1000_0000) == (
        "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xf0000000"
    )
    assert line(32, "mmap", 8) == "mmap(0x8) = 0"


def test_thread_areas() -> None:
    raw = struct.pack("<4I", 12, 0x8E1A380, 0xFFFFF, 0x51)
    area = (
        "{entry_number=12, base_addr=0x8e1a380, limit=0x0fffff, seg_32bit=1, contents=0, "
        "read_exec_only=0, limit_in_pages=1, seg_not_present=0, useable=1}"
    )
    assert line(32, "set_thread_area", AT, memory=(raw,)) == f"set_thread_area({area}) = 0"
    assert line(32, "clone", 0x80000, 0, 0, AT, 0, memory=(raw,), result=7) == (
        f"clone(child_stack=NULL, flags=CLONE_SETTLS, tls={area}) = 7"
    )
    assert line(64, "clone", 0x80000, 0, 0, 0, AT, result=7) == (
        "clone(child_stack=NULL, flags=CLONE_SETTLS, tls=0x8000) = 7"
    )


def test_what_a_signal_brings_by_width() -> None:
    wide = struct.pack("<iii4xQ", 11, 0, 1, 0x1234) + bytes(104)
    narrow = struct.pack("<iiiI", 11, 0, 1, 0x1234) + bytes(112)
    told = "{si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x1234}"
    assert info_text(wide) == info_text(narrow, 4) == told
    assert signal_set(0xFFFF_FFFE, 32) == "~[HUP]"


def test_without_a_signature_the_prototype_tells() -> None:
    assert line(64, "swapon", AT, 0x8000, memory=(b"/swap\0",)) == 'swapon("/swap", 0x8000) = 0'
    assert line(64, "acct", 0) == "acct(NULL) = 0"


def test_what_is_given_is_read_once_and_what_is_filled_in_at_the_end() -> None:
    there = Memory(b"/etc/passwd\0", struct.pack("<24xI12xQQ96x", 0o100644, 0, 12))
    call = Call("stat", [AT, AT + 256, 0, 0, 0, 0], there.read)
    assert [each.text for each in call.given] == ['"/etc/passwd"', None]
    assert there.reads == 1
    call.ended(there.read, 0)
    assert there.reads == 2


def test_pointers_that_cannot_be_read_stay_addresses() -> None:
    assert line(32, "nanosleep", 8, 16) == "nanosleep(0x8, 0x10) = 0"
    assert line(32, "execve", 8, 16, 24, result=-14) == (
        "execve(0x8, 0x10, 0x18) = -1 EFAULT (Bad address)"
    )
