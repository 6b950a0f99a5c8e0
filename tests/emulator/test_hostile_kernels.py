"""A kernel image that is damaged or none at all: one clear line, or a kernel that fails."""

from pathlib import Path

import program_builder
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import systui.minikernel
from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.target.emulator.options import MIB, EmulatorOptions, Limits
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run

GOOD = systui.minikernel.path().read_bytes()
SMALL = EmulatorOptions(stdin=b"", limits=Limits(memory=8 * MIB, instructions=5_000))
_HEADERS = 64 + 5 * 56


def _start(kernel: Path) -> EmulatorTarget:
    image = Image.open(kernel)
    return EmulatorTarget.start(image, program_builder.built("scenario"), (), SMALL)


def test_a_program_is_no_kernel() -> None:
    for name, way in (("scenario", "bare"), ("mixture", "static-pie")):
        with pytest.raises(BadInputError, match="kernel"):
            _start(program_builder.built(name, way))


@pytest.mark.parametrize(
    "name",
    ["entry_SYSCALL_64", "__entry_text_start", "cpu_tss_rw", "init_stack"],
)
def test_a_missing_symbol_is_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / "kernel"
    path.write_bytes(
        GOOD.replace(b"\0" + name.encode() + b"\0", b"\0X" + name.encode()[1:] + b"\0")
    )
    with pytest.raises(BadInputError, match=name):
        _start(path)


def test_the_undamaged_kernel_runs(tmp_path: Path) -> None:
    path = tmp_path / "kernel"
    path.write_bytes(GOOD)
    assert _start(path).resume(Run()).exit_status == 0


def _survives(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    try:
        target = _start(path)
    except BadInputError as error:
        assert "\n" not in str(error)
        return
    stop = target.resume(Run())
    target.seek(stop.position // 2)
    target.close()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(16, _HEADERS - 1), st.integers(0, 255)), min_size=1, max_size=5)
)
def test_damaged_headers_never_surprise(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(GOOD)
    for at, value in damage:
        data[at] = value
    _survives(bytes(data), tmp_path_factory.mktemp("kernels") / "kernel")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(_HEADERS, len(GOOD) - 1), st.binary(min_size=1, max_size=40)),
        min_size=1,
        max_size=20,
    )
)
def test_damaged_content_never_surprises(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes]]
) -> None:
    data = bytearray(GOOD)
    for at, piece in damage:
        data[at : at + len(piece)] = piece
    _survives(bytes(data[: len(GOOD)]), tmp_path_factory.mktemp("kernels") / "kernel")
