"""Images against what binutils say of the same files."""

import os
import re
import struct
import subprocess
from pathlib import Path

import pytest
from built_programs import ACCEPT, KERNEL, build, busybox, tool

from systui.kernel.image import Image
from systui.model.errors import BadInputError

NAMED = ("FUNC", "OBJECT", "NOTYPE", "IFUNC", "<OS specific>: 10")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("programs")
    return {
        "kernel": KERNEL,
        "accept": ACCEPT,
        "busybox": busybox(),
        "static-pie": build(directory, "-g", "-static-pie", name="pie"),
        "exec": build(directory, "-g", "-static", name="exec"),
        "build-id": build(directory, "-static", "-Wl,--build-id=sha1", name="identified"),
        "stripped": build(directory, "-static", "-s", name="stripped"),
    }


NAMES = ("kernel", "accept", "busybox", "static-pie", "exec", "build-id", "stripped")


@pytest.mark.parametrize("name", NAMES)
def test_symbols_are_those_that_nm_lists(programs: dict[str, Path], name: str) -> None:
    """Thread-local ones excepted, which are offsets and no addresses."""
    path = programs[name]
    listed = subprocess.run(
        ["nm", "--defined-only", "-f", "sysv", path], capture_output=True, text=True, check=False
    )
    expected = set()
    for line in listed.stdout.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 7 and cells[3] in NAMED:
            expected.add((cells[0].split("@")[0], int(cells[1], 16)))
    found = {(symbol.name.split("@")[0], symbol.address) for symbol in Image.open(path).symbols()}
    assert found == expected


def test_symbols_come_by_address(programs: dict[str, Path]) -> None:
    symbols = Image.open(programs["kernel"]).symbols()
    addresses = [symbol.address for symbol in symbols]
    assert addresses == sorted(addresses)
    assert len(symbols) == len(addresses) > 400
    assert symbols[-1] == symbols[len(symbols) - 1]
    assert [*symbols[3:5]] == [symbols[3], symbols[4]]


@pytest.mark.parametrize("name", ["kernel", "accept", "static-pie"])
def test_every_symbol_is_found_by_its_name(programs: dict[str, Path], name: str) -> None:
    image = Image.open(programs[name])
    for symbol in image.symbols():
        found = image.symbol(symbol.name)
        assert found is not None
        assert found.name == symbol.name
    assert image.symbol("no_such_symbol") is None
    assert image.symbol("") is None


def test_a_name_that_ends_another_is_told_from_it(tmp_path: Path) -> None:
    (tmp_path / "a.S").write_text(
        ".text\n.globl re_enter, enter, _start\nre_enter: ret\nenter: ret\n_start: ret\n"
    )
    tool(["gcc", "-nostdlib", "-static", "-o", "a", "a.S"], tmp_path)
    image = Image.open(tmp_path / "a")
    enter, re_enter = image.symbol("enter"), image.symbol("re_enter")
    assert enter is not None
    assert re_enter is not None
    assert enter.address == re_enter.address + 1
    assert image.symbol("nter") is None


def test_a_label_inside_a_function_names_what_follows_it() -> None:
    image = Image.open(KERNEL)
    entry, label = image.symbol("entry_SYSCALL_64"), image.symbol("entry_SYSCALL_64_after_hwframe")
    assert entry is not None
    assert label is not None
    assert image.locate(entry.address + 3) == (entry, 3)
    assert image.locate(label.address) == (label, 0)
    assert image.locate(label.address + 1) == (label, 1)


def test_of_names_at_one_address_the_handler_wins(tmp_path: Path) -> None:
    """Functions, then labels; global first; the call table's name before its aliases."""
    (tmp_path / "a.S").write_text(
        """
        .text
        .globl _start, __x64_sys_getpid, __ia32_sys_getpid, sys_open, SyS_open, label, real
        .type __x64_sys_getpid, @function
        .type __ia32_sys_getpid, @function
        .type __do_sys_getpid, @function
        .type sys_open, @function
        .type SyS_open, @function
        .type real, @function
        .type local, @function
_start: nop
__do_sys_getpid:
__ia32_sys_getpid:
__x64_sys_getpid: nop
SyS_open:
sys_open: nop
label:
local:
real: nop
        """
    )
    tool(["gcc", "-nostdlib", "-static", "-o", "a", "a.S"], tmp_path)
    image = Image.open(tmp_path / "a")
    for name in ("__x64_sys_getpid", "sys_open", "real"):
        symbol = image.symbol(name)
        assert symbol is not None
        assert image.locate(symbol.address) == (symbol, 0)


