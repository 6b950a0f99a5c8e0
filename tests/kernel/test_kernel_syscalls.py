"""System call tables: bundled, from a .tbl file, from an image."""

import re
from pathlib import Path

import pytest
from built_programs import ACCEPT, KERNEL, tool

from systui.kernel.image import Image
from systui.kernel.imagetable import from_image
from systui.kernel.syscalls import X32_BIT, SyscallTable, bundled
from systui.kernel.tbl import read_tbl
from systui.model.call import Parameter
from systui.model.errors import BadInputError

HEADERS = {"x86_64": "asm/unistd_64.h", "i386": "asm/unistd_32.h"}


@pytest.mark.parametrize("arch", HEADERS)
def test_the_bundled_numbers_are_those_of_the_systems_headers(arch: str) -> None:
    """An older header has a part of them; what both have must agree."""
    text = tool(["gcc", "-E", "-dM", "-include", HEADERS[arch], "-x", "c", "/dev/null"])
    table = bundled(arch)
    known = {row.number: row.name for row in table.rows if row.abi != "x32"}
    numbers = re.findall(r"#define __NR_(\w+) (\d+)$", text, re.MULTILINE)
    assert len(numbers) > 350
    for name, number in numbers:
        assert known[int(number)] == name


@pytest.mark.parametrize(("arch", "count", "last"), [("x86_64", 420, 547), ("i386", 460, 470)])
def test_the_bundled_tables_are_whole_and_well_formed(arch: str, count: int, last: int) -> None:
    rows = bundled(arch).rows
    assert len(rows) == count
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == last
    assert {row.abi for row in rows} == ({"i386"} if arch == "i386" else {"common", "64", "x32"})
    for row in rows:
        assert row.entry is None or re.fullmatch(r"(compat_)?sys_\w+", row.entry)
        assert row.compat is None or re.fullmatch(r"(compat_)?sys_\w+", row.compat)
        assert row.entry is None or row.parameters is not None, row
        for each in row.parameters or ():
            assert re.fullmatch(r"\w+", each.name)
            assert re.fullmatch(r"[\w ]+( \*+(const( \*+)?)?)?", each.type), each
        assert len(row.parameters or ()) <= 6
        assert row.symbol is None
        assert row.address is None


def test_arguments_have_types_and_names() -> None:
    accept = bundled("x86_64").by_number(43)
    assert accept is not None
    assert accept.parameters == (
        Parameter("int", "fd"),
        Parameter("struct sockaddr *", "upeer_sockaddr"),
        Parameter("int *", "upeer_addrlen"),
    )
    getpid = bundled("x86_64").find("getpid")
    assert getpid is not None
    assert getpid.parameters == ()


def test_a_number_finds_the_row_that_the_kernel_takes() -> None:
    table = bundled("x86_64")
    for number, entry in (
        (0, "sys_read"),
        (59, "sys_execve"),
        (X32_BIT | 520, "compat_sys_execve"),
        (X32_BIT | 0, "sys_read"),
    ):
        row = table.by_number(number)
        assert row is not None
        assert row.entry == entry
    assert table.by_number(520) is None
    assert table.by_number(X32_BIT | 59) is None
    assert table.by_number(9999) is None
    assert table.by_number(-1) is None
    assert table.slot(43) is None


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("accept", 43),
        ("sys_accept", 43),
        ("__x64_sys_accept", 43),
        ("stat", 4),
        ("newstat", 4),
        ("sys_stat", 4),
        ("__x64_sys_newstat", 4),
        ("SyS_newuname", 63),
        ("stub_execve", 59),
        ("execve", 59),
    ],
)
def test_a_name_finds_its_row_however_kernels_spell_the_handler(name: str, number: int) -> None:
    row = bundled("x86_64").find(name)
    assert row is not None
    assert row.number == number


def test_names_that_are_not_there_have_near_ones() -> None:
    table = bundled("x86_64")
    assert table.find("acept") is None
    assert table.near("acept")[0] == "accept"
    assert table.near("__x64_sys_acept")[0] == "accept"
    assert table.near("zzzzzzzzz") == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("43", ["accept"]),
        ("0x2b", ["accept"]),
        ("accept", ["accept", "accept4"]),
        ("ACCEPT", ["accept", "accept4"]),
        ("upeer_addrlen", ["accept", "accept4"]),
        ("sockaddr accept", ["accept", "accept4"]),
        ("newuname", ["uname"]),
        ("nothing_like_it", []),
        ("4711", []),
    ],
)
def test_search(query: str, names: list[str]) -> None:
    assert [row.name for row in bundled("x86_64").search(query)] == names


def test_an_empty_search_shows_everything() -> None:
    table = bundled("x86_64")
    assert table.search("  ") == list(table.rows)
    assert next(row.name for row in table.search("64")) == "semget"


# --- .tbl files --------------------------------------------------------------------------------

