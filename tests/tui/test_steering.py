"""Keys to commands: what is done, what is counted, what is refused."""

from collections.abc import Callable
from time import monotonic
from typing import Any, cast

import pytest

from systui.session.session import Session
from systui.tui.moves import Move
from systui.tui.steering import Steering


class Line:
    """Stands in for a session: keeps what is submitted until `finish` does it."""

    def __init__(self) -> None:
        self.submitted: list[tuple[Callable[[Any], None], str]] = []
        self.interrupts = 0

    def submit(self, command: Callable[[Any], None], label: str) -> int:
        self.submitted.append((command, label))
        return len(self.submitted)

    def interrupt(self) -> None:
        self.interrupts += 1


class Counter:
    """Stands in for a debugger whose position a move advances."""

    class stop:  # noqa: N801
        position = 0
        reason = None


def steering() -> tuple[Steering, Line]:
    line = Line()
    return Steering(cast(Session, line), lambda: None), line


def moved(counts: list[str], name: str, *, short: bool = True) -> Move:
    return Move(name, lambda _debugger, _should_stop: counts.append(name), short=short)


def test_a_move_is_submitted_at_once() -> None:
    steer, line = steering()
    assert steer.move(moved([], "step"))
    assert [label for _command, label in line.submitted] == ["step"]
    assert steer.running == "step"


def test_repeats_of_a_short_move_wait_as_a_number_not_as_a_queue() -> None:
    steer, line = steering()
    step = moved([], "step")
    for _press in range(1000):
        assert steer.move(step)
    assert len(line.submitted) == 1
    assert steer.settled(1)
    assert len(line.submitted) == 2
    assert steer.settled(2)
    assert len(line.submitted) == 2
    assert steer.running is None


def test_a_long_move_takes_no_other() -> None:
    steer, line = steering()
    assert steer.move(moved([], "continue", short=False))
    assert not steer.move(moved([], "step"))
    assert not steer.run(lambda _debugger, _should_stop: None, "seek")
    assert steer.settled(1)
    assert len(line.submitted) == 1


def test_a_long_move_does_not_wait_behind_a_short_one() -> None:
    steer, line = steering()
    steer.move(moved([], "step"))
    assert not steer.move(moved([], "continue", short=False))
    assert len(line.submitted) == 1


def test_stale_events_settle_nothing() -> None:
    steer, _line = steering()
    steer.run(lambda _debugger, _should_stop: None, "first")
    assert steer.settled(1)
    steer.run(lambda _debugger, _should_stop: None, "second")
    assert not steer.settled(1)
    assert steer.running == "second"


def test_interrupting_forgets_what_waits_and_tells_the_mover() -> None:
    steer, line = steering()
    assert not steer.interrupt()
    asked: list[bool] = []
    steer.run(lambda _debugger, should_stop: asked.append(should_stop()), "walk")
    line.submitted[0][0](None)
    assert steer.interrupt()
    line.submitted[0][0](None)
    assert asked == [False, True]
    assert line.interrupts == 1
    assert "stopping" in steer.running_text()
    assert steer.settled(1)
    assert len(line.submitted) == 1


def test_what_is_looked_up_unseen_is_nothing_to_a_person() -> None:
    """It is not stopped, and whatever is asked for meanwhile waits for its end."""
    steer, line = steering()
    steer.ask(lambda _debugger, _should_stop: None, "refresh")
    assert steer.running
    assert not steer.busy
    assert not steer.interrupt()
    assert not steer.interrupted
    assert line.interrupts == 0
    assert steer.run(lambda _debugger, _should_stop: None, "input")
    assert len(line.submitted) == 1
    assert steer.settled(1)
    assert [label for _command, label in line.submitted] == ["refresh", "input"]
    assert steer.busy


def test_what_is_typed_behind_a_line_is_done_in_order_until_the_screen_says_that_it_runs() -> None:
    steer, line = steering()
    none = moved([], "continue", short=False)
    step, over = moved([], "step"), moved([], "over")
    assert steer.run(lambda _debugger, _should_stop: None, "break")
    for move in (none, step, step, over, step):
        assert steer.move(move)
    assert steer.run(lambda _debugger, _should_stop: None, "console")
    assert len(line.submitted) == 1
    assert steer.settled(1)
    assert steer.running_text()
    assert not steer.move(none)
    for generation in range(2, 6):
        assert steer.settled(generation)
    labels = [label for _command, label in line.submitted]
    assert labels == ["break", "continue", "step", "over", "step", "console"]
    assert steer.running == "console"


def test_esc_forgets_what_was_typed_ahead() -> None:
    steer, line = steering()
    assert steer.run(lambda _debugger, _should_stop: None, "follow")
    assert steer.move(moved([], "step"))
    assert steer.interrupt()
    assert not steer.move(moved([], "continue", short=False))
    assert steer.settled(1)
    assert len(line.submitted) == 1


def test_what_runs_is_told_with_its_place() -> None:
    steer, _line = steering()
    steer.run(lambda _debugger, _should_stop: None, "walk")
    assert "Esc stops it" in steer.running_text()
    steer.position = 12345
    assert "12,345" in steer.running_text()


def test_a_call_that_does_not_come_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    steer, _line = steering()
    steer.run(lambda _debugger, _should_stop: None, "follow")
    now = monotonic()
    monkeypatch.setattr("systui.tui.steering.monotonic", lambda: now + 7)
    assert steer.running_text() == "waiting for the call for 7 s · Esc stops it"


def test_a_repeated_move_ends_where_nothing_moves_any_more() -> None:
    counts: list[str] = []
    repeated = moved(counts, "step").times(50)
    repeated(cast(Any, Counter()), lambda: False)
    assert counts == ["step"]
