"""Damaged and hostile images: `BadInputError` when opened, nothing at all afterwards."""

import struct
import time
from pathlib import Path

import pytest
from built_programs import build, busybox, tool
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from systui.kernel.image import Image
from systui.kernel.imagetable import from_image
from systui.kernel.lines import Lines
from systui.model.errors import BadInputError

RELAXED = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
EDGES = (0, 1, 0x7F, 0x80, 0xFF)
BOUND = 60
"""Seconds of the CPU, many times what any of these takes even while coverage is measured: without
the reader's limits they would not end at all."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Small ELF files of each shape that the reader tells apart."""
    directory = tmp_path_factory.mktemp("whole")
    fours = build(directory, "-g", "-gdwarf-4", "-O2", "-static", name="four")
    bare = directory / "bare"
    tool(["objcopy", "--remove-section", ".debug_aranges", str(fours), str(bare)])
    return [
        build(directory, "-g", "-gdwarf-5", "-static", name="five").read_bytes(),
        fours.read_bytes(),
        bare.read_bytes(),
        build(directory, "-g", "-gz=zlib", "-static-pie", name="packed").read_bytes(),
    ]


def explore(path: Path) -> None:
    """Ask an image everything; only opening it and `from_image` may refuse."""
    try:
        image = Image.open(path)
    except BadInputError as error:
        assert "\n" not in str(error)
        return
    lines = Lines(image)
    symbols = image.symbols()
    places = [image.entry, 0, (1 << 64) - 1, *(each.vaddr for each in image.segments)]
    places += [symbol.address for symbol in symbols[:20]]
    for address in places:
        image.locate(address)
        image.read(address, 64)
        line = lines.at(address)
        if line is not None:
            assert line.file.isprintable()
            lines.addresses(line.file, line.line)
    assert all(symbol.name.isprintable() for symbol in symbols)
    assert image.symbol("main") is None or len(symbols)
    assert image.build_id is None or len(image.build_id) % 2 == 0
    with pytest.raises(BadInputError):
        from_image(image)
    image.close()


@st.composite
def edits(draw: st.DrawFn) -> tuple[int, list[tuple[float, int]], float]:
    """Which file, what to change (relative place, byte), and where to cut it."""
    which = draw(st.integers(0, 3))
    places = st.floats(0, 1, exclude_max=True)
    changes = draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8))
    return which, changes, draw(st.one_of(st.just(1.0), places))


@RELAXED
@given(edits())
def test_changed_bytes_anywhere(
    programs: list[bytes], tmp_path: Path, edit: tuple[int, list[tuple[float, int]], float]
) -> None:
    which, changes, cut = edit
    data = bytearray(programs[which])
    for place, byte in changes:
        data[int(place * len(data))] = byte
    path = tmp_path / "changed"
    path.write_bytes(data[: int(cut * len(data))])
    explore(path)


@RELAXED
@given(st.integers(0, 3), st.integers(0, 63), st.sampled_from(EDGES), st.data())
def test_changed_headers(
    programs: list[bytes], tmp_path: Path, which: int, at: int, byte: int, more: st.DataObject
) -> None:
    """The ELF header and, behind what it points to, the program and section headers."""
    data = bytearray(programs[which])
    data[at] = byte
    program_at, section_at = struct.unpack_from("<QQ", programs[which], 32)
    for table in (program_at, section_at):
        place = table + more.draw(st.integers(0, 6 * 64))
        if place + 8 <= len(data):
            data[place : place + 8] = more.draw(st.binary(min_size=8, max_size=8))
    path = tmp_path / "changed"
    path.write_bytes(data)
    explore(path)


@RELAXED
@given(
    st.integers(0, 2),
    st.sampled_from([".debug_line", ".debug_info", ".debug_abbrev", ".debug_aranges"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1),
)
def test_changed_debug_sections(
    programs: list[bytes],
    tmp_path: Path,
    which: int,
    name: str,
    changes: list[tuple[float, int]],
) -> None:
    path = tmp_path / "changed"
    path.write_bytes(programs[which])
    section = Image.open(path).section(name)
    if section is None:
        return
    data = bytearray(programs[which])
    for place, byte in changes:
        data[section.offset + int(place * section.size)] = byte
    path.write_bytes(data)
    explore(path)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=400))
