"""Units by address, from .debug_info written byte by byte: each way to say where code lies."""

import struct
from pathlib import Path

import pytest
from built_programs import tool

from systui.kernel.cursor import Cursor, DamageError
from systui.kernel.dwarf import Units
from systui.kernel.image import Image

BASE = 0x400000
STMT_LIST, LOW, HIGH, RANGES, ADDR_BASE, LISTS_BASE = 0x10, 0x11, 0x12, 0x55, 0x73, 0x74
SEC_OFFSET, ADDR, DATA4, ADDRX, RNGLISTX, UDATA = 0x17, 0x01, 0x06, 0x1B, 0x23, 0x0F


def leb(*values: int) -> bytes:
    """Unsigned LEB128 numbers."""
    out = bytearray()
    for value in values:
        rest = value
        while rest >= 0x80:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


def quad(value: int) -> bytes:
    return struct.pack("<Q", value)


def unit(shape: list[tuple[int, int]], values: bytes, version: int = 5) -> tuple[bytes, bytes]:
    """(.debug_info, .debug_abbrev) of one unit whose first entry has this shape."""
    abbrev = leb(1, 0x11) + b"\0" + b"".join(leb(*pair) for pair in shape) + b"\0\0\0"
    head = b"\x01\x08" + struct.pack("<I", 0) if version >= 5 else struct.pack("<IB", 0, 8)
    body = struct.pack("<H", version) + head + leb(1) + values
    return struct.pack("<I", len(body)) + body, abbrev


def image(directory: Path, **sections: bytes) -> Image:
    """A program with some code at BASE and the given debug sections."""
    lines = [".text", ".globl _start", "_start: .fill 0x1000, 1, 0x90"]
    for name, content in sections.items():
        lines += [f'.section .debug_{name}, "", @progbits', ".byte " + ",".join(map(str, content))]
    (directory / "a.S").write_text("\n".join([*lines, ""]))
    tool(
        ["gcc", "-nostdlib", "-static", f"-Wl,-Ttext={BASE:#x},--build-id=none", "-o", "a", "a.S"],
        directory,
    )
    return Image.open(directory / "a")


def covered(built: Image) -> list[int]:
    """First and last covered offsets of each run of covered bytes."""
    units = Units(built)
    inside = [units.unit_of(BASE + at) is not None for at in range(0x1000)]
    edges = [at for at in range(1, 0x1000) if inside[at] != inside[at - 1]]
    return [0, *edges] if inside[0] else edges


def test_a_low_and_a_high_address(tmp_path: Path) -> None:
    shape = [(STMT_LIST, SEC_OFFSET), (LOW, ADDR), (HIGH, ADDR)]
    info, abbrev = unit(shape, bytes(4) + quad(BASE + 0x10) + quad(BASE + 0x30))
    assert covered(image(tmp_path, info=info, abbrev=abbrev)) == [0x10, 0x30]


@pytest.mark.parametrize("others", [1, 130, 400])
def test_a_unit_s_abbreviation_behind_others(tmp_path: Path, others: int) -> None:
    shape = [(STMT_LIST, SEC_OFFSET), (LOW, ADDR), (HIGH, ADDR)]
    info, abbrev = unit(shape, bytes(4) + quad(BASE + 0x10) + quad(BASE + 0x30))
    before = b"".join(
        leb(number, 0x34) + b"\0" + leb(0x03, 0x08) + leb(0x0B, 0x21, 0) + b"\0\0"
        for number in range(2, 2 + others)
    )
    assert covered(image(tmp_path, info=info, abbrev=before + abbrev)) == [0x10, 0x30]


@pytest.mark.parametrize(("form", "size"), [(DATA4, struct.pack("<I", 0x20)), (UDATA, leb(0x20))])
def test_a_low_address_and_a_size(tmp_path: Path, form: int, size: bytes) -> None:
    shape = [(STMT_LIST, SEC_OFFSET), (LOW, ADDR), (HIGH, form)]
    info, abbrev = unit(shape, bytes(4) + quad(BASE + 0x10) + size)
    assert covered(image(tmp_path, info=info, abbrev=abbrev)) == [0x10, 0x30]


