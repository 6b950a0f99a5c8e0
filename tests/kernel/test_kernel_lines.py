"""Line tables against what binutils read from the same files."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from built_programs import KERNEL, build, tool

from systui.kernel import cache
from systui.kernel.image import Image
from systui.kernel.lines import Lines, short_path
from systui.model.code import SourceLine

Row = tuple[str, int, bool]
"""File name without directories, line (0: none), whether a statement begins."""

BUILDS = {
    "dwarf-5": ("-g", "-gdwarf-5"),
    "dwarf-4": ("-g", "-gdwarf-4"),
    "dwarf-3": ("-g", "-gdwarf-3", "-gstrict-dwarf"),
    "optimised": ("-g", "-O2"),
    "optimised-4": ("-g", "-gdwarf-4", "-O2"),
    "pie": ("-g", "-static-pie", "-fPIE"),
    "compressed": ("-g", "-gz=zlib"),
    "own-sections": ("-g", "-ffunction-sections", "-Wl,--gc-sections"),
    "wide": ("-g", "-gdwarf64"),
}


@pytest.fixture(scope="module", params=[*BUILDS, "kernel", "no-aranges", "no-aranges-4"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name: str = request.param
    if name == "kernel":
        return KERNEL
    directory = tmp_path_factory.mktemp(name)
    if name in BUILDS:
        return build(directory, *BUILDS[name])
    whole = build(directory, "-g", "-O2", "-gdwarf-4" if name.endswith("4") else "-gdwarf-5")
    tool(["objcopy", "--remove-section", ".debug_aranges", str(whole), str(directory / "bare")])
    return directory / "bare"


def decoded(path: Path) -> tuple[list[int], dict[int, list[Row]]]:
    """readelf's account: row addresses in order, and the rows at each."""
    rows: dict[int, list[Row]] = defaultdict(list)
    line_form = re.compile(
        r"^(\S+) +(\d+|-) +(0x[0-9a-f]+|0)(?:\[\d+\])?(?: +\d+)?( +x)?( +END)?\s*$"
    )
    for line in tool(["readelf", "-W", "--debug-dump=decodedline", str(path)]).splitlines():
        found = line_form.match(line)
        if found is not None:
            number = 0 if found[2] == "-" else int(found[2])
            rows[int(found[3], 16)].append((found[1].split("/")[-1], number, bool(found[4])))
    rows.pop(0, None)
    assert rows
    return sorted(rows), rows


def code(image: Image) -> list[int]:
    """Every address of an executable section."""
    return [
        address
        for section in image.sections
        if section.allocated and section.flags & 4
        for address in range(section.address, section.address + section.size)
    ]


def expected(rows: Sequence[Row]) -> SourceLine | None:
    """Of the rows at one address, the one that counts."""
    last = len(rows) - 1
    statement = last
    while not rows[statement][2] and statement and rows[statement - 1][1]:
        statement -= 1
    name, number, _begins = rows[statement if rows[statement][2] else last]
    return SourceLine(name, number) if number else None


def named(line: SourceLine | None) -> SourceLine | None:
    return None if line is None else SourceLine(line.file.split("/")[-1], line.line)


def test_every_byte_of_code_has_the_line_that_readelf_decodes(program: Path) -> None:
    image = Image.open(program)
    lines = Lines(image)
    addresses, rows = decoded(program)
    for address in code(image):
        index = bisect_right(addresses, address) - 1
        wanted = expected(rows[addresses[index]]) if index >= 0 else None
        assert named(lines.at(address)) == wanted, hex(address)
    assert lines.problem is None


@pytest.mark.parametrize("name", ["kernel", "dwarf-4", "dwarf-3", "optimised-4"])
def test_addr2line_agrees_where_only_one_row_stands(name: str, tmp_path: Path) -> None:
    """Of several rows addr2line takes the last; in DWARF 5 it mistakes file 1 (binutils 2.40)."""
    program = KERNEL if name == "kernel" else build(tmp_path, *BUILDS[name])
    image = Image.open(program)
    lines = Lines(image)
    starts, rows = decoded(program)
    addresses = [
        address
        for address in code(image)
        if (index := bisect_right(starts, address) - 1) >= 0 and len(rows[starts[index]]) == 1
    ]
    said = tool(
        ["addr2line", "-e", str(program)], given="".join(f"{each:#x}\n" for each in addresses)
    )
    for address, line in zip(addresses, said.splitlines(), strict=True):
        file, _colon, number = re.sub(r" \(discriminator.*", "", line).rpartition(":")
        wanted = SourceLine(file.split("/")[-1], int(number)) if number.strip("?0") else None
        assert named(lines.at(address)) == wanted, hex(address)