@example(b"\x7fELF")
def test_anything_at_all(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any"
    for head in (b"", b"\x7fELF\x02\x01\x01", b"\x7fELF\x01\x01\x01"):
        path.write_bytes(head + data)
        explore(path)


def test_a_real_program_cut_anywhere(tmp_path: Path) -> None:
    data = busybox().read_bytes()
    for size in range(0, len(data), len(data) // 40):
        (tmp_path / "cut").write_bytes(data[:size])
        explore(tmp_path / "cut")


# --- bombs -----------------------------------------------------------------------------


def with_section(directory: Path, name: str, content: bytes) -> Path:
    """A program whose section `name` has `content`."""
    program = build(directory, "-g", "-gdwarf-5", "-static")
    (directory / "content").write_bytes(content)
    bomb = directory / "bomb"
    tool(
        ["objcopy", "--update-section", f"{name}={directory / 'content'}", str(program), str(bomb)]
    )
    return bomb


def line_program(version: int, tables: bytes, opcodes: bytes) -> bytes:
    """A line program unit around the given tables and opcodes."""
    sizes = b"\x08\x00" if version >= 5 else b""
    head = struct.pack("<BBBbBB", 1, 1, 1, -5, 14, 13) + bytes((0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1))
    body = head + tables
    rest = struct.pack("<H", version) + sizes + struct.pack("<I", len(body)) + body + opcodes
    return struct.pack("<I", len(rest)) + rest


FILES_5 = b"\x01\x01\x08\x01/x\0" + b"\x01\x01\x08\x01a.c\0"


@pytest.mark.parametrize(
    "program",
    [
        line_program(5, FILES_5, b"\x20" * (1 << 22)),
        line_program(5, FILES_5, b"\x20" * (1 << 21)),
        line_program(5, FILES_5, b"\x00\x09\x02" + bytes(8) + b"\x02" + b"\xff" * (1 << 20)),
        line_program(5, b"\x01\x01\x08\xff\xff\xff\xff\x7f", b""),
        line_program(5, b"\x00\xff\xff\xff\xff\x7f", b""),
        line_program(5, b"\x01\x01\x08\x01/x\0" + b"\xff" + b"\x01\x08" * 255 + b"\x7f", b""),
        line_program(4, b"\0" + b"a\0\0\0\0" * (1 << 18) + b"\0", b""),
        struct.pack("<IQH", 0xFFFFFFFF, 1 << 62, 5),
        struct.pack("<IH", 0xFFFFFFF5, 5),
        b"",
    ],
    ids=[
        "rows",
        "fewer-rows",
        "leb",
        "files",
        "no-columns",
        "columns",
        "old-files",
        "wide",
        "reserved",
        "empty",
    ],
)
def test_line_program_bombs_cost_little(tmp_path: Path, program: bytes) -> None:
    path = with_section(tmp_path, ".debug_line", program)
    started = time.process_time()
    explore(path)
    assert time.process_time() - started < BOUND


def test_many_tiny_units_cost_little(tmp_path: Path) -> None:
    path = with_section(tmp_path, ".debug_info", struct.pack("<IHBBI", 8, 5, 1, 8, 0) * (1 << 16))
    tool(["objcopy", "--remove-section", ".debug_aranges", str(path)])
    started = time.process_time()
    explore(path)
    assert time.process_time() - started < BOUND


def test_a_section_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    import zlib

    packed = zlib.compress(bytes(1 << 28), 9)
    path = with_section(tmp_path, ".debug_line", struct.pack("<IIQQ", 1, 0, 1 << 28, 1) + packed)
    data = bytearray(path.read_bytes())
    section = Image.open(path).section(".debug_line")
    assert section is not None
    table = struct.unpack_from("<Q", data, 40)[0]
    flags_at = table + section.number * 64 + 8
    data[flags_at : flags_at + 8] = struct.pack("<Q", 0x800)
    path.write_bytes(data)
    lines = Lines(Image.open(path))
    assert lines.at(Image.open(path).entry) is None
    assert lines.problem is not None
    assert "larger" in lines.problem


def test_a_symbol_table_of_one_address_is_searched_once(tmp_path: Path) -> None:
    """A hundred thousand names for one place."""
    labels = "\n".join(f"label_{number}:" for number in range(100_000))
    (tmp_path / "a.S").write_text(f".text\n.globl _start\n_start:\n{labels}\n\tnop\n\tnop\n")
    tool(["gcc", "-nostdlib", "-static", "-o", "a", "a.S"], tmp_path)
    image = Image.open(tmp_path / "a")
    started = time.process_time()
    for _ in range(1000):
        found = image.locate(image.entry + 1)
        assert found is not None
        assert found[0].name == "_start"
    assert time.process_time() - started < BOUND