def test_an_end_marker_does_not_name_the_next_section(tmp_path: Path) -> None:
    (tmp_path / "a.S").write_text(
        """
        .section .one, "ax"
        .globl _start, one_end, two_start
_start: nop
one_end:
        .section .two, "ax"
two_start: nop
        """
    )
    (tmp_path / "a.ld").write_text(
        "SECTIONS { . = 0x400000; .one : { *(.one) } .two : { *(.two) } }"
    )
    tool(["gcc", "-nostdlib", "-static", "-Wl,-T,a.ld", "-o", "a", "a.S"], tmp_path)
    image = Image.open(tmp_path / "a")
    end, start = image.symbol("one_end"), image.symbol("two_start")
    assert end is not None
    assert start is not None
    assert end.address == start.address
    assert image.locate(start.address) == (start, 0)
    assert image.locate(start.address + 1) is None


def test_nothing_is_named_outside_the_image() -> None:
    image = Image.open(KERNEL)
    assert image.locate(0xFFFF_FFFF_FFFF_FFFF) is None
    assert image.locate(0x1234_5678_0000) is None
    assert image.locate(-1) is None


@pytest.mark.parametrize("name", NAMES)
def test_headers_are_those_that_readelf_shows(programs: dict[str, Path], name: str) -> None:
    path = programs[name]
    image = Image.open(path)
    header = tool(["readelf", "-hW", str(path)])
    entry = re.search(r"Entry point address:\s+(0x[0-9a-f]+)", header)
    assert entry is not None
    assert image.entry == int(entry[1], 16)
    assert image.position_independent == ("DYN" in header)
    loads = [
        [int(word, 16) for word in line.split()[1:6]]
        for line in tool(["readelf", "-lW", str(path)]).splitlines()
        if line.split()[:1] == ["LOAD"]
    ]
    assert loads == [
        [each.file_offset, each.vaddr, each.paddr, each.file_size, each.memory_size]
        for each in image.segments
    ]
    sections = re.findall(
        r"^ +\[ *\d+\] (\S+) +\S+ +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) ",
        tool(["readelf", "-SW", str(path)]),
        re.MULTILINE,
    )
    assert [(name, *(int(word, 16) for word in rest)) for name, *rest in sections] == [
        (each.name, each.address, each.offset, each.size) for each in image.sections if each.name
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_build_id_is_readelfs(programs: dict[str, Path], name: str) -> None:
    notes = re.search(r"Build ID: ([0-9a-f]+)", tool(["readelf", "-nW", str(programs[name])]))
    assert Image.open(programs[name]).build_id == (None if notes is None else notes[1])


def test_content_is_read_at_its_address() -> None:
    image = Image.open(KERNEL)
    data = KERNEL.read_bytes()
    text = image.section(".text")
    assert text is not None
    content = image.read(text.address, text.size)
    assert content == data[text.offset : text.offset + text.size] == image.content(text)
    assert image.read(text.address + 4, 0) == b""
    assert image.read(0xDEAD_0000_0000, 1) is None
    assert image.read(text.address, 1 << 40) is None
    assert image.read(text.address, -1) is None


def test_what_the_file_does_not_hold_is_zeros() -> None:
    for path in (KERNEL, ACCEPT):
        image = Image.open(path)
        grown = [each for each in image.segments if each.memory_size > each.file_size]
        assert grown
        for segment in grown:
            end = segment.vaddr + segment.memory_size
            assert image.read(end - 16, 16) == bytes(16)
            assert image.read(end - 16, 17) is None


def test_an_i386_program_is_read_too(tmp_path: Path) -> None:
    image = Image.open(_program_of_32_bits(tmp_path))
    assert (image.machine, image.bits) == ("i386", 32)
    main = image.symbol("_start")
    assert main is not None
    assert main.address == image.entry
    assert image.locate(main.address) == (main, 0)


def _program_of_32_bits(directory: Path) -> Path:
    (directory / "a.S").write_text(".text\n.globl _start\n_start: nop\n.size _start, 1\n")
    tool(["as", "--32", "-o", "a.o", "a.S"], directory)
    tool(["ld", "-m", "elf_i386", "-o", "a", "a.o"], directory)
    return directory / "a"


# --- what is no image ----------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        Image.open(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert str(path) in sentence
    return sentence


def test_files_of_other_kinds_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content, word in (
        (b"", "empty"),
        (b"#!/bin/sh\n", "script"),
        (b"hello", "not an ELF"),
        (b"\x7fELF", "cut short"),
        (KERNEL.read_bytes()[:40], "cut short"),
        (bytes(0x202) + b"HdrS" + bytes(64), "bzImage"),
        (_header(machine=183), "AArch64"),
        (_header(machine=62, wide=False), "x32"),
        (_header(machine=4242), "e_machine 4242"),
        (_header(kind=1), "object file"),
        (_header(kind=4), "core dump"),
        (_header(kind=77), "damaged"),
        (_header(order=2), "big-endian"),
    ):
        path.write_bytes(content)
        assert word in refused(path), content[:20]


def _header(kind: int = 2, machine: int = 62, wide: bool = True, order: int = 1) -> bytes:
    ident = b"\x7fELF" + bytes((2 if wide else 1, order, 1)) + bytes(9)
    return (ident + struct.pack("<HHI", kind, machine, 1)).ljust(64, b"\0")


def test_places_that_are_no_files_are_refused_at_once(tmp_path: Path) -> None:
    assert "directory" in refused(tmp_path)
    assert "No such file" in refused(tmp_path / "nothing")
    os.mkfifo(tmp_path / "fifo")
    assert "regular" in refused(tmp_path / "fifo")
    assert "regular" in refused(Path("/dev/zero"))
    with pytest.raises(BadInputError):
        Image.open(Path("a\0b"))


def test_a_file_cut_short_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    """Cut before the section headers at its end, it lacks them; that is said, not overlooked."""
    data = ACCEPT.read_bytes()
    path = tmp_path / "cut"
    for size in range(0, len(data), len(data) // 50):
        path.write_bytes(data[:size])
        refused(path)


def test_a_file_that_shrinks_while_it_is_open_kills_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kernel"
    path.write_bytes(KERNEL.read_bytes())
    image = Image.open(path)
    text = image.section(".text")
    assert text is not None
    os.truncate(path, 4096)
    assert image.read(text.address, text.size) is None


def test_a_name_cannot_move_the_cursor(tmp_path: Path) -> None:
    """Symbols from a hostile file reach the terminal as signs, not as escape sequences."""
    data = KERNEL.read_bytes().replace(b"do_syscall_64\0", b"do_\x1b[2J\r\xc2\x9b_64\0")
    path = tmp_path / "hostile"
    path.write_bytes(data)
    names = [symbol.name for symbol in Image.open(path).symbols()]
    assert "do_␛[2J␍�_64" in names
    assert all(name.isprintable() for name in names)


def test_counts_too_large_for_the_header_stand_in_the_first_section(tmp_path: Path) -> None:
    """gABI: e_shnum 0, e_shstrndx 0xffff and e_phnum 0xffff say so."""
    data = bytearray(KERNEL.read_bytes())
    section_at = struct.unpack_from("<Q", data, 40)[0]
    segments, _entry_size, sections, names = struct.unpack_from("<HHHH", data, 56)
    struct.pack_into("<HHHH", data, 56, 0xFFFF, 64, 0, 0xFFFF)
    struct.pack_into("<Q", data, section_at + 32, sections)
    struct.pack_into("<II", data, section_at + 40, names, segments)
    path = tmp_path / "many"
    path.write_bytes(data)
    many, plain = Image.open(path), Image.open(KERNEL)
    assert many.segments == plain.segments
    assert many.sections[1:] == plain.sections[1:]
    assert list(many.symbols()) == list(plain.symbols())