def test_each_line_leads_back_to_its_code(program: Path) -> None:
    image = Image.open(program)
    lines = Lines(image)
    seen = {line for address in code(image) if (line := lines.at(address)) is not None}
    _starts, rows = decoded(program)
    for line in seen:
        addresses = lines.addresses(line.file, line.line)
        assert addresses == tuple(sorted(addresses))
        for address in addresses:
            name = line.file.split("/")[-1]
            assert (name, line.line, True) in rows[address]
    assert any(lines.addresses(line.file, line.line) for line in seen)


def test_lines_of_a_file_that_is_not_there_are_nowhere() -> None:
    lines = Lines(Image.open(KERNEL))
    assert lines.addresses("no/such/file.c", 1) == ()
    assert lines.addresses("arch/x86/entry/entry_64.S", 99_999) == ()


def test_a_header_used_by_several_files_has_all_its_places(tmp_path: Path) -> None:
    (tmp_path / "h.h").write_text("static inline int f(int x)\n{\n\treturn x * 3;\n}\n")
    for name in ("a", "b"):
        (tmp_path / f"{name}.c").write_text(
            f'#include "h.h"\nint {name}(int x);\nint {name}(int x) {{ return f(x); }}\n'
        )
    tool(["gcc", "-g", "-shared", "-fPIC", "-o", "both.so", "a.c", "b.c"], tmp_path)
    lines = Lines(Image.open(tmp_path / "both.so"))
    assert len(lines.addresses("h.h", 3)) == 2
    assert len(lines.addresses("a.c", 3)) == 1


def test_lines_from_the_cache_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    plain, first, again = (Lines(Image.open(KERNEL)) for _ in range(3))
    addresses = decoded(KERNEL)[0]
    monkeypatch.setattr("systui.kernel.lines._WORTH_KEEPING", 1 << 40)
    expected = [plain.at(address) for address in addresses]
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr("systui.kernel.lines._WORTH_KEEPING", 0)
    assert [first.at(address) for address in addresses] == expected
    assert list((tmp_path / "lines").iterdir())
    monkeypatch.delattr("systui.kernel.lines.run")
    assert [again.at(address) for address in addresses] == expected
    source = next(filter(None, expected))
    assert again.addresses(*source[:2]) == plain.addresses(*source[:2])


def test_an_image_without_line_tables_has_no_lines(tmp_path: Path) -> None:
    image = Image.open(build(tmp_path))
    lines = Lines(image)
    assert lines.at(image.entry) is None
    assert lines.addresses("main.c", 10) == ()
    assert lines.problem is None


def test_lines_outside_all_code_are_none() -> None:
    lines = Lines(Image.open(KERNEL))
    for address in (0, 1, -1, 0xFFFF_FFFF_FFFF_FFFF, 1 << 70):
        assert lines.at(address) is None


@pytest.mark.parametrize(
    ("path", "directory", "short"),
    [
        ("/home/u/lab/accept.c", "/home/u/lab", "accept.c"),
        ("accept.c", "/home/u/lab", "accept.c"),
        ("./kernel/sys.c", "", "kernel/sys.c"),
        ("../sysdeps/x86_64/start.S", "", "sysdeps/x86_64/start.S"),
        ("/b/linux-6.1/arch/x86/entry/entry_64.S", "/b/out", "arch/x86/entry/entry_64.S"),
        ("/b/l/arch/x86/kernel/../../x86/xen/xen-head.S", "/b/l/o", "arch/x86/xen/xen-head.S"),
        ("/b/p/linux-6.1/net/socket.c", "/b/p/linux-6.1/debian/build/x", "net/socket.c"),
        ("debian/build/x/arch/../net/socket.c", "debian/build/x", "net/socket.c"),
        ("/usr/include/stdio.h", "/usr/src/linux", "/usr/include/stdio.h"),
        ("/opt/a.c", "", "/opt/a.c"),
        ("/x/\x1b[2Ja.c", "/x", "␛[2Ja.c"),
    ],
)
def test_paths_are_shortened_to_what_a_reader_knows(path: str, directory: str, short: str) -> None:
    assert short_path(path, directory) == short
