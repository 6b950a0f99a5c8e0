"""Plays a recording that nobody vouches for; what goes wrong must be one of systui's own errors."""

from itertools import islice
from pathlib import Path

from systui.cli.replaying import Replaying
from systui.model.errors import SystuiError
from systui.present.stop_object import stop_object
from systui.session.debugger import Debugger
from systui.target.protocol import Direction

STEPS = 12


def play(path: Path) -> int:
    """Open `path`, walk a little in every way; returns how many stops were shown."""
    try:
        debugger = Replaying(path, []).start()
    except SystuiError as error:
        assert len(str(error).splitlines()) == 1
        return 0
    try:
        return _walk(debugger)
    finally:
        debugger.target.close()


def _walk(debugger: Debugger) -> int:
    shown = 0
    target = debugger.target
    places = (target.earliest, target.latest)  # type: ignore[attr-defined]
    for position in (*places, sum(places) // 2):
        try:
            debugger.seek(position)
            for _step in range(STEPS):
                snapshot = debugger.snapshot()
                text = str(stop_object(snapshot, None))
                assert "\x1b" not in text
                shown += 1
                debugger.step()
            for _step in range(3):
                debugger.step_back()
            debugger.line(Direction.FORWARD)
        except SystuiError:
            continue
    return shown


def plain(path: Path) -> bytes:
    """The lines of a packed recording."""
    from systui.target.recorded.container import open_container

    container = open_container(path)
    try:
        lines = [line for _offset, line in islice(container.scan(), 100_000)]
    finally:
        container.close()
    return b"".join(lines)
