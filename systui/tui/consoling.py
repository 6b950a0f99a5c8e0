"""The console behind the screen: its commands as movers, its answers as messages.

The console itself lives on the session's thread, made when it is first needed there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple

from systui.model.code import Instruction, Location, SourceText
from systui.model.snapshot import Snapshot
from systui.present.rows import Row
from systui.tui.messages import Answered, Completed
from systui.tui.moves import Mover, ShouldStop, breakpoints

if TYPE_CHECKING:
    from systui.console.console import Console, Follow
    from systui.kernel.provenance import Provenance
    from systui.model.call import SyscallRow
    from systui.session.debugger import Debugger
    from systui.session.session import Probe

Wish = tuple[str, int, int, int]
FRAME = "frame"
"""The probe for the frame that is looked at; the others are called as their panes."""
TASKS = "pids"
"""The name of the question after the tasks there are; its answer is a tuple of pids."""
DATA_PANES = frozenset(("console", "backtrace", "memory", "way", "table", "tasks"))
"""Panes that show what has to be asked for."""


class Framed(NamedTuple):
    """What the code and the registers show of a frame that has called what runs."""

    location: Location
    registers: dict[str, int]
    text: SourceText | None
    code: tuple[Instruction, ...]

    def over(self, snapshot: Snapshot) -> Snapshot:
        """`snapshot` as it looks from this frame."""
        from systui.model.stop import Registers

        return snapshot._replace(
            stop=snapshot.stop._replace(pc=self.location.address),
            registers=Registers(self.registers),
            changed=frozenset(),
            edits=(),
            location=self.location,
            source_text=self.text,
            code=self.code,
        )


def _pids(debugger: Debugger) -> tuple[int, ...]:
    return tuple(task.pid for task in debugger.target.tasks())


class Consoling:
    """One console for one session."""

    def __init__(
        self,
        follow: Follow,
        post: Callable[[Answered | Completed], object],
        wish: Callable[[], Wish],
        chosen: Callable[[], SyscallRow | None],
    ) -> None:
        """`wish`: what the memory pane wants to show; `chosen`: the call table's row.

        Both are asked on the session's thread.
        """
        self._follow = follow
        self._post = post
        self._wish = wish
        self._chosen = chosen
        self._console: Console | None = None

    def _of(self, debugger: Debugger) -> Console:
        from systui.console.console import Console

        if self._console is None or self._console.debugger is not debugger:
            self._console = Console(debugger, self._follow)
        return self._console

    # --- commands ----------------------------------------------------------------------------

    def enter(self, text: str) -> Mover:
        """Do the line `text`."""

        def run(debugger: Debugger, should_stop: ShouldStop) -> None:
            rows = self._of(debugger).run(text, should_stop)
            self._post(Answered(text, rows, *breakpoints(debugger)))

        return run

    def complete(self, text: str) -> Mover:
        """Complete the last word of `text`."""

        def run(debugger: Debugger, _should_stop: ShouldStop) -> None:
            from systui.console.completion import complete

            self._post(Completed(text, *complete(self._of(debugger), text)))

        return run

    def select(self, number: int) -> Mover:
        """Look at frame `number`."""

        def run(debugger: Debugger, _should_stop: ShouldStop) -> None:
            self._of(debugger).select(number)

        return run

    # --- what panes want to know -------------------------------------------------------------

    def probes(self, panes: Collection[str]) -> dict[str, Probe]:
        """What is asked at every stop while `panes` are in sight."""
        known: dict[str, Probe] = {
            "console": self._displays,
            "backtrace": self._frames,
            "memory": self._memory,
            "way": lambda debugger: debugger.route(),
            "table": self._where,
            "tasks": lambda debugger: debugger.lanes(),
        }
        asked = {name: known[name] for name in panes if name in known}
        return {FRAME: self._frame, TASKS: _pids, **asked}

    def _displays(self, debugger: Debugger) -> list[Row]:
        return [] if self._console is None else self._of(debugger).display()

    def _frames(self, debugger: Debugger) -> list[Row]:
        from systui.console.frames import frame_row

        console = self._of(debugger)
        chosen = console.selected
        return [frame_row(console, each, selected=each.number == chosen) for each in console.frames]

    def _memory(self, debugger: Debugger) -> object:
        from systui.console.dump import read_dump

        return read_dump(self._of(debugger), *self._wish())

    def _where(self, debugger: Debugger) -> Provenance | None:
        row = self._chosen()
        return None if row is None else debugger.provenance(row)

    def _frame(self, debugger: Debugger) -> Framed | None:
        if self._console is None or not self._console.selected:
            return None
        frame = self._console.frame
        address = frame.location.address
        text = debugger.source_text(frame.location)
        return Framed(frame.location, dict(frame.registers), text, debugger.code(address))