TBL = """\
# a comment
0\tcommon\tread\t\t\tsys_read
2 common open sys_open   # why not
13\t64\trt_sigaction\t\tsys_rt_sigaction
56\tcommon\tclone\t\t\tstub_clone
57\tcommon\tfork\t\t\tsys_fork/ptregs
59\t64\texecve\t\t\t__x64_sys_execve/ptregs
60\tcommon\texit\t\t\tsys_exit\t\t\t-\t\t\tnoreturn
134\t64\tuselib
156\t64\t_sysctl\t\t\tsys_ni_syscall

520\tx32\texecve\t\t\tcompat_sys_execve
900\tcommon\thomework\t\tsys_homework
"""


def test_a_tbl_file_of_any_age_is_read(tmp_path: Path) -> None:
    path = tmp_path / "syscall_64.tbl"
    path.write_text(TBL)
    table = read_tbl(path)
    assert [(row.number, row.abi, row.name, row.entry) for row in table.rows] == [
        (0, "common", "read", "sys_read"),
        (2, "common", "open", "sys_open"),
        (13, "64", "rt_sigaction", "sys_rt_sigaction"),
        (56, "common", "clone", "stub_clone"),
        (57, "common", "fork", "sys_fork/ptregs"),
        (59, "64", "execve", "__x64_sys_execve/ptregs"),
        (60, "common", "exit", "sys_exit"),
        (134, "64", "uselib", None),
        (156, "64", "_sysctl", None),
        (520, "x32", "execve", "compat_sys_execve"),
        (900, "common", "homework", "sys_homework"),
    ]
    arguments = {row.number: row.parameters for row in table.rows}
    for number in (0, 2, 13, 56, 59, 60):
        usual = bundled("x86_64").by_number(number)
        assert usual is not None
        assert arguments[number] == usual.parameters
    assert arguments[57] == ()
    assert arguments[900] is None


def test_an_i386_tbl_has_handlers_for_both_kernels(tmp_path: Path) -> None:
    path = tmp_path / "syscall_32.tbl"
    path.write_text(
        "9\ti386\tlink\tsys_link\n"
        "102\ti386\tsocketcall\tsys_socketcall\tcompat_sys_socketcall\n"
        "113\ti386\tvm86old\tsys_vm86old\tsys_ni_syscall\n"
        "180\ti386\tpread64\tsys_pread64\t__ia32_compat_sys_x86_pread\n"
        "272\ti386\tfadvise64_64\tsys_fadvise64_64\t__ia32_compat_sys_x86_fadvise64_64\n"
    )
    link, socketcall, vm86, pread, fadvise = read_tbl(path).rows
    assert (link.entry, link.compat) == ("sys_link", None)
    assert (socketcall.entry, socketcall.compat) == ("sys_socketcall", "compat_sys_socketcall")
    assert (vm86.entry, vm86.compat) == ("sys_vm86old", "sys_ni_syscall")
    assert [each.name for each in socketcall.parameters or ()] == ["call", "args"]
    assert len(pread.parameters or ()) == 5
    assert len(fadvise.parameters or ()) == 6


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", ""),
        (b"# only words\n", ""),
        (b"0 common read sys_read\nroot:x:0:0\n", ":2"),
        (b"0 nospu read sys_read\n", ":1"),
        (b"zero common read sys_read\n", ":1"),
        (b"-1 common read sys_read\n", ":1"),
        (b"99999999999 common read sys_read\n", ":1"),
        (b"0 common\n", ":1"),
        (b"\x7fELF\0\0", ""),
        (b"x" * (1 << 21), ""),
        ("٣ common read sys_read\n".encode(), ":1"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    tmp_path: Path, content: bytes, where: str
) -> None:
    path = tmp_path / "bad.tbl"
    path.write_bytes(content)
    with pytest.raises(BadInputError) as caught:
        read_tbl(path)
    assert str(caught.value).startswith(f"{path}{where}:")
    assert "\n" not in str(caught.value)


def test_a_tbl_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", Path("a\0b")):
        with pytest.raises(BadInputError):
            read_tbl(path)


# --- images ------------------------------------------------------------------------------------


def test_the_bundled_kernels_table_is_the_bundled_table() -> None:
    image = Image.open(KERNEL)
    table = from_image(image)
    usual = bundled("x86_64")
    assert [(row.number, row.abi, row.name, row.entry, row.parameters) for row in table.rows] == [
        (row.number, row.abi, row.name, row.entry, row.parameters)
        for row in usual.rows
        if row.abi != "x32"
    ]
    start = image.symbol("sys_call_table")
    assert start is not None
    assert table.slot(43) == start.address + 43 * 8
    assert not table.switched
    for row in table.rows:
        handler = image.symbol(row.symbol or "")
        assert handler is not None
        assert row.address == handler.address
        word = image.read(start.address + 8 * row.number, 8)
        assert word == handler.address.to_bytes(8, "little")


