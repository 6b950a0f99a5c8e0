"""A moment of the fuzzer, with fixed seeds: nothing but typed errors and stops, nothing of the
host touched."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import hostile

from systui import minikernel
from systui.kernel.image import Image

MUTATIONS = 150
CALL_SEEDS = 25


@pytest.fixture(scope="module")
def kernel() -> Image:
    return Image.open(minikernel.path())


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.build_random_calls(tmp_path_factory.mktemp("fuzz"))


def test_a_mutated_program_is_refused_or_runs_to_a_typed_stop(
    kernel: Image, program: Path, tmp_path: Path
) -> None:
    original = program.read_bytes()
    ends = {
        hostile.try_mutation(original, seed, kernel, tmp_path / "odd") for seed in range(MUTATIONS)
    }
    assert "refused" in ends
    assert "exit" in ends


@pytest.mark.parametrize("tasks", [1, 4])
def test_calls_at_random_end_in_a_typed_stop_and_leave_the_host_alone(
    tasks: int, kernel: Image, program: Path, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "tmp").mkdir(parents=True)
    kept = root / "tmp" / "a."
    kept.write_text("kept")
    before = kept.stat()
    for seed in range(CALL_SEEDS):
        hostile.try_calls(program, seed, 100 // tasks, kernel, root, tasks)
    assert [path.name for path in root.rglob("*")] == ["tmp", "a."]
    after = kept.stat()
    assert kept.read_text() == "kept"
    assert (after.st_mtime_ns, after.st_mode, after.st_nlink) == (
        before.st_mtime_ns,
        before.st_mode,
        before.st_nlink,
    )
