"""The bar of phases."""

import itertools

import pytest
from made_snapshot import CALL, snapshot

from systui.model.call import Phase
from systui.model.stop import Reason, Stop, Task
from systui.present.rows import width
from systui.present.timeline import BACK, History, progress, station, timeline


@pytest.mark.parametrize("size", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("phase", list(Phase))
def test_the_bar_fits_and_names_each_phase(size: int, phase: Phase) -> None:
    row, stations = timeline(snapshot(phase=phase), History(), size)
    assert width(row.spans) <= size
    assert len(stations) == BACK + 1
    assert all(a.end == b.begin for a, b in itertools.pairwise(stations))
    for name in ("user", "entry", "dispatch", "handler", "exit work", "restore"):
        assert f"{name} " in row.text


def test_one_point_marks_where_we_are() -> None:
    for phase in Phase:
        row, stations = timeline(snapshot(phase=phase), History(), 120)
        here = stations[station(snapshot(phase=phase))]
        assert row.text.count("●") == 1
        assert here.begin <= row.text.index("●") < here.end


def test_back_in_user_mode_is_the_last_station() -> None:
    done = snapshot(phase=Phase.USER, call=CALL._replace(result=-9, errno="EBADF"))
    assert station(done) == BACK
    assert station(snapshot(phase=Phase.USER)) == 0
    assert station(snapshot(phase=Phase.USER, call=None)) == 0


def test_progress_is_measured_once_the_end_was_seen() -> None:
    history = History()
    for position, phase in ((110, Phase.ENTRY), (120, Phase.ENTRY), (150, Phase.DISPATCH)):
        history.record(snapshot(stop=Stop(position, Reason.STEP, 1, Task(1, "x")), phase=phase))
    middle = snapshot(stop=Stop(130, Reason.STEP, 1, Task(1, "x")), phase=Phase.ENTRY)
    assert progress(middle, history) == 0.5
    ahead = snapshot(stop=Stop(160, Reason.STEP, 1, Task(1, "x")), phase=Phase.DISPATCH)
    assert 0 < progress(ahead, history) < 1


def test_the_step_number_is_told() -> None:
    row, _ = timeline(snapshot(3, latest=2000), History(), 140)
    assert row.text.rstrip().endswith("step 113 of 2,000")
    row, _ = timeline(snapshot(3), History(), 140)
    assert row.text.rstrip().endswith("step 113")


def test_tasks_are_told_apart_where_there_are_several() -> None:
    history = History()
    server, client = Task(84, "server"), Task(85, "client")
    for cpu, task in enumerate((server, client)):
        stop = Stop(20 + cpu, Reason.STEP, 1, task, cpu)
        shown = snapshot(stop=stop)
        history.record(shown)
        row, _ = timeline(shown, history, 160)
        assert "server 84" not in row.text
    assert "client 85 · cpu 1 · step 21" in row.text
    assert width(timeline(shown, history, 80)[0].spans) <= 80


def test_without_a_stop_nothing_is_marked() -> None:
    row, _ = timeline(None, History(), 120)
    assert "●" not in row.text
