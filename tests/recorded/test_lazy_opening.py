"""A file without an index is looked through part by part, as it is gone through."""

from pathlib import Path

import pytest

from systui.cli.replaying import Replaying
from systui.target.recorded import index
from systui.target.recorded.target import RecordedTarget


def _stops(path: Path) -> list[tuple[int, int]]:
    debugger = Replaying(path, []).start()
    found: list[tuple[int, int]] = []
    while not found or debugger.step().position != found[-1][0]:
        found.append((debugger.stop.position, debugger.stop.pc))
    debugger.target.close()
    return found


@pytest.fixture(params=["jsonl", "jsonl.zst"])
def cut(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recording without its index, many times as long as the part that is read at once."""
    from systui.cli.emulation import Emulation, Wanted
    from systui.cli.recording import Recording
    from systui.examples import path as example

    path = tmp_path / f"cut.{request.param}"
    program = Path(str(example("accept_43")))
    debugger = Emulation(Wanted(program, recording=Recording(path, None))).start()
    for _step in range(3000):
        debugger.step()
    debugger.target.close()
    target = RecordedTarget.open(path)
    end = target._stops.index.offsets[-1]
    target.close()
    path.write_bytes(path.read_bytes()[: end + 200])
    monkeypatch.setattr(index, "PART", 30_000)
    return path


def test_the_first_stop_is_there_before_the_rest_is_read(cut: Path) -> None:
    target = RecordedTarget.open(cut)
    assert not target.whole
    assert target.current_stop().position == 0
    assert target.latest < 2000
    target.close()


def test_all_of_it_is_come_to(cut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part_by_part = _stops(cut)
    monkeypatch.setattr(index, "PART", 1 << 30)
    assert _stops(cut) == part_by_part
    assert len(part_by_part) > 2500


def test_a_jump_beyond_what_was_read(cut: Path) -> None:
    there = dict(_stops(cut))
    for position in (2500, 10, 2400):
        target = RecordedTarget.open(cut)
        assert target.seek(position).pc == there[position]
        target.close()
    target = RecordedTarget.open(cut)
    with pytest.raises(ValueError, match="999999"):
        target.seek(999_999)
    target.close()
