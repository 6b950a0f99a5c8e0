"""What is typed to the program while it runs, just before it is found to wait."""

from collections.abc import Callable
from typing import Any, cast

from made_snapshot import snapshot
from still import still

from systui.model.snapshot import Snapshot
from systui.model.stop import Reason
from systui.session.session import Probe, Session, Stopped
from systui.tui.app import SystuiApp
from systui.tui.messages import SessionEvent
from systui.tui.steering import Steering


class Console:
    """Stands in for the session of a guest: takes what is typed at any time."""

    def __init__(self) -> None:
        self.submitted: list[str] = []
        self.typed: list[bytes] = []
        self.probes: dict[str, Probe] = {}

    def submit(self, _command: Callable[[Any], None], label: str) -> int:
        self.submitted.append(label)
        return len(self.submitted)

    def type(self, data: bytes) -> bool:
        self.typed.append(data)
        return True

    def close(self) -> None:
        pass


def waits() -> Snapshot:
    made = snapshot(1)
    return made._replace(stop=made.stop._replace(reason=Reason.BLOCKED))


def guest(app: SystuiApp) -> Console:
    """Have `app` drive a stand-in."""
    console = Console()
    app.session = cast(Session, console)
    app.steering = Steering(app.session, lambda: None)
    return console


async def test_the_program_goes_on_with_what_it_may_not_have_read() -> None:
    async with still(snapshot(1)) as (app, pilot):
        console = guest(app)
        app.move("continue")
        app.action_type(b"1\n")
        app.post_message(SessionEvent(Stopped(waits(), 1)))
        await pilot.pause()
        assert console.typed == [b"1\n"]
        assert console.submitted[:2] == ["continue", "input"]
        app.post_message(SessionEvent(Stopped(waits(), len(console.submitted))))
        await pilot.pause()
        assert console.submitted.count("input") == 1


async def test_typed_while_something_is_looked_up_it_makes_the_program_go_on() -> None:
    async with still(snapshot(1), waits()) as (app, pilot):
        console = guest(app)
        app.steering.ask(lambda _debugger, _should_stop: None, "refresh")
        app.action_type(b"1\n")
        await pilot.pause()
        assert console.typed == []
        app.post_message(SessionEvent(Stopped(waits(), 1)))
        await pilot.pause()
        assert console.submitted == ["refresh", "input"]
