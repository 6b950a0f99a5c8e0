"""Arguments as text, by their types."""

import struct
from collections.abc import Callable

import pytest

from systui.decode.arguments import LONGEST, decode_arguments, quoted
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
    return [each.text for each in decode_arguments(row, padded, memory(content))]


@pytest.mark.parametrize(
    ("call", "values", "expected"),
    [
        ("accept", (1, 0, 0), ["1", "NULL", "NULL"]),
        ("close", (0xFFFFFFFF,), ["-1"]),
        ("close", (-1,), ["-1"]),
        ("socket", (2, 0o2000001, 6), ["AF_INET", "SOCK_STREAM|SOCK_CLOEXEC", "6"]),
        ("socket", (99, 77, 0), ["99", "0x4d", "0"]),
        ("lseek", (3, -5, 1), ["3", "-5", "SEEK_CUR"]),
        ("mprotect", (0x401000, 4096, 5), ["0x401000", "4096", "PROT_READ|PROT_EXEC"]),
        ("mprotect", (0x401000, 4096, 0), ["0x401000", "4096", "PROT_NONE"]),
        ("kill", (-1, 9), ["-1", "SIGKILL"]),
        ("shutdown", (4, 2), ["4", "SHUT_RDWR"]),
        ("arch_prctl", (0x1002, 0x4B93C0), ["ARCH_SET_FS", "4953024"]),
        ("fcntl", (1, 3, 0), ["1", "F_GETFL", "0"]),
        ("getpid", (), []),
    ],
)
def test_numbers_and_names(
    table: SyscallTable, call: str, values: tuple[int, ...], expected: list[str]
) -> None:
    assert texts(table, call, *values) == expected


def test_mmap(table: SyscallTable) -> None:
    shown = texts(table, "mmap", 0, 8192, 3, 0x22, -1, 0)
    assert shown == ["0x0", "8192", "PROT_READ|PROT_WRITE", "MAP_PRIVATE|MAP_ANONYMOUS", "-1", "0"]


def test_paths_flags_and_modes(table: SyscallTable) -> None:
    shown = texts(table, "openat", -100, AT, 0o101, 0o644, content=b"/etc/passwd\0" + bytes(64))
    assert shown == ["AT_FDCWD", '"/etc/passwd"', "O_WRONLY|O_CREAT", "0644"]


def test_a_string_at_the_end_of_a_page(table: SyscallTable) -> None:
    start = 0x10_0000 - 8
    row = table.find("unlink")
    assert row is not None
    shown = decode_arguments(row, [start, 0, 0, 0, 0, 0], memory(b"/tmp/a\0x", start))
    assert shown[0].text == '"/tmp/a"'


def test_long_strings_are_cut_and_bad_pointers_are_numbers(table: SyscallTable) -> None:
    assert texts(table, "unlink", AT, content=b"x" * 500) == ['"' + "x" * LONGEST + '"...']
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
    shown = decode_arguments(None, [1, 2, 3, 4, 5, 0x1000], memory(b""))
    assert [each.text for each in shown] == ["0x1", "0x2", "0x3", "0x4", "0x5", "0x1000"]


def test_quoting_is_cs() -> None:
    assert quoted(b'a"b\\\n\t\x01\xff') == '"a\\"b\\\\\\n\\t\\x01\\xff"'