def test_a_running_kernels_table_may_have_been_moved() -> None:
    """Slots hold addresses that a slide was added to."""
    image = Image.open(KERNEL)
    slide = 0x1230_0000

    def read(address: int, size: int) -> bytes | None:
        data = image.read(address, size)
        if data is None:
            return None
        words = [int.from_bytes(data[at : at + 8], "little") + slide for at in range(0, size, 8)]
        return b"".join(word.to_bytes(8, "little") for word in words)

    assert from_image(image, read, slide=slide).rows == from_image(image).rows
    with pytest.raises(BadInputError):
        from_image(image, lambda _address, _size: None)


def assembled(directory: Path, text: str, bits: int = 64) -> Image:
    (directory / "k.S").write_text(text)
    tool(["as", f"--{bits}", "-o", "k.o", "k.S"], directory)
    emulation = "elf_x86_64" if bits == 64 else "elf_i386"
    tool(["ld", "-m", emulation, "-e", "0", "-o", "k", "k.o"], directory)
    return Image.open(directory / "k")


def handlers(names: str, word: str) -> str:
    """Functions of these names, and a table of them in order."""
    lines = [".text", "start: nop"]
    for name in dict.fromkeys(names.split()):
        lines += [f".globl {name}", f".type {name}, @function", f"{name}: ret", f".size {name}, 1"]
    lines += [".data", ".globl sys_call_table", "sys_call_table:"]
    lines += [f"{word} {name}" for name in names.split()]
    return "\n".join([*lines, ".globl after", "after: .long 0, 0", ""])


def test_an_older_kernels_handlers_are_known_by_their_names(tmp_path: Path) -> None:
    """3.x: `sys_X` itself; a table without a size ends at the next symbol."""
    image = assembled(
        tmp_path, handlers("sys_read sys_write sys_ni_syscall sys_close sys_newstat", ".quad")
    )
    assert [(row.number, row.name, row.entry, row.symbol) for row in from_image(image).rows] == [
        (0, "read", "sys_read", "sys_read"),
        (1, "write", "sys_write", "sys_write"),
        (2, "open", None, "sys_ni_syscall"),
        (3, "close", "sys_close", "sys_close"),
        (4, "stat", "sys_newstat", "sys_newstat"),
    ]


def test_a_call_of_ones_own_is_named_by_its_handler(tmp_path: Path) -> None:
    image = assembled(tmp_path, handlers("__x64_sys_homework __x64_sys_getpid", ".quad"))
    first, second = from_image(image).rows
    assert (first.name, first.entry, first.parameters) == ("homework", "sys_homework", None)
    assert (second.name, second.number, second.parameters) == ("getpid", 1, ())


def test_a_32_bit_kernels_slots_are_four_bytes(tmp_path: Path) -> None:
    image = assembled(tmp_path, handlers("sys_restart_syscall sys_exit sys_fork", ".long"), 32)
    table = from_image(image)
    assert [(row.abi, row.name) for row in table.rows] == [
        ("i386", "restart_syscall"),
        ("i386", "exit"),
        ("i386", "fork"),
    ]
    assert table.address is not None
    assert table.slot(9) == table.address + 36


def test_the_compat_table_of_a_64_bit_kernel(tmp_path: Path) -> None:
    names = "__ia32_sys_restart_syscall __ia32_sys_exit __ia32_sys_fork __ia32_compat_sys_open"
    text = handlers(names, ".quad").replace("sys_call_table", "ia32_sys_call_table")
    image = assembled(tmp_path, text)
    rows = from_image(image, abi="i386").rows
    assert [row.abi for row in rows] == ["i386"] * 4
    assert [row.name for row in rows[:3]] == ["restart_syscall", "exit", "fork"]
    with pytest.raises(BadInputError, match="no symbol sys_call_table"):
        from_image(image)


def test_a_kernel_that_dispatches_by_a_switch_says_so(tmp_path: Path) -> None:
    switch = ".globl x64_sys_call\nx64_sys_call: ret\n.globl start\nstart: ret\n"
    with pytest.raises(BadInputError, match="switch"):
        from_image(assembled(tmp_path, switch))
    table = from_image(
        assembled(
            tmp_path, handlers("sys_read", ".quad") + ".text\n" + switch.replace("start", "begin")
        )
    )
    assert table.switched
    assert [row.name for row in table.rows] == ["read"]


def test_a_program_has_no_table() -> None:
    with pytest.raises(BadInputError, match="is it a kernel"):
        from_image(Image.open(ACCEPT))


def test_a_table_is_made_of_any_rows() -> None:
    table = SyscallTable(bundled("x86_64").rows[:3], address=0x1000)
    assert [row.name for row in table.rows] == ["read", "write", "open"]
    assert table.slot(2) == 0x1010
