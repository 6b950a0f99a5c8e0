"""What is kept from one time to the next: atomic, bounded, never needed."""

import json
from multiprocessing import get_context
from pathlib import Path

import pytest

from systui.settings import state


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "systui" / "state.json"


def test_what_is_kept_is_there_again(file: Path) -> None:
    assert state.read() == state.Kept({})
    assert state.keep({"theme": "light"}, "a", {"breakpoints": ["main"]})
    assert state.keep({"panes": {"hidden": ["ledger"]}}, "b", {"breakpoints": []})
    kept = state.read()
    assert kept.data["theme"] == "light"
    assert kept.table("panes") == {"hidden": ["ledger"]}
    assert kept.table("programs")["a"] == {"breakpoints": ["main"]}
    assert [path.name for path in file.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2]", '{"version": 99, "theme": "x"}', "\xff\xfe", "[" * 100_000]
)
def test_a_damaged_file_begins_anew(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_bytes(text.encode("latin-1"))
    kept = state.read()
    assert kept.data == {}
    assert "\n" not in kept.problem
    assert state.keep({"theme": "dark"}, "a", {})
    assert state.read().data["theme"] == "dark"


def test_tables_that_are_none_are_empty(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(json.dumps({"version": 1, "panes": [1], "programs": "x"}))
    kept = state.read()
    assert kept.table("panes") == {}
    assert kept.table("programs") == {}
    assert state.keep({}, "a", {"breakpoints": ["main"]})


def test_programs_used_long_ago_are_forgotten() -> None:
    for number in range(150):
        state.keep({}, f"program {number}", {"breakpoints": ["main"]})
    programs = state.read().table("programs")
    assert len(programs) == 100
    assert "program 149" in programs
    assert "program 1" not in programs


def test_a_place_that_cannot_be_written_loses_it_and_says_nothing(file: Path) -> None:
    file.parent.write_text("a file stands where the directory should be")
    assert not state.keep({"theme": "light"}, "a", {})


def test_several_at_once_leave_a_whole_file() -> None:
    context = get_context("spawn")
    workers = [context.Process(target=_keep_often, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    kept = state.read()
    assert kept.problem == ""
    assert kept.data["theme"] in {"0", "1", "2"}


def _keep_often(number: int) -> None:
    for _turn in range(30):
        assert state.read().problem == ""
        assert state.keep({"theme": str(number)}, f"program {number}", {"breakpoints": ["x"] * 50})
