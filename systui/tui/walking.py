"""A follow script walked on the screen: one of its stops a key. Runs on the session's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from systui.model.errors import BadInputError
from systui.tui.moves import Mover, ShouldStop, to_landmark

if TYPE_CHECKING:
    from systui.follow.call import CallSpec
    from systui.follow.runner import Shown, Walk
    from systui.follow.script import Script
    from systui.session.debugger import Debugger

DEFAULT_SCRIPT = "syscall"


class Walking:
    """Walks a script stop by stop, with whatever else is done in between.

    `tell` is called with the script's sentence for each stop that the walk comes to.
    """

    def __init__(self, script: Script | None, tell: Callable[[str], None]) -> None:
        self._script = script
        self._tell = tell
        self._walk: Walk | None = None
        self._stops: Iterator[Shown] = iter(())
        self._should_stop: ShouldStop = lambda: False

    def begin(self, call: CallSpec | None) -> Mover:
        """To the first stop of a walk for `call`."""

        def run(debugger: Debugger, should_stop: ShouldStop) -> None:
            from systui.follow.runner import Walk

            walk = Walk(debugger, self._loaded(), call, self._asked_to_stop, waits=True)
            self._walk, self._stops = walk, walk.stops()
            if not self._next(should_stop) and walk.outcome.reason:
                raise BadInputError(walk.outcome.reason)

        return run

    def further(self, debugger: Debugger, should_stop: ShouldStop) -> None:
        """To the walk's next stop; to the next landmark where no walk leads further."""
        if not self._next(should_stop):
            to_landmark(debugger, should_stop)

    def go_on(self, debugger: Debugger, should_stop: ShouldStop) -> None:
        """On from a stop at which the program waited: with the walk, or without one."""
        if not self._next(should_stop):
            debugger.resume()

    def forget(self) -> None:
        """No walk is under way any more."""
        self._walk = None

    def _asked_to_stop(self) -> bool:
        """What the walk asks: it is another command's wish each time."""
        return self._should_stop()

    def _next(self, should_stop: ShouldStop) -> bool:
        """Go on with the walk; False where nothing came of it. BadInputError where it failed."""
        from systui.follow.outcome import Ending

        walk, self._should_stop = self._walk, should_stop
        if walk is None:
            return False
        shown = next(self._stops, None)
        if shown is not None:
            self._tell(shown[1] or "")
            return True
        self._walk = None
        if walk.outcome.ending is Ending.UNEXPECTED:
            raise BadInputError(walk.outcome.reason)
        return walk.outcome.ending not in {Ending.WALKED, Ending.NEVER_CAME}

    def _loaded(self) -> Script:
        from systui.follow import reader

        if self._script is None:
            self._script = reader.load(reader.find(DEFAULT_SCRIPT))
        return self._script
