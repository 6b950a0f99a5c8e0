"""Starting and ending a recording from the screen, and notes in it."""

from collections.abc import Callable
from pathlib import Path

from systui.model.errors import NotSupportedError
from systui.session.debugger import Debugger
from systui.target.recordable import Recordable
from systui.tui.moves import Mover, ShouldStop
from systui.words import _

_SUFFIX = ".jsonl.zst"
_MOST_FILES = 1000


def toggle(tell: Callable[[str], None]) -> Mover:
    """Record from here on, to a new file in the working directory; or end that. `tell` says so."""

    def run(debugger: Debugger, _should_stop: ShouldStop) -> None:
        target = _recordable(debugger)
        path = target.path
        if path is not None:
            count = target.stop_recording()
            tell(_("recorded {count:,} stops to {path}").format(count=count, path=path.name))
            return
        path = _free(debugger.target.info.program or "systui")
        target.start_recording(path)
        tell(_("recording to {path}").format(path=path.name))

    return run


def note(text: str, tell: Callable[[str], None]) -> Mover:
    """Put a note on the present stop."""

    def run(debugger: Debugger, _should_stop: ShouldStop) -> None:
        target = _recordable(debugger)
        if target.path is None:
            raise NotSupportedError(_("nothing is recorded, so there is no place for a note"))
        target.note(text)
        tell(_("noted"))

    return run


def _recordable(debugger: Debugger) -> Recordable:
    target = debugger.target
    if not isinstance(target, Recordable):
        raise NotSupportedError(_("this cannot be recorded"))
    if target.problem:
        problem, target.problem = target.problem, None
        raise NotSupportedError(
            _("the recording ended early: {why}; what it holds can be replayed").format(why=problem)
        )
    return target


def _free(program: str) -> Path:
    """A name in the working directory that no file has."""
    name = Path(program).name
    numbered = (f"{name}-{number}{_SUFFIX}" for number in range(2, _MOST_FILES))
    for each in (name + _SUFFIX, *numbered):
        if not Path(each).exists():
            return Path(each)
    return Path(name + _SUFFIX)
