"""The shipped images are what their sources give."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_elf import Kernel

from systui import minikernel
from systui.minikernel import tables
from systui.minikernel.build import BuildError, build, main
from systui.minikernel.eras import EVERY, Era

BUILD_ID = ".note.gnu.build-id"


@pytest.fixture(scope="module", params=EVERY, ids=lambda era: era.name or "today")
def era(request: pytest.FixtureRequest) -> Era:
    """Each of the miniature kernels."""
    assert isinstance(request.param, Era)
    return request.param


@pytest.fixture(scope="module")
def rebuilt(era: Era, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """The image built anew from a copy of the sources somewhere else."""
    if shutil.which("gcc") is None or shutil.which("ld") is None:
        pytest.skip("gcc or ld is not installed: the image cannot be built anew")
    directory = tmp_path_factory.mktemp("kernel")
    shutil.copytree(minikernel.sources(), directory / "sources")
    build(directory / "kernel.elf", directory / "sources", era)
    yield Kernel(directory / "kernel.elf")


def test_generated_sources_are_up_to_date() -> None:
    for relative, text in tables.generated(minikernel.sources()).items():
        shipped = (minikernel.sources() / relative).read_text(encoding="utf-8")
        assert shipped == text, f"{relative}: run python -m systui.minikernel.build"


def test_entry_code_and_its_lines_are_those_of_the_sources(era: Era, rebuilt: Kernel) -> None:
    """Whatever the compiler's version: this part is assembly."""

    def listing(kernel: Kernel) -> list[tuple[object, ...]]:
        lines = kernel.instructions("__entry_text_start", "__entry_text_end")
        start = kernel.symbols["__entry_text_start"]
        return [(line.address - start, line.mnemonic, line.file, line.number) for line in lines]

    assert listing(rebuilt) == listing(Kernel(era.path))


def test_code_data_and_lines_are_those_of_the_sources(era: Era, rebuilt: Kernel) -> None:
    shipped = Kernel(era.path)
    if rebuilt.compiler != shipped.compiler:
        pytest.skip(f"built with {shipped.compiler}; here is {rebuilt.compiler}: other C code")
    assert rebuilt.rows == shipped.rows
    assert rebuilt.symbols == shipped.symbols
    assert rebuilt.loaded.keys() == shipped.loaded.keys()
    for name in rebuilt.loaded.keys() - {BUILD_ID}:
        assert rebuilt.loaded[name] == shipped.loaded[name], name


def _chosen(era: Era) -> list[str]:
    return ["--era", era.name] if era.name else []


def test_the_command_builds_a_copy(era: Era, tmp_path: Path, rebuilt: Kernel) -> None:
    assert main(["-o", str(tmp_path / "copy.elf"), *_chosen(era)]) == 0
    assert Kernel(tmp_path / "copy.elf").rows == rebuilt.rows


def test_a_source_that_does_not_compile_is_said_so(tmp_path: Path, rebuilt: Kernel) -> None:
    (tmp_path / "broken.c").write_text("int broken(", encoding="utf-8")
    with pytest.raises(BuildError, match=r"broken\.c"):
        build(tmp_path / "kernel.elf", tmp_path)


def test_a_missing_compiler_is_said_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["-o", str(tmp_path / "copy.elf")]) == 1
    assert "gcc is not installed" in capsys.readouterr().err


def test_gcc_speaks_of_nothing(rebuilt: Kernel) -> None:
    """A warning would be an error: the build above came through, so there was none."""
    assert rebuilt.compiler.startswith("GCC: ")
    assert subprocess.run(["gcc", "--version"], capture_output=True, check=False).returncode == 0
