"""The app over stops made by hand: the same picture whatever kernel and emulator become."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from systui.arch.x86_64 import X86_64
from systui.kernel.syscalls import bundled
from systui.model.snapshot import Snapshot
from systui.session.debugger import Debugger
from systui.tui.app import SystuiApp
from systui.tui.facts import Facts

FACTS = Facts(
    "accept_43 · emulator · miniature kernel, PTI on", "accept_43", X86_64, bundled("x86_64")
)


class StillApp(SystuiApp):
    """Has no session; shows what it is given."""

    def _begin(self) -> None:
        self.facts = FACTS
        self.main.introduce(FACTS)


@asynccontextmanager
async def still(
    *stops: Snapshot, size: tuple[int, int] = (120, 40), theme: str | None = None
) -> AsyncIterator[tuple[StillApp, Pilot[Any]]]:
    """The app with `stops` shown one after the other."""
    app = StillApp(_never, title="accept_43", theme_name=theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for stop in stops:
            app.main.show(stop, X86_64)
            await pilot.pause()
        yield app, pilot


def _never() -> Debugger:
    raise AssertionError("no debugger is made for a still")
