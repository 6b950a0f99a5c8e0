"""Arguments as text, by their types."""

import struct
from collections.abc import Callable

import pytest

from systui.decode.arguments import Arguments
from systui.decode.forms.asked import SHORT
from systui.kernel import syscalls
from systui.kernel.syscalls import SyscallTable

AT = 0x7FFF_0000_0000


@pytest.fixture(scope="module")
def table() -> SyscallTable:
    return syscalls.bundled("x86_64")


def memory(content: bytes, start: int = AT) -> Callable[[int, int], bytes | None]:
    def read(address: int, size: int) -> bytes | None:
        offset = address - start
        inside = offset >= 0 and offset + size <= len(content)
        return content[offset : offset + size] if inside else None

    return read


def texts(table: SyscallTable, call: str, *values: int, content: bytes = b"") -> list[str]:
    padded = [value & (1 << 64) - 1 for value in values] + [0] * (6 - len(values))
    row = table.find(call)
    assert row is not None
    return [each.text for each in Arguments(row, padded, memory(content)).shown(None)]


@pytest.mark.parametrize(
    ("call", "values", "expected"),
    [
        ("accept", (1, 0, 0), ["1", "NULL", "NULL"]),
        ("close", (0xFFFFFFFF,), ["-1"]),
        ("close", (-1,), ["-1"]),
        ("socket", (2, 0o2000001, 6), ["AF_INET", "SOCK_STREAM|SOCK_CLOEXEC", "IPPROTO_TCP"]),
        ("socket", (99, 77, 0), ["0x63 /* AF_??? */", "0x4d /* SOCK_??? */", "0"]),
        ("lseek", (3, -5, 1), ["3", "-5", "SEEK_CUR"]),
        ("mprotect", (0x401000, 4096, 5), ["0x401000", "4096", "PROT_READ|PROT_EXEC"]),
        ("mprotect", (0x401000, 4096, 0), ["0x401000", "4096", "PROT_NONE"]),
        ("kill", (-1, 9), ["-1", "SIGKILL"]),
        ("shutdown", (4, 2), ["4", "SHUT_RDWR"]),
        ("arch_prctl", (0x1002, 0x4B93C0), ["ARCH_SET_FS", "0x4b93c0"]),
        ("fcntl", (1, 3, 0), ["1", "F_GETFL"]),
        ("getpid", (), []),
    ],
)
def test_numbers_and_names(
    table: SyscallTable, call: str, values: tuple[int, ...], expected: list[str]
) -> None:
    assert texts(table, call, *values) == expected


def test_mmap(table: SyscallTable) -> None:
    shown = texts(table, "mmap", 0, 8192, 3, 0x22, -1, 0)
    assert shown == [
        *("NULL", "8192", "PROT_READ|PROT_WRITE", "MAP_PRIVATE|MAP_ANONYMOUS", "-1", "0")
    ]


def test_paths_flags_and_modes(table: SyscallTable) -> None:
    shown = texts(table, "openat", -100, AT, 0o101, 0o644, content=b"/etc/passwd\0" + bytes(64))
    assert shown == ["AT_FDCWD", '"/etc/passwd"', "O_WRONLY|O_CREAT", "0644"]


def test_a_string_at_the_end_of_a_page(table: SyscallTable) -> None:
    start = 0x10_0000 - 8
    row = table.find("unlink")
    assert row is not None
    shown = Arguments(row, [start, 0, 0, 0, 0, 0], memory(b"/tmp/a\0x", start)).shown(None)
    assert shown[0].text == '"/tmp/a"'


def test_long_strings_are_cut_and_bad_pointers_are_numbers(table: SyscallTable) -> None:
    assert texts(table, "unlink", AT, content=b"x" * 500) == ['"' + "x" * SHORT + '"...']
    assert texts(table, "unlink", 8) == ["0x8"]
    assert texts(table, "unlink", 0) == ["NULL"]


def test_data_going_in_is_shown_by_its_length(table: SyscallTable) -> None:
    assert texts(table, "write", 1, AT, 6, content=b"hello\n\0\0") == ["1", '"hello\\n"', "6"]
    assert texts(table, "read", 0, AT, 6, content=b"hello\n\0\0") == ["0", hex(AT), "6"]


