"""The corpus of small C programs on real kernels: output, status and calls as on this machine."""

import platform
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import corpus_runs
import own_kernels
import pytest

from systui.kernel.image import Image

PROGRAMS = sorted((Path(__file__).parents[1] / "corpus" / "programs").glob("*.c"))
_SHORT = ("errors", "signals", "segfault")

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or platform.system() != "Linux",
    reason="the native side of the comparison needs Linux on x86_64",
)


COMPAT = (
    *("abort", "arguments", "attributes", "counters", "directories", "heap", "inetsockets"),
    *("jumps", "mapping", "recursion", "segfault", "sorting", "unixsockets"),
)
"""Programs that do not count on words of 64 bits."""


def _note(source: Path, key: str) -> str:
    found = re.search(rf"^/\* {key}: (.*) \*/$", source.read_text(), re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("series", "source"),
    [
        *(("6.1", source) for source in PROGRAMS),
        *(("6.12", source) for source in PROGRAMS if source.stem in _SHORT),
    ],
    ids=lambda value: value if isinstance(value, str) else value.stem,
)
def test_runs_as_natively(
    series: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = Image.open(own_kernels.vmlinux(series))
    monkeypatch.setattr(corpus_runs, "kernel", lambda _era: image)
    program = tmp_path / source.stem
    extra = _note(source, "link").split()
    subprocess.run(
        ["gcc", "-O1", "-w", "-static", "-o", str(program), str(source), *extra], check=True
    )
    for side in ("native", "traced"):
        (tmp_path / side).mkdir()
    stdin = _note(source, "stdin").encode().decode("unicode_escape").encode()
    arguments = shlex.split(_note(source, "args"))
    native = corpus_runs.native([program, *arguments], stdin, tmp_path / "native")
    here, calls = corpus_runs.emulated(corpus_runs.start(program, arguments, stdin))
    assert (here.stdout, here.status) == (native.stdout, native.status)
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: the order of calls was not compared")
    straced = corpus_runs.straced([program, *arguments], stdin, tmp_path / "traced")
    assert corpus_runs.first_difference(straced, calls) is None


@pytest.mark.parametrize("name", COMPAT)
@pytest.mark.parametrize("series", own_kernels.SERIES)
def test_32_bit_programs_run_as_natively(
    series: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = Image.open(own_kernels.vmlinux(series))
    monkeypatch.setattr(corpus_runs, "kernel", lambda _era: image)
    program, source = tmp_path / name, next(each for each in PROGRAMS if each.stem == name)
    command: list[str | Path] = ["gcc", "-m32", "-O1", "-w", "-static", "-o", program, source]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("gcc builds no 32-bit programs here (gcc-multilib does)")
    (tmp_path / "native").mkdir()
    arguments = shlex.split(_note(source, "args"))
    native = corpus_runs.native([program, *arguments], b"", tmp_path / "native")
    here, _calls = corpus_runs.emulated(corpus_runs.start(program, arguments, b""))
    assert (here.stdout, here.status) == (native.stdout, native.status)
