"""The app over the emulator, driven by Textual's pilot."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from systui import examples
from systui.cli.emulation import Emulation, Wanted
from systui.model.snapshot import Snapshot
from systui.tui.app import SystuiApp
from systui.tui.picture import lines

ACCEPT = Path(examples.__file__).parent / "accept_43"
PATIENCE = 2000
"""Turns of the loop that a command may take; far more than any needs."""


@dataclass
class Driver:
    """The app and its pilot."""

    app: SystuiApp
    pilot: Pilot[Any]

    async def settled(self) -> Snapshot:
        """Wait until nothing runs and all is painted; the stop that is shown then."""
        for _turn in range(PATIENCE):
            for _hop in range(3):  # a key, an input's answer, the app's: each is a message
                await self.pilot.pause()
            if self.app.main.shown is not None and self.app.steering.running is None:
                await self.pilot.pause()
                return self.app.main.shown
            await self.pilot.pause(0.005)
        raise AssertionError(f"{self.app.steering.running} did not end")

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds` is true, whatever runs."""
        for _turn in range(PATIENCE):
            if holds():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it never came to that on:\n{self.text}")

    async def press(self, *keys: str) -> Snapshot:
        """Press `keys`, each once what the one before did is done."""
        shown = await self.settled()
        for key in keys:
            await self.pilot.press(key)
            shown = await self.settled()
        return shown

    @property
    def text(self) -> str:
        """The screen's characters."""
        return text(self.app)

    @property
    def focused(self) -> str | None:
        """The pane that has the focus."""
        return self.app.main.desk.focused_pane


def text(app: SystuiApp) -> str:
    """The screen's characters."""
    return "\n".join("".join(piece.text for piece in line).rstrip() for line in lines(app))


Open = Callable[..., AbstractAsyncContextManager[Driver]]


@asynccontextmanager
async def opened(
    program: Path = ACCEPT,
    *,
    size: tuple[int, int] = (120, 40),
    arguments: Sequence[str] = (),
    **settings: Any,
) -> AsyncIterator[Driver]:
    """The app on `program`, settled at its first stop (or the followed call's)."""
    start = Emulation(Wanted(program, arguments)).start
    app = SystuiApp(start, title=program.name, **settings)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()
        yield driver
