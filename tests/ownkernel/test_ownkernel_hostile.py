"""Kernel images that are none, damaged ones, and such as cannot be placed: one clear line."""

import random
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import own_kernels
import pytest

from systui import minikernel
from systui.examples import path as example
from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Step

_LIMIT = 20
"""Seconds of CPU time that no image may cost."""


def _start(kernel: Path) -> None:
    image = Image.open(kernel)
    target = EmulatorTarget.start(image, example("accept_43"), (), EmulatorOptions(stdin=b""))
    target.close()


def _patched(folder: Path, at: int, data: bytes) -> Path:
    """The bundled kernel with `data` at file offset `at`."""
    content = bytearray(minikernel.path().read_bytes())
    content[at : at + len(data)] = data
    made = folder / "vmlinux"
    made.write_bytes(content)
    return made


def _segment(index: int) -> int:
    """File offset of a program header."""
    data = minikernel.path().read_bytes()
    (table,) = struct.unpack_from("<Q", data, 0x20)
    return int(table) + 56 * index


@pytest.mark.parametrize(
    "address", [0, 0x1000, 1 << 31, (1 << 64) - 0x1000], ids=["zero", "low", "high", "wrapping"]
)
def test_a_segment_that_cannot_be_placed(tmp_path: Path, address: int) -> None:
    damaged = _patched(tmp_path, _segment(0) + 24, struct.pack("<Q", address))
    with pytest.raises(BadInputError):
        _start(damaged)


def test_a_segment_of_terabytes(tmp_path: Path) -> None:
    damaged = _patched(tmp_path, _segment(0) + 40, struct.pack("<Q", 1 << 45))
    with pytest.raises(BadInputError):
        _start(damaged)


@pytest.mark.parametrize("field", [16, 24], ids=["virtual", "physical"])
def test_segments_that_overlap(tmp_path: Path, field: int) -> None:
    data = minikernel.path().read_bytes()
    first = data[_segment(0) + field : _segment(0) + field + 8]
    damaged = _patched(tmp_path, _segment(1) + field, first)
    try:
        _start(damaged)
    except BadInputError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert field == 16


def _symbol(name: str) -> int:
    """File offset of a symbol's value."""
    data = minikernel.path().read_bytes()
    sections = {each.name: each for each in Image.open(minikernel.path()).sections}
    table, names = sections[".symtab"], sections[".strtab"]
    for at in range(table.offset, table.offset + table.size, 24):
        (offset,) = struct.unpack_from("<I", data, at)
        start = names.offset + offset
        if data[start : start + len(name) + 1] == name.encode() + b"\0":
            return at + 8
    raise AssertionError(name)


@pytest.mark.parametrize(
    "address", [0, 0x1234, 1 << 47, 0xFFFF_FFFF_9000_0001, (1 << 64) - 1, 0xFFFF_FFFF_8100_0000]
)
@pytest.mark.parametrize(
    "name",
    [
        *("entry_SYSCALL_64", "cpu_tss_rw", "init_task", "init_stack", "current_task"),
        *("cpu_current_top_of_stack", "__entry_text_start", "__entry_text_end", "init_files"),
        *("sys_call_table", "serve_syscall", "asm_exc_page_fault"),
    ],
)
def test_a_symbol_that_points_nowhere(tmp_path: Path, name: str, address: int) -> None:
    """Refused, or what runs stops in bounded time."""
    _runs_or_refused(_patched(tmp_path, _symbol(name), struct.pack("<Q", address)))


def _runs_or_refused(kernel: Path) -> None:
    began = time.process_time()
    try:
        image = Image.open(kernel)
        target = EmulatorTarget.start(image, example("accept_43"), (), EmulatorOptions(stdin=b""))
    except BadInputError as error:
        assert len(str(error).splitlines()) == 1
        return
    for _ in range(2000):
        target.resume(Step())
    target.close()
    assert time.process_time() - began < _LIMIT


@pytest.mark.parametrize("seed", range(20))
def test_damage_at_random_is_refused_or_runs(tmp_path: Path, seed: int) -> None:
    """Symbols that point nowhere, tables that lie, code that is none: never a crash of ours."""
    chance = random.Random(seed)
    content = bytearray(minikernel.path().read_bytes())
    for _ in range(40):
        content[chance.randrange(64, len(content))] = chance.randrange(256)
    made = tmp_path / "vmlinux"
    made.write_bytes(content)
    _runs_or_refused(made)


@pytest.mark.parametrize("size", [0, 3, 64, 4096, 1 << 20])
def test_a_truncated_distribution_kernel(tmp_path: Path, size: int) -> None:
    made = tmp_path / "vmlinux"
    with own_kernels.vmlinux("6.1").open("rb") as whole:
        made.write_bytes(whole.read(size))
    with pytest.raises(BadInputError):
        _start(made)


def _systui(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "systui", "emulate", "--headless", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "kernel", ["/bin/true", "/dev/null", "/nonexistent", str(example("accept_43"))]
)
def test_what_is_no_kernel_gets_one_line(kernel: str) -> None:
    if not shutil.which("true"):
        pytest.skip("no /bin/true")
    done = _systui("--kernel", kernel, str(example("accept_43")))
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert kernel in done.stderr


def test_options_for_real_kernels_need_one() -> None:
    for option in (["--patch-alternatives"], ["--native", "brk"]):
        done = _systui(*option, str(example("accept_43")))
        assert done.returncode == 2
        assert "--kernel" in done.stderr


def test_a_trace_says_what_stays_as_compiled() -> None:
    done = _systui(
        *("--kernel", str(own_kernels.vmlinux("6.1")), "--patch-alternatives", "--follow", "43"),
        str(example("accept_43")),
    )
    assert done.returncode == 0, done.stderr
    assert "left as compiled" in done.stderr
    assert "paravirt calls" in done.stderr
    assert " alternatives" not in done.stderr
    assert "ENOTSOCK" in done.stdout
    assert "arch/x86/entry/entry_64.S" in done.stdout
