"""Recording a real kernel: what is written is what memory holds, and costs no more questions."""

from pathlib import Path
from queue import Queue

import pytest
from guests import Guest, Programs

from systui.arch.x86_64 import X86_64
from systui.cli.recording import Recording, debugger
from systui.cli.replaying import Replaying
from systui.kernel.image import Image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.syscalls import bundled
from systui.kernel.view import KernelView, ProgramView
from systui.model.stop import MemoryRange, Space
from systui.session.debugger import Debugger
from systui.session.session import Event, Running, Session
from systui.target.gdb.target import GdbTarget
from systui.target.gdb.wire import Wire
from systui.target.protocol import Seekable
from systui.target.recordable import Recordable
from systui.target.recorder import Recorder

pytestmark = pytest.mark.slow
STEPS = 90
WHOLE = 250
"""Steps that end behind a call."""
MOST_MORE = STEPS // 4
"""Questions that recording asks beyond: where stacks are changed, and for code ahead."""


@pytest.fixture(params=["pti=on", "pti=off"])
def guest_target(request: pytest.FixtureRequest, guest: Guest, programs: Programs) -> GdbTarget:
    return guest.boot(programs("spinner"), f"{request.param} nokaslr")


@pytest.fixture
def walked(guest_target: GdbTarget, guest: Guest, programs: Programs) -> Debugger:
    """A debugger that can record; nothing is recorded yet."""
    kernel, program = guest.image, Image.open(programs("spinner"))
    view = KernelView(kernel, Sources([]), bundled("x86_64"), X86_64, 0, Lines(kernel))
    own = ProgramView(program, Sources([]), 0, Lines(program))
    return debugger(guest_target, view, kernel, own, program, Recording(None, None))


def test_what_is_recorded_of_each_stack_is_what_memory_held(
    walked: Debugger, guest_target: GdbTarget, tmp_path: Path
) -> None:
    live, path = guest_target._live, tmp_path / "walk.jsonl"
    recorder, entry = walked.target, walked.kernel.path.entry
    assert isinstance(recorder, Recorder)
    assert entry is not None
    walked.run_to([entry])
    recorder.start_recording(path)
    held: dict[int, list[tuple[MemoryRange, bytes | None]]] = {}
    for _step in range(WHOLE):
        walked.step()
        assert recorder._chronicle is not None
        ranges = [
            MemoryRange(Space.KERNEL if at >= X86_64.kernel_start else Space.USER, at, len(data))
            for at, data in recorder._chronicle._memory._areas
        ]
        held[walked.stop.position] = [
            *zip(ranges, live.memory.read(live.view, ranges), strict=True)
        ]
    assert max(map(len, held.values())) > 2
    recorder.stop_recording()
    replayed = Replaying(path, []).start().target
    assert isinstance(replayed, Seekable)
    for position, areas in held.items():
        replayed.seek(position)
        for where, data in areas:
            assert replayed.read_memory([where]) == [data], (position, where)


def test_recording_asks_hardly_more_than_a_walk_does(
    walked: Debugger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    ask = Wire.ask

    def counted(wire: Wire, *packets: str) -> list[str]:
        asked.append(packets)
        return ask(wire, *packets)

    monkeypatch.setattr(Wire, "ask", counted)
    entry = walked.kernel.path.entry
    assert entry is not None
    assert isinstance(walked.target, Recordable)

    def walk() -> int:
        walked.run_to([entry])
        before = len(asked)
        for _step in range(STEPS):
            walked.step()
        return len(asked) - before

    plain = walk()
    walked.target.start_recording(tmp_path / "walk.jsonl")
    assert walk() <= plain + MOST_MORE


def _recorded_from_entry(walked: Debugger, directory: Path) -> Path:
    """Where it is recorded to, from the next call's entry on."""
    path = directory / "walk.jsonl"
    assert isinstance(walked.target, Recordable)
    entry = walked.kernel.path.entry
    assert entry is not None
    walked.run_to([entry])
    walked.target.start_recording(path)
    return path


def test_a_stop_is_in_the_file_before_the_next_and_once_somebody_rests_at_it(
    walked: Debugger, tmp_path: Path
) -> None:
    path = _recorded_from_entry(walked, tmp_path)

    def written() -> int:
        return path.read_bytes().count(b'"r":')

    for steps in range(1, 9):
        walked.step()
        assert steps <= written() <= steps + 1
    walked.rest()
    assert written() == 9


def test_a_stop_on_the_screen_is_in_the_file(walked: Debugger, tmp_path: Path) -> None:
    path = _recorded_from_entry(walked, tmp_path)
    events: Queue[Event] = Queue()
    session = Session(lambda: walked, events.put)

    def step(debugger: Debugger) -> None:
        debugger.step()

    session.start()
    session.submit(step, "step")
    session.submit(lambda _debugger: None, "nothing")
    while events.get(timeout=60) != Running("nothing", 2):
        pass
    written = path.read_bytes().count(b'"r":')
    session.close()
    assert written == 2