def test_socket_addresses(table: SyscallTable) -> None:
    inet = struct.pack("<H", 2) + struct.pack(">H", 5001) + bytes([127, 0, 0, 1]) + bytes(8)
    assert texts(table, "bind", 3, AT, 16, content=inet)[1] == "{AF_INET, 127.0.0.1:5001}"
    unix = struct.pack("<H", 1) + b"/tmp/socket\0"
    assert texts(table, "connect", 3, AT, 14, content=unix)[1] == '{AF_UNIX, "/tmp/socket"}'
    abstract = struct.pack("<H", 1) + b"\0name"
    assert texts(table, "bind", 3, AT, 7, content=abstract)[1] == '{AF_UNIX, @"name"}'
    assert texts(table, "bind", 3, AT, 16)[1] == hex(AT)


def test_without_a_prototype_all_six_are_shown() -> None:
    shown = Arguments(None, [1, 2, 3, 4, 5, 0x1000], memory(b"")).shown(None)
    assert [each.text for each in shown] == ["0x1", "0x2", "0x3", "0x4", "0x5", "0x1000"]


INET = struct.pack("<H", 2) + struct.pack(">H", 5001) + bytes([127, 0, 0, 1]) + bytes(8)


class Counted:
    """Memory that counts how often it is read."""

    def __init__(self, content: bytes, start: int) -> None:
        self._read, self.reads = memory(content, start), 0

    def __call__(self, address: int, size: int) -> bytes | None:
        self.reads += 1
        return self._read(address, size)


def test_what_is_filled_in_is_read_once_and_shown_with_its_result(table: SyscallTable) -> None:
    read = Counted(b"hello", AT)
    call = Arguments(table.find("read"), [0, AT, 5, 0, 0, 0], read)
    assert [each.text for each in call.shown(None)] == ["0", hex(AT), "5"]
    assert read.reads == 0
    for _again in range(3):
        call.filled(read, 5)
    assert read.reads == 1
    assert [each.text for each in call.shown(5)] == ["0", '"hello"', "5"]
    assert [each.text for each in call.shown(None)] == ["0", hex(AT), "5"]


def test_a_sub_call_is_decoded_with_its_words_from_memory() -> None:
    table, start = syscalls.bundled("i386"), 0x8000
    content = struct.pack("<III", 3, start + 12, 16) + INET
    call = Arguments(table.find("socketcall"), [2, start, 0, 0, 0, 0], memory(content, start), 32)
    assert [each.text for each in call.shown(None)] == ["SYS_BIND", hex(start)]
    sub = call.behind(None)
    assert sub is not None
    assert (sub.selector, sub.name) == ("SYS_BIND", "bind")
    assert [each.text for each in sub.arguments] == ["3", "{AF_INET, 127.0.0.1:5001}", "16"]


def test_two_registers_are_one_argument() -> None:
    row = syscalls.bundled("i386").find("pread64")
    shown = Arguments(row, [3, 0, 16, 1, 1, 0], memory(b""), 32).shown(None)
    assert [(each.name, each.text) for each in shown] == [
        *(("fd", "3"), ("ubuf", "NULL"), ("count", "16"), ("pos", "4294967297"))
    ]


def test_no_more_is_read_than_a_screen_shows(table: SyscallTable) -> None:
    pieces = b"".join(struct.pack("<QQ", AT + 2048, 1 << 30) for _each in range(100))
    read = Counted(pieces.ljust(8192, b"x"), AT)
    call = Arguments(table.find("writev"), [1, AT, 100, 0, 0, 0], read)
    assert read.reads <= 24
    assert len(call.shown(None)) == 3


def test_what_could_not_be_read_is_known(table: SyscallTable) -> None:
    assert Arguments(table.find("unlink"), [8, 0, 0, 0, 0, 0], memory(b"")).missed
    assert not Arguments(table.find("close"), [8, 0, 0, 0, 0, 0], memory(b"")).missed
