"""A recording plays every scenario that was recorded, and gives the same stops."""

from pathlib import Path

import program_builder
import pytest
import scenarios

from systui.model.errors import NotSupportedError
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Capability
from systui.target.recorded.target import RecordedTarget
from systui.target.recorder import Recorder, recordable
from systui.target.recording.constants import Views
from systui.target.recording.noted import Notes


def _recorder() -> Recorder:
    program = program_builder.built(scenarios.PROGRAM)
    target = EmulatorTarget.start(program_builder.kernel(), program, (), EmulatorOptions())
    kernel = Notes(program_builder.kernel(), None)
    views = Views(kernel, 0, Notes(program_builder.image(scenarios.PROGRAM), None), 0)
    return recordable(target, views)


def _refused(each: scenarios.Scenario, replayed: RecordedTarget) -> None:
    """Play what a recording cannot do.

    Input that came while it was recorded is part of it, so that a replay does not wait for any.
    """
    if each.needs is Capability.INPUT:
        replayed.send_input(b"abc\n")
    each.play(replayed)


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.zst"])
@pytest.mark.parametrize("each", scenarios.ALL, ids=lambda each: each.name)
def test_a_recording_of_each_scenario_plays_it(
    tmp_path: Path, each: scenarios.Scenario, suffix: str
) -> None:
    path = tmp_path / f"recording.{suffix}"
    recorder = _recorder()
    recorder.start_recording(path)
    try:
        wanted = each.play(recorder)
    finally:
        recorder.close()
    assert recorder.problem is None
    replayed = RecordedTarget.open(path)
    try:
        assert replayed.whole
        if each.needs & ~replayed.capabilities:
            with pytest.raises(NotSupportedError):
                _refused(each, replayed)
        else:
            assert each.play(replayed) == wanted
    finally:
        replayed.close()
