"""What the movement keys do to a debugger. Runs on the session's thread; knows no screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from systui.model.call import Phase
from systui.model.code import Location
from systui.model.errors import BadInputError, SystuiError
from systui.model.stop import Reason, Stop
from systui.present.timeline import BACK, WAY
from systui.target.protocol import Direction
from systui.words import _, plural

if TYPE_CHECKING:
    from systui.session.debugger import Debugger

ShouldStop = Callable[[], bool]
"""Whether the person asked for an end; may be called at any time."""

Mover = Callable[["Debugger", ShouldStop], object]

_GOES_ON = frozenset({Reason.START, Reason.STEP, Reason.BREAKPOINT, Reason.BEGINNING})
"""Reasons after which a repeated step may be repeated again."""


@dataclass(frozen=True, slots=True)
class Move:
    """One movement; a short one may be asked for faster than it can be shown."""

    name: str
    run: Mover
    short: bool = False

    def times(self, count: int) -> Mover:
        """The movement `count` times in one go, ending early where nothing more can come."""

        def repeated(debugger: Debugger, should_stop: ShouldStop) -> None:
            for _index in range(count):
                before = debugger.stop.position
                self.run(debugger, should_stop)
                stop = debugger.stop
                if stop.reason not in _GOES_ON or stop.position == before or should_stop():
                    return

        return self.run if count == 1 else repeated


def seek(position: int) -> Mover:
    """Go to `position`."""

    return lambda debugger, _should_stop: debugger.seek(position)


class Told(Protocol):
    """Told in a sentence what was done, and, where that changed, where breakpoints are set now."""

    def __call__(
        self,
        text: str,
        breakpoints: tuple[Location, ...] | None = None,
        names: tuple[str, ...] = (),
        /,
    ) -> None:
        """Say it to the person; `names` are those of breakpoints to be there the next time."""


def toggle_breakpoint(name: str, tell: Told) -> Mover:
    """Set or clear a breakpoint at a symbol or address, and `tell` which it was."""
    from systui.console.console import Console
    from systui.console.places import resolve

    def run(debugger: Debugger, _should_stop: ShouldStop) -> None:
        spot = resolve(name, debugger, Console(debugger).stop_scope)
        is_set = debugger.points.toggle(spot.spelling, spot.addresses, spot.condition)
        text = _("breakpoint at {name}") if is_set else _("no breakpoint at {name} any more")
        tell(text.format(name=spot.spelling), *breakpoints(debugger))

    return run


def breakpoints(debugger: Debugger) -> tuple[tuple[Location, ...], tuple[str, ...]]:
    """Where breakpoints are, and what those were called that can be set again by their name."""
    places = tuple(debugger.locate(found) for found in sorted(debugger.breakpoints))
    names = [point.spelling for point in debugger.points if point.lasts]
    return places, tuple(names)


def run_to(place: str, direction: Direction) -> Mover:
    """Run to what `place` names."""
    from systui.console.console import Console
    from systui.console.places import resolve

    def run(debugger: Debugger, _should_stop: ShouldStop) -> Stop:
        spot = resolve(place, debugger, Console(debugger).stop_scope)
        return debugger.run_to(spot.addresses, direction)

    return run


def set_breakpoints(names: Sequence[str], tell: Told) -> Mover:
    """Set breakpoints again, those that still have a place here, and `tell` where they are."""

    def run(debugger: Debugger, should_stop: ShouldStop) -> None:
        for name in names:
            try:
                toggle_breakpoint(name, lambda *_told: None)(debugger, should_stop)
            except SystuiError:
                continue  # another build of the program: the name means nothing here
        places, names_now = breakpoints(debugger)
        text = plural(
            "{count} breakpoint of the last time is set again",
            "{count} breakpoints of the last time are set again",
            len(places),
        )
        tell(text.format(count=len(places)) if places else "", places, names_now)

    return run


def to_landmark(debugger: Debugger, should_stop: ShouldStop) -> None:
    """On to the next landmark, over the handler's inside, or to whatever stops before."""
    if debugger.phase is Phase.USER and not _at(debugger, "user_syscall"):
        _to_next_call(debugger)
        return
    while True:
        inside = debugger.phase is Phase.HANDLER and debugger.landmark is None
        at_handler = _at(debugger, "handler")
        if (inside or at_handler) and not debugger.in_stub:
            debugger.run_to(debugger.kernel.handler_returns)
        else:
            debugger.step()
        if debugger.landmark is not None or _stopped(debugger) or should_stop():
            return


def to_landmark_back(debugger: Debugger, should_stop: ShouldStop) -> None:
    """Back to the landmark before."""
    while True:
        before = debugger.stop.position
        debugger.step_back()
        if debugger.landmark is not None or debugger.stop.position == before or should_stop():
            return


def to_station(debugger: Debugger, should_stop: ShouldStop, index: int) -> None:
    """To where phase `index` of the call under way begins; of the next call where there is none.

    `BACK` is the first instruction of the program after the call.
    """
    call = debugger.snapshot().call
    if call is None or call.entered_at is None:
        _to_next_call(debugger)
    else:
        debugger.seek(call.entered_at)
    while not _arrived(debugger, index):
        before = debugger.stop.position
        to_landmark(debugger, should_stop)
        if _stopped(debugger) or should_stop() or debugger.stop.position == before:
            return


def _arrived(debugger: Debugger, index: int) -> bool:
    if index == BACK:
        return debugger.phase is Phase.USER and not _at(debugger, "user_syscall")
    return debugger.phase is WAY[index]


def _to_next_call(debugger: Debugger) -> None:
    from systui.follow.finder import back_to_user, to_entry
    from systui.follow.outcome import Ending, WalkEndedError

    def check() -> None:
        if _stopped(debugger):
            raise WalkEndedError(Ending.STOPPED, "")

    try:
        to_entry(debugger, check)
    except WalkEndedError as end:
        if end.reason:
            raise BadInputError(end.reason) from end
        return
    back_to_user(debugger)


def _at(debugger: Debugger, name: str) -> bool:
    landmark = debugger.landmark
    return landmark is not None and landmark.name == name


def _stopped(debugger: Debugger) -> bool:
    """Whether something ended the movement."""
    return debugger.stop.reason not in _GOES_ON


_FORWARD, _BACKWARD = Direction.FORWARD, Direction.BACKWARD

_MOVES = (
    Move("step", lambda debugger, _: debugger.line(_FORWARD), short=True),
    Move("step_back", lambda debugger, _: debugger.line(_BACKWARD), short=True),
    Move("instruction", lambda debugger, _: debugger.step(), short=True),
    Move("instruction_back", lambda debugger, _: debugger.step_back(), short=True),
    Move("over", lambda debugger, _: debugger.over(_FORWARD), short=True),
    Move("over_back", lambda debugger, _: debugger.over(_BACKWARD), short=True),
    Move("finish", lambda debugger, _: debugger.finish(_FORWARD)),
    Move("finish_back", lambda debugger, _: debugger.finish(_BACKWARD)),
    Move("continue", lambda debugger, _: debugger.resume(_FORWARD)),
    Move("continue_back", lambda debugger, _: debugger.resume(_BACKWARD)),
    Move("restart", lambda debugger, _: debugger.restart()),
    Move("landmark", to_landmark),
    Move("landmark_back", to_landmark_back),
    *(Move(f"phase_{index}", partial(to_station, index=index)) for index in range(BACK + 1)),
)
MOVES: Mapping[str, Move] = {move.name: move for move in _MOVES}
