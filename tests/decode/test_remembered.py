"""What is known of ways goes into a recording and comes back as it was, or not at all."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program_builder import built

from systui.cli.emulation import Emulation, Wanted
from systui.decode.remembered import Reader, told
from systui.decode.way import Track
from systui.examples import path as example
from systui.model.stop import Reason
from systui.session.debugger import Debugger


def _walked(program: Path, most: int = 40_000) -> tuple[Debugger, list[Track]]:
    """A debugger over `program`, and what was known at each of its steps inside the kernel."""
    debugger = Emulation(Wanted(program)).start()
    tracks: list[Track] = []
    tracker = debugger._tracker
    while debugger.step().reason is Reason.STEP and debugger.stop.position < most:
        if tracker.track.ways and tracker.track not in tracks[-1:]:
            tracks.append(tracker.track)
    return debugger, tracks


@pytest.fixture(scope="module")
def walked() -> tuple[Debugger, list[Track]]:
    return _walked(Path(str(example("accept_43"))))


@pytest.mark.parametrize(
    ("name", "way"),
    [("scenario", "bare"), ("scenario_int80", "bare"), ("ways", "bare"), ("interrupted", "static")],
)
def test_all_that_is_known_comes_back(name: str, way: str) -> None:
    debugger, tracks = _walked(built(name, way))
    reader = Reader(debugger.kernel.path, debugger.kernel.arch)
    assert len(tracks) > 100
    for track in tracks:
        line = json.dumps(told(track))
        assert reader.understood(json.loads(line)) == track
        assert '"rip": "' not in line  # the format's readers look for it


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_other_values_are_refused_or_a_track(
    walked: tuple[Debugger, list[Track]], data: st.DataObject
) -> None:
    debugger, tracks = walked
    said = json.loads(json.dumps(told(data.draw(st.sampled_from(tracks[::50])))))
    for _change in range(data.draw(st.integers(1, 3))):
        _change_one(said, data)
    reader = Reader(debugger.kernel.path, debugger.kernel.arch)
    try:
        track = reader.understood(said)
    except ValueError:
        return
    assert reader.understood(json.loads(json.dumps(told(track)))) == track


def _change_one(said: object, data: st.DataObject) -> None:
    """Put another value somewhere into `said`."""
    while True:
        assert isinstance(said, dict | list)
        keys = list(said) if isinstance(said, dict) else list(range(len(said)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = said[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 3)) == 0:
            said[key] = data.draw(_VALUES)
            return
        said = inner


@given(said=_VALUES)
def test_anything_else_is_refused(walked: tuple[Debugger, list[Track]], said: object) -> None:
    debugger, _tracks = walked
    with pytest.raises(ValueError, match=r"\A"):
        Reader(debugger.kernel.path, debugger.kernel.arch).understood(said)
