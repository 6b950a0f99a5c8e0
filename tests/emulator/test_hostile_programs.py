"""Whatever the file: one clear line, or a run that ends by itself or by a limit."""

import struct
from pathlib import Path

import program_builder
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from systui.model.errors import BadInputError
from systui.target.emulator.elf import parse
from systui.target.emulator.options import EmulatorOptions, Limits
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run

GOOD = program_builder.built("scenario").read_bytes()
MIB = 1 << 20
SMALL = EmulatorOptions(stdin=b"", limits=Limits(memory=16 * MIB, instructions=20_000))
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")


def _patched(data: bytes, at: int, form: str, *values: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(form, changed, at, *values)
    return bytes(changed)


def _first_load(data: bytes) -> int:
    """Offset of the first PT_LOAD program header."""
    start, count = _HEADER.unpack_from(data)[5], _HEADER.unpack_from(data)[10]
    return next(  # type: ignore[no-any-return]
        start + index * _SEGMENT.size
        for index in range(count)
        if _SEGMENT.unpack_from(data, start + index * _SEGMENT.size)[0] == 1
    )


LOAD = _first_load(GOOD)
DAMAGED = {
    "empty": (b"", "not an ELF"),
    "a script": (b"#!/bin/sh\necho\n", "script"),
    "text": (b"hello, world", "not an ELF"),
    "header cut": (GOOD[:40], "truncated"),
    "headers cut": (GOOD[:100], "cut off"),
    "32 bits": (_patched(_patched(GOOD, 4, "<B", 1), 18, "<H", 3), "impossible size"),
    "another machine": (_patched(GOOD, 18, "<H", 183), "made for AArch64"),
    "an unknown machine": (_patched(GOOD, 18, "<H", 9999), "machine number 9999"),
    "big endian": (_patched(_patched(GOOD, 5, "<B", 2), 18, ">H", 22), "made for S/390"),
    "an object file": (_patched(GOOD, 16, "<H", 1), "not a linked program"),
    "a core file": (_patched(GOOD, 16, "<H", 4), "not a linked program"),
    "header size": (_patched(GOOD, 54, "<H", 40), "impossible size"),
    "no headers": (_patched(GOOD, 56, "<H", 0), "impossible size"),
    "headers beyond": (_patched(GOOD, 32, "<Q", 1 << 62), "cut off"),
    "a terabyte": (_patched(GOOD, LOAD + 40, "<Q", 1 << 40), "more memory"),
    "more than there is": (_patched(GOOD, LOAD + 32, "<Q", 1 << 20), "end of the file"),
    "wrapping": (_patched(GOOD, LOAD + 16, "<Q", (1 << 64) - 4096), "outside"),
    "kernel half": (_patched(GOOD, LOAD + 16, "<Q", 0xFFFF_FFFF_8100_0000), "outside"),
    "not on a page": (_patched(GOOD, LOAD + 16, "<Q", 0x400123), "across pages"),
    "at null": (_patched(GOOD, LOAD + 16, "<Q", 0), "lowest addresses"),
    "entry in data": (_patched(GOOD, 24, "<Q", 0x1234), "entry point"),
}


def _start(data: bytes, folder: Path) -> EmulatorTarget:
    path = folder / "program"
    path.write_bytes(data)
    path.chmod(0o755)
    return EmulatorTarget.start(program_builder.kernel(), path, (), SMALL)


def test_the_undamaged_program_runs(tmp_path: Path) -> None:
    assert _start(GOOD, tmp_path).resume(Run()).exit_status == 0


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    data, words = DAMAGED[name]
    with pytest.raises(BadInputError) as caught:
        _start(data, tmp_path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, LOAD + 3 * _SEGMENT.size), st.integers(0, 255)),
        min_size=1,
        max_size=6,
    )
)
def test_damaged_headers_never_surprise(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(GOOD)
    for at, value in damage:
        data[at] = value
    _survives(bytes(data), tmp_path_factory.mktemp("hostile"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(code=st.binary(min_size=8, max_size=200))
def test_random_code_never_surprises(tmp_path_factory: pytest.TempPathFactory, code: bytes) -> None:
    start = program_builder.address("scenario", "_start")
    data = bytearray(GOOD)
    offset = data.find(bytes.fromhex("bb05000000"))
    assert offset > 0, hex(start)
    data[offset : offset + len(code)] = code
    _survives(bytes(data), tmp_path_factory.mktemp("random"))


def _survives(data: bytes, folder: Path) -> None:
    try:
        target = _start(data, folder)
    except BadInputError as error:
        assert "\n" not in str(error)
        return
    stop = target.resume(Run())
    assert stop.position <= target.latest
    target.seek(stop.position // 2)
    assert target.seek(stop.position)._replace(reason=stop.reason, detail=stop.detail) == stop
    target.close()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_behind_the_magic(data: bytes) -> None:
    try:
        parse("program", b"\x7fELF\x02\x01" + data, 1 << 20)
    except BadInputError as error:
        assert str(error).startswith("program: ")


def test_what_is_no_program_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(GOOD)
    plain.chmod(0o644)
    for path, words in (
        (plain, "not executable"),
        (tmp_path, "is a directory"),
        (tmp_path / "missing", "No such file"),
        (Path("/dev/null"), "not a regular file"),
    ):
        with pytest.raises(BadInputError, match=words):
            EmulatorTarget.start(program_builder.kernel(), path, (), SMALL)


def test_a_dynamic_program_says_what_it_lacks(tmp_path: Path) -> None:
    program = program_builder.built("mixture", "dynamic")
    with pytest.raises(BadInputError, match="--root DIR"):
        EmulatorTarget.start(program_builder.kernel(), program, (), SMALL)
    rooted = EmulatorOptions(stdin=b"", root=tmp_path)
    with pytest.raises(BadInputError, match="is not below"):
        EmulatorTarget.start(program_builder.kernel(), program, (), rooted)
    nowhere = EmulatorOptions(stdin=b"", root=tmp_path / "missing")
    with pytest.raises(BadInputError, match="cannot be the program's root"):
        EmulatorTarget.start(program_builder.kernel(), program, (), nowhere)


def test_too_many_arguments() -> None:
    program = program_builder.built("scenario")
    with pytest.raises(BadInputError, match="too long"):
        EmulatorTarget.start(program_builder.kernel(), program, ["x" * (3 * MIB)], SMALL)