def test_an_indexed_address_whose_base_is_said_later(tmp_path: Path) -> None:
    shape = [(STMT_LIST, SEC_OFFSET), (LOW, ADDRX), (HIGH, DATA4), (ADDR_BASE, SEC_OFFSET)]
    info, abbrev = unit(shape, bytes(4) + leb(1) + struct.pack("<II", 0x20, 8))
    addresses = bytes(8) + quad(0) + quad(BASE + 0x40)
    assert covered(image(tmp_path, info=info, abbrev=abbrev, addr=addresses)) == [0x40, 0x60]


EVERY_KIND = (
    b"\x03" + leb(0, 0x10)
    + b"\x01" + leb(1) + b"\x04" + leb(0x10, 0x20)
    + b"\x02" + leb(2, 3)
    + b"\x05" + quad(BASE + 0x400) + b"\x04" + leb(0x00, 0x10)
    + b"\x06" + quad(BASE + 0x500) + quad(BASE + 0x520)
    + b"\x07" + quad(BASE + 0x600) + leb(0x08)
    + b"\x00"
)  # fmt: skip
KIND_ADDRESSES = bytes(8) + b"".join(quad(BASE + at) for at in (0x100, 0x200, 0x300, 0x330))
KIND_EDGES = [0x100, 0x110, 0x210, 0x220, 0x300, 0x330, 0x400, 0x410, 0x500, 0x520, 0x600, 0x608]


def test_a_range_list_of_every_kind(tmp_path: Path) -> None:
    shape = [(STMT_LIST, SEC_OFFSET), (RANGES, SEC_OFFSET), (ADDR_BASE, SEC_OFFSET)]
    info, abbrev = unit(shape, bytes(4) + struct.pack("<II", 12, 8))
    built = image(
        tmp_path, info=info, abbrev=abbrev, addr=KIND_ADDRESSES, rnglists=bytes(12) + EVERY_KIND
    )
    assert covered(built) == KIND_EDGES


def test_a_range_list_by_its_index(tmp_path: Path) -> None:
    shape = [(STMT_LIST, SEC_OFFSET), (RANGES, RNGLISTX)]
    shape += [(ADDR_BASE, SEC_OFFSET), (LISTS_BASE, SEC_OFFSET)]
    info, abbrev = unit(shape, bytes(4) + leb(1) + struct.pack("<II", 8, 12))
    offsets = struct.pack("<II", 0, 8)
    built = image(
        tmp_path,
        info=info,
        abbrev=abbrev,
        addr=KIND_ADDRESSES,
        rnglists=bytes(12) + offsets + EVERY_KIND,
    )
    assert covered(built) == KIND_EDGES


def test_an_old_range_list_with_a_base(tmp_path: Path) -> None:
    shape = [(STMT_LIST, SEC_OFFSET), (LOW, ADDR), (RANGES, SEC_OFFSET)]
    info, abbrev = unit(shape, bytes(4) + quad(0) + bytes(4), version=4)
    ranges = (quad((1 << 64) - 1) + quad(BASE) + quad(0x10) + quad(0x20)) + bytes(16)
    assert covered(image(tmp_path, info=info, abbrev=abbrev, ranges=ranges)) == [0x10, 0x20]


def test_units_that_the_ranges_leave_out_are_found_all_the_same(tmp_path: Path) -> None:
    """.debug_aranges knows the first unit only."""
    shape = [(STMT_LIST, SEC_OFFSET), (LOW, ADDR), (HIGH, DATA4)]
    first, abbrev = unit(shape, bytes(4) + quad(BASE + 0x10) + struct.pack("<I", 0x10))
    second, _same = unit(shape, bytes(4) + quad(BASE + 0x80) + struct.pack("<I", 0x10))
    pairs = quad(BASE + 0x10) + quad(0x10) + bytes(16)
    aranges = struct.pack("<IHIBB", 28 - 16 + 12 + 16 + 16 - 4, 2, 0, 8, 0) + bytes(4) + pairs
    built = image(tmp_path, info=first + second, abbrev=abbrev, aranges=aranges)
    assert covered(built) == [0x10, 0x20, 0x80, 0x90]
    units = Units(built)
    found = [units.unit_of(BASE + at) for at in (0x10, 0x80)]
    assert [each and each.offset for each in found] == [0, len(first)]
    assert [each.offset for each in units.all()] == [0, len(first)]


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (bytes(4), [(STMT_LIST, SEC_OFFSET), (0x77, 0x7777)]),
        (bytes(4), [(STMT_LIST, SEC_OFFSET), (LOW, 0x16)]),
        (b"", [(STMT_LIST, SEC_OFFSET)]),
    ],
)
def test_entries_that_cannot_be_read_are_no_units(
    tmp_path: Path, values: bytes, shape: list[tuple[int, int]]
) -> None:
    info, abbrev = unit(shape, values)
    units = Units(image(tmp_path, info=info, abbrev=abbrev))
    assert units.unit_of(BASE) is None
    assert list(units.all()) == []


