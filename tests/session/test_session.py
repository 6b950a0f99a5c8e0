"""The session's thread: order, generations, failures, interrupts, closing."""

from collections.abc import Callable
from queue import Queue
from threading import Event as Flag

import debugged
import program_builder

from systui.model.errors import BadInputError
from systui.model.stop import Reason
from systui.session.debugger import Debugger
from systui.session.session import (
    Closed,
    Event,
    Failed,
    Running,
    Session,
    Stopped,
)

PATIENCE = 20.0
"""Seconds after which a test gives up; nothing waits that long."""


class Heard:
    """Events as they come, for the test's thread."""

    def __init__(self) -> None:
        self._events: Queue[Event] = Queue()

    def __call__(self, event: Event) -> None:
        self._events.put(event)

    def next(self) -> Event:
        return self._events.get(timeout=PATIENCE)

    def until(self, wanted: type) -> Event:
        while not isinstance(event := self.next(), wanted):
            pass
        return event


def _session(create: Callable[[], Debugger] = debugged.start) -> tuple[Session, Heard]:
    heard = Heard()
    session = Session(create, heard)
    session.start()
    return session, heard


def test_commands_are_answered_in_order() -> None:
    session, heard = _session()
    first = heard.next()
    assert isinstance(first, Stopped)
    assert (first.generation, first.snapshot.stop.position) == (0, 0)
    numbers = [session.submit(lambda debugger: void(debugger.step()), "step") for _ in range(3)]
    assert numbers == [1, 2, 3]
    for number in numbers:
        running, stopped = heard.next(), heard.next()
        assert running == Running("step", number)
        assert isinstance(stopped, Stopped)
        assert (stopped.generation, stopped.snapshot.stop.position) == (number, number)
    session.close()
    assert isinstance(heard.until(Closed), Closed)


def void(_value: object) -> None:
    """Commands return nothing."""


def test_a_long_move_tells_all_that_ran() -> None:
    session, heard = _session(lambda: debugged.at_call("accept"))
    session.submit(lambda debugger: void(debugger.over()), "over")
    heard.until(Running)
    stopped = heard.until(Stopped)
    assert isinstance(stopped, Stopped)
    effect = stopped.snapshot.effect
    assert effect is not None
    assert effect.kind == "run"
    assert effect.steps is not None
    assert effect.steps > 100
    session.close()


def test_failures_are_told_and_the_session_goes_on() -> None:
    session, heard = _session()
    heard.next()

    def bad(_debugger: Debugger) -> None:
        raise BadInputError("no such place")

    def broken(_debugger: Debugger) -> None:
        raise KeyError("bug")

    session.submit(bad, "bad")
    session.submit(broken, "broken")
    session.submit(lambda debugger: void(debugger.step()), "step")
    first, second = heard.until(Failed), heard.until(Failed)
    assert isinstance(first, Failed) and isinstance(second, Failed)
    assert (str(first.error), first.internal, first.generation) == ("no such place", False, 1)
    assert (second.internal, second.generation) == (True, 2)
    stopped = heard.until(Stopped)
    assert isinstance(stopped, Stopped)
    assert stopped.generation == 3
    session.close()


def test_a_debugger_that_cannot_be_made_is_told() -> None:
    def fail() -> Debugger:
        raise BadInputError("not an ELF file")

    session, heard = _session(fail)
    failed = heard.next()
    assert isinstance(failed, Failed)
    assert str(failed.error) == "not an ELF file"
    assert isinstance(heard.next(), Closed)
    session.close()


def _endless() -> Debugger:
    return debugged.start(program_builder.built("endless"))


def test_an_interrupt_ends_a_run_and_drops_what_waits() -> None:
    session, heard = _session(_endless)
    heard.next()
    session.submit(lambda debugger: void(debugger.resume()), "continue")
    dropped = session.submit(lambda debugger: void(debugger.step()), "step")
    heard.until(Running)
    answers: list[Event] = []
    while not answers:
        session.interrupt()
        event = heard.next()
        if isinstance(event, Stopped):
            answers.append(event)
    answers.append(heard.until(Stopped))
    first, second = answers
    assert isinstance(first, Stopped) and isinstance(second, Stopped)
    assert first.snapshot.stop.reason is Reason.INTERRUPTED
    assert second.generation == dropped
    assert second.snapshot.stop.position == first.snapshot.stop.position
    session.submit(lambda debugger: void(debugger.step()), "step")
    stopped = heard.until(Stopped)
    assert isinstance(stopped, Stopped)
    assert stopped.snapshot.stop.position == first.snapshot.stop.position + 1
    session.close()


def test_closing_does_not_wait_for_a_run() -> None:
    session, heard = _session(_endless)
    heard.next()
    session.submit(lambda debugger: void(debugger.resume()), "continue")
    heard.until(Running)
    session.close()
    assert isinstance(heard.until(Closed), Closed)


def test_closing_gives_up_on_a_command_that_hangs() -> None:
    session, heard = _session()
    heard.next()
    release = Flag()
    session.submit(lambda _debugger: void(release.wait(PATIENCE)), "hang")
    heard.until(Running)
    session.close()
    release.set()
    assert isinstance(heard.until(Closed), Closed)
