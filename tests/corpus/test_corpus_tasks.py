"""Programs of several tasks: output, status, each task's order of calls, and its trace's lines."""

import shutil
import subprocess
import time
from pathlib import Path

import corpus_runs
import pytest
from corpus_runs import ERAS, can_trace, emulated, native, start
from trace_lines import Compared, agree, compared, order, straced, tasks, traced

from systui.minikernel.eras import Era

_HERE = Path(__file__).parent
TASKS = sorted((_HERE / "tasks").glob("*.c"))
SINGLE = sorted((_HERE / "programs").glob("*.c"))
_ORDER_BY_CHANCE = {"threads"}
"""Natively, which thread finds a lock taken is a matter of moments."""
_UNREADABLE = {"mapfuzz"}
"""It hands thousands of buffers to calls that only the kernel may read: strace shows addresses."""
_TASK_LINES, _SINGLE_LINES = 0.96, 0.96
"""Shares of strace's lines that are ours too, at least."""

pytestmark = pytest.mark.skipif(
    not can_trace() or shutil.which("gcc") is None,
    reason="the native side needs strace, allowed to trace, and gcc",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("tasks")
    made = {}
    for source in (*TASKS, *SINGLE):
        program = directory / source.stem
        command = ["gcc", "-O1", "-w", "-static", "-pthread", "-o", str(program), str(source)]
        subprocess.run([*command, "-lm"], check=True)
        made[source.stem] = program
    return made


def _both(program: Path, directory: Path) -> tuple[list[str], list[str]]:
    directory.mkdir()
    return straced(program, (), directory, b""), traced(program, (), b"", None)


@pytest.mark.parametrize("name", [source.stem for source in TASKS])
def test_says_and_ends_as_natively(name: str, built: dict[str, Path], tmp_path: Path) -> None:
    ran, _calls = emulated(start(built[name], (), b""))
    assert ran == native([built[name]], b"", tmp_path)


@pytest.mark.parametrize("era", ERAS, ids=lambda era: era.name)
@pytest.mark.parametrize("name", [source.stem for source in TASKS])
def test_says_so_on_older_kernels_too(
    name: str, era: Era, built: dict[str, Path], tmp_path: Path
) -> None:
    ran, _calls = emulated(start(built[name], (), b"", era=era), era)
    assert ran == native([built[name]], b"", tmp_path)


@pytest.mark.parametrize("name", [s.stem for s in TASKS if s.stem not in _ORDER_BY_CHANCE])
def test_each_task_makes_its_calls_in_strace_s_order(
    name: str, built: dict[str, Path], tmp_path: Path
) -> None:
    theirs, ours = tasks(*_both(built[name], tmp_path / "work"))
    assert len(ours) == len(theirs)
    for their_lines, our_lines in zip(theirs, ours, strict=True):
        assert agree(their_lines, our_lines), (order(their_lines), order(our_lines))


def test_a_program_that_never_ends_is_ended_with_its_strace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, program, directory = tmp_path / "on.c", tmp_path / "on", tmp_path / "work"
    source.write_text('int main(void) { puts("on"); for (;;) ; }\n')
    subprocess.run(["gcc", "-w", "-o", program, source], check=True)
    directory.mkdir()
    monkeypatch.setattr(corpus_runs, "_PATIENCE", 1)
    with pytest.raises(subprocess.TimeoutExpired):
        straced(program, (), directory, b"")
    for _ in range(200):  # it is nobody's child here, whom one could wait for
        if str(program) not in {_running(each) for each in Path("/proc").iterdir()}:
            return
        time.sleep(0.05)
    pytest.fail("it still runs")


def _running(task: Path) -> str:
    """The program of a directory in /proc; empty where it is no task's, or just gone."""
    try:
        return str((task / "exe").readlink())
    except OSError:
        return ""


def _total(names: list[str], built: dict[str, Path], directory: Path) -> Compared:
    total = Compared()
    for name in names:
        one = compared(*_both(built[name], directory / name))
        total.equal, total.lines = total.equal + one.equal, total.lines + one.lines
        total.shown += one.shown
    return total


def test_most_lines_of_several_tasks_are_strace_s(built: dict[str, Path], tmp_path: Path) -> None:
    total = _total([source.stem for source in TASKS], built, tmp_path)
    assert total.ratio >= _TASK_LINES, "\n".join(total.shown)


def test_most_lines_of_one_task_are_strace_s(built: dict[str, Path], tmp_path: Path) -> None:
    names = [source.stem for source in SINGLE if source.stem not in _UNREADABLE]
    total = _total(names, built, tmp_path)
    assert total.ratio >= _SINGLE_LINES, "\n".join(total.shown)