@pytest.mark.parametrize("shape", [[(LOW, ADDRX), (HIGH, ADDRX)], [(RANGES, RNGLISTX), (9, 0x0B)]])
def test_a_unit_whose_ranges_cannot_be_told_keeps_its_lines(
    tmp_path: Path, shape: list[tuple[int, int]]
) -> None:
    info, abbrev = unit([(STMT_LIST, SEC_OFFSET), *shape], struct.pack("<I", 7) + b"\x05\x05")
    built = image(tmp_path, info=info, abbrev=abbrev, rnglists=b"\x00\x09")
    units = Units(built)
    assert units.unit_of(BASE) is None
    assert [each.line_offset for each in units.all()] == [7]


def test_every_form_is_passed_over_by_its_size(tmp_path: Path) -> None:
    """Whatever stands before it, the line program's offset is read from its place."""
    forms = [
        (0x01, quad(1)), (0x03, b"\x02\x00ab"), (0x04, b"\x01\x00\x00\x00a"), (0x05, b"ab"),
        (0x06, b"abcd"), (0x07, quad(1)), (0x08, b"text\0"), (0x09, b"\x03abc"), (0x0A, b"\x01a"),
        (0x0B, b"a"), (0x0C, b"\x01"), (0x0D, b"\xff\x7f"), (0x0E, b"abcd"), (0x0F, b"\x81\x01"),
        (0x10, b"abcd"), (0x11, b"a"), (0x12, b"ab"), (0x13, b"abcd"), (0x14, quad(1)),
        (0x15, b"\x01"), (0x16, b"\x0bx"), (0x17, b"abcd"), (0x18, b"\x01a"), (0x19, b""),
        (0x1A, b"\x01"), (0x1B, b"\x01"), (0x1D, b"abcd"), (0x1E, bytes(16)), (0x1F, b"abcd"),
        (0x20, quad(1)), (0x22, b"\x01"), (0x23, b"\x01"), (0x25, b"a"), (0x26, b"ab"),
        (0x27, b"abc"), (0x28, b"abcd"), (0x29, b"a"), (0x2A, b"ab"), (0x2B, b"abc"),
        (0x2C, b"abcd"), (0x1F21, b"abcd"),
    ]  # fmt: skip
    shape = [(0x2000 + place, form) for place, (form, _value) in enumerate(forms)]
    values = b"".join(value for _form, value in forms)
    info, abbrev = unit([*shape, (STMT_LIST, SEC_OFFSET)], values + struct.pack("<I", 0x1234))
    found = list(Units(image(tmp_path, info=info, abbrev=abbrev)).all())
    assert [each.line_offset for each in found] == [0x1234]


def test_numbers_of_any_length() -> None:
    assert Cursor(b"\xe5\x8e\x26").uleb() == 624485
    assert Cursor(b"\xc0\xbb\x78").sleb() == -123456
    assert Cursor(b"\x7f").sleb() == -1
    assert Cursor(b"\x3f").sleb() == 63
    for damaged in (b"", b"\x80", b"\x80" * 11):
        with pytest.raises(DamageError):
            Cursor(damaged).uleb()
    with pytest.raises(DamageError):
        Cursor(b"abc").string()
    with pytest.raises(DamageError):
        Cursor(b"abc").skip(4)
    assert Cursor(struct.pack("<IQ", 0xFFFFFFFF, 7)).initial_length() == (7, True)
