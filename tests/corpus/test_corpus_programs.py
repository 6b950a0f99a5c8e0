"""Small C programs, each built four ways, against this machine: output, status, order of calls."""

import os
import platform
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from corpus_runs import ERAS, can_trace, emulated, first_difference, native, start, straced

from systui.minikernel.eras import Era

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.c"))
BUILDS = {
    "static": ("gcc", "-static"),
    "static-pie": ("gcc", "-static-pie"),
    "musl": ("musl-gcc", "-static"),
    "dynamic": ("gcc",),
}
_NEWER = {"attributes", "batches", "descriptors", "errors", "processes"}
"""Programs about calls that the older ages had not (close_range, getrandom, membarrier, …)."""
_NEEDED = re.compile(r"(/\S+) \(0x")

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or platform.system() != "Linux",
    reason="the native side of the comparison needs Linux on x86_64",
)


def _note(source: Path, key: str) -> str:
    """What a program's first lines say of how it wants to be run."""
    found = re.search(rf"^/\* {key}: (.*) \*/$", source.read_text(), re.MULTILINE)
    return found[1] if found else ""


def _skip_where_natively_other(source: Path) -> None:
    if _note(source, "needs") == "root" and os.getuid() != 0:
        pytest.skip("compares what root may do: run it as root")
    if _release() < _version(_note(source, "since") or "0"):
        pytest.skip(f"compares what Linux does since {_note(source, 'since')}")


def _version(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)[:2]]


def _release() -> list[int]:
    return _version(platform.release())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Every program in every build there is a compiler for."""
    directory = tmp_path_factory.mktemp("corpus")
    made = {}
    for build, (compiler, *flags) in BUILDS.items():
        if shutil.which(compiler) is None:
            continue
        for source in PROGRAMS:
            program = directory / f"{source.stem}-{build}"
            extra = _note(source, "link").split()
            command = [compiler, "-O1", "-w", *flags, "-o", str(program), str(source), *extra]
            subprocess.run(command, check=True)
            made[source.stem, build] = program
    return made


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory, built: dict[tuple[str, str], Path]) -> Path:
    """A root directory that holds what the dynamic programs need, and no more."""
    root = tmp_path_factory.mktemp("root")
    wanted = {"/etc/ld.so.cache", "/etc/localtime"}
    for (_, build), program in built.items():
        if build == "dynamic":
            listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
            wanted |= set(_NEEDED.findall(listed.stdout))
    for path in wanted:
        if not Path(path).exists():
            continue
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    return root


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_runs_as_natively(
    source: Path,
    build: str,
    built: dict[tuple[str, str], Path],
    libraries: Path,
    tmp_path: Path,
) -> None:
    program = built.get((source.stem, build))
    if program is None:
        pytest.skip(f"{BUILDS[build][0]} is not installed")
    _skip_where_natively_other(source)
    arguments = shlex.split(_note(source, "args"))
    stdin = _note(source, "stdin").encode().decode("unicode_escape").encode()
    here = tmp_path / "native"
    here.mkdir()
    expected = native([program, *arguments], stdin, here)
    root = libraries if build == "dynamic" else None
    ran, calls = emulated(start(program, arguments, stdin, root))
    assert ran.stdout.decode() == expected.stdout.decode()
    assert ran.stderr.decode() == expected.stderr.decode()
    assert ran.status == expected.status
    if not can_trace():
        pytest.skip("strace is not installed, or may not trace: order of calls not compared")
    traced = tmp_path / "traced"
    traced.mkdir()
    difference = first_difference(straced([program, *arguments], stdin, traced), calls)
    assert difference is None, difference


@pytest.mark.parametrize("era", ERAS, ids=lambda era: era.name)
@pytest.mark.parametrize(
    "source",
    [path for path in PROGRAMS if path.stem not in _NEWER],
    ids=lambda path: path.stem,
)
def test_runs_so_on_older_kernels_too(
    source: Path, era: Era, built: dict[tuple[str, str], Path], tmp_path: Path
) -> None:
    _skip_where_natively_other(source)
    program = built[source.stem, "static"]
    arguments = shlex.split(_note(source, "args"))
    stdin = _note(source, "stdin").encode().decode("unicode_escape").encode()
    ran, _calls = emulated(start(program, arguments, stdin, era=era), era)
    here = tmp_path / "native"
    here.mkdir()
    assert ran == native([program, *arguments], stdin, here)
