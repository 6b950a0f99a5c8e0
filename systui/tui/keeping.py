"""What a person arranged, there again the next time: read at the start, written as it changes."""

from collections.abc import Sequence
from threading import Lock, Thread
from typing import Any

from systui.settings import history, state
from systui.settings.config import Settings
from systui.words import _

_MOST_BREAKPOINTS = 100


class Keeper:
    """One screen's part of the state file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept = state.read() if settings.remember else state.Kept({})
        self._program = ""
        self._wanted: dict[str, Any] = {}
        self._breakpoints: list[str] | None = None
        self._writing = Lock()
        self._writer: Thread | None = None

    @property
    def notice(self) -> str:
        """What is wrong with what was kept; empty for nothing."""
        if not self._kept.problem:
            return ""
        return _("{path} cannot be read ({problem}): the usual arrangement").format(
            path=state.path(), problem=self._kept.problem
        )

    @property
    def theme(self) -> str | None:
        """The theme chosen the last time, unless the settings have asked for another since."""
        name = self._kept.data.get("theme")
        same = self._kept.data.get("instead_of") == self._settings.theme
        return name if isinstance(name, str) and same else None

    @property
    def panes(self) -> dict[str, Any]:
        """What `Arranging.restore` takes."""
        return dict(self._kept.table("panes"))

    def breakpoints(self, program: str) -> Sequence[str]:
        """The places where `program` had breakpoints; changes are kept for it from now on."""
        self._program = program
        found = self._kept.table("programs").get(program)
        places = found.get("breakpoints") if isinstance(found, dict) else None
        listed = places if isinstance(places, list) else []
        self._breakpoints = [each for each in listed if isinstance(each, str)][:_MOST_BREAKPOINTS]
        return self._breakpoints

    def history(self) -> list[str]:
        """What was typed at the console, the oldest first."""
        return history.read() if self._settings.remember else []

    def keep_line(self, text: str) -> None:
        """`text` was typed at the console."""
        if self._settings.remember:
            Thread(target=history.add, args=(text,), name="history", daemon=True).start()

    def keep_theme(self, name: str) -> None:
        """`name` is the theme from now on."""
        self._keep(theme=name, instead_of=self._settings.theme)

    def keep_panes(self, panes: dict[str, Any]) -> None:
        """This is the arrangement from now on."""
        self._keep(panes=panes)

    def keep_breakpoints(self, names: Sequence[str]) -> None:
        """The program's breakpoints are these from now on."""
        self._breakpoints = list(names)[:_MOST_BREAKPOINTS]
        self._keep()

    def finish(self) -> None:
        """Wait for what is being written; a disk that does not answer is given up on."""
        if self._writer is not None:
            self._writer.join(timeout=1.0)

    def _keep(self, **changes: Any) -> None:
        """Write in the background; a later change overtakes an earlier one that waits."""
        if not self._settings.remember:
            return
        self._wanted.update(changes)
        self._writer = Thread(target=self._write, name="state", daemon=True)
        self._writer.start()

    def _write(self) -> None:
        with self._writing:
            own = {} if self._breakpoints is None else {"breakpoints": list(self._breakpoints)}
            state.keep(dict(self._wanted), self._program, own)
