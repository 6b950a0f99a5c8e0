"""The screen: first paint after the process starts, and from key to painted stop.

    python -m benchmarks.screen

First paint is the moment when the whole first frame has come out of a pseudo-terminal, the first
stop the moment when the followed call is on it. Key to paint is measured inside the app, to the
end of the write of the frame that shows the new stop.
"""

import asyncio
import fcntl
import os
import pty
import select
import statistics
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.composed import debugger
from systui.examples import path as example
from systui.session.session import Stopped
from systui.tui.app import SystuiApp

ROUNDS = 9
KEYS = 200
SIZES = ((80, 24), (120, 40), (200, 60))
COMMAND = "from systui.cli import main; raise SystemExit(main())"
FRAME = b"quit"
"""The last word of the frame: the footer's."""
STOP = b"accept(fd=1"


def start_up(
    arguments: Sequence[str],
    marks: Sequence[bytes],
    look: Callable[[int], object] = lambda _process: None,
) -> list[float]:
    """Seconds until each of `marks` is out, from the start of `systui` with `arguments` on.

    `look` is given the process while its screen stands.
    """
    start = time.perf_counter()
    child, terminal = pty.fork()
    if not child:
        os.environ["COLORTERM"] = "truecolor"
        os.execv(sys.executable, [sys.executable, "-c", COMMAND, *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    out = bytearray()
    moments = [_until(terminal, out, mark) - start for mark in marks]
    look(child)
    os.write(terminal, b"q")
    _drain(terminal)
    os.waitpid(child, 0)
    return moments


def _until(terminal: int, out: bytearray, mark: bytes) -> float:
    while mark not in out:
        out += os.read(terminal, 65536)
    return time.perf_counter()


def _drain(terminal: int) -> None:
    while select.select([terminal], [], [], 5)[0]:
        try:
            if not os.read(terminal, 65536):
                return
        except OSError:  # the other end is closed
            return


class Timed(SystuiApp):
    """Notes when the frame was written that shows what was asked for."""

    painted = 0.0
    awaited = True

    def _stopped(self, stopped: Stopped) -> None:
        super()._stopped(stopped)
        self.awaited = True

    def _display(self, *frame: Any) -> None:
        super()._display(*frame)
        if self.awaited:
            self.painted, self.awaited = time.perf_counter(), False


async def key_to_paint(app: Timed, size: tuple[int, int]) -> list[float]:
    """Seconds from each of `KEYS` keys, a quarter of them back, to the frame with its stop."""
    taken: list[float] = []
    async with app.run_test(size=size) as pilot:
        await _settled(app, pilot)
        for index in range(KEYS):
            start = time.perf_counter()
            app.action_do("step" if index % 4 < 3 else "step_back")
            await _settled(app, pilot)
            taken.append(app.painted - start)
    return taken


def emulated() -> Timed:
    """The app over the bundled program, its call to be followed."""
    return Timed(lambda: debugger(example("accept_43")), title="accept_43", follow="43")


async def search_to_paint(size: tuple[int, int]) -> list[float]:
    """Seconds from each letter typed into the table's search to the frame with what it finds."""
    app = emulated()
    taken: list[float] = []
    async with app.run_test(size=size) as pilot:
        await _settled(app, pilot)
        app.action_do("search")
        await _settled(app, pilot)
        line = app.main.table.search_line
        for index in range(KEYS):
            start, app.awaited = time.perf_counter(), True
            line.value = "accept fd sock"[: index % 14 + 1]
            await _settled(app, pilot)
            taken.append(app.painted - start)
    return taken


async def _settled(app: Timed, pilot: Any) -> None:
    while app.main.shown is None or app.steering.running is not None or app._first is not None:
        await asyncio.sleep(0)
    await pilot.pause()
    await pilot.pause()


def main() -> None:
    """Print the table."""
    follow = ("emulate", "--follow", "43", str(example("accept_43")))
    rounds = [start_up(follow, (FRAME, STOP)) for _round in range(ROUNDS)]
    for name, column in (("first paint", 0), ("first stop painted", 1)):
        print(f"{name:32} {statistics.median(row[column] for row in rounds):7.3f} s")
    for size in SIZES:
        tell(f"key to paint at {size[0]}x{size[1]}", asyncio.run(key_to_paint(emulated(), size)))
    tell("letter searched to paint", asyncio.run(search_to_paint((120, 40))))


def tell(name: str, taken: Sequence[float]) -> None:
    """Print the median and how bad the worst of them are."""
    print(
        f"{name:32} {statistics.median(taken) * 1e3:7.1f} ms"
        f"   (95 of 100 within {statistics.quantiles(taken, n=20)[-1] * 1e3:.1f} ms)"
    )


if __name__ == "__main__":
    main()
