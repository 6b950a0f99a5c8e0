"""The panes there are: one line each, from which the desk, the tabs and the keys are made."""

from collections.abc import Callable
from typing import NamedTuple

from systui.tui.panes.backtrace import BacktracePane
from systui.tui.panes.base import ListWithLine, RowsPane
from systui.tui.panes.console import ConsolePane
from systui.tui.panes.ledger import LedgerPane
from systui.tui.panes.memory import MemoryPane
from systui.tui.panes.output import OutputPane
from systui.tui.panes.registers import RegistersPane
from systui.tui.panes.source import SourcePane
from systui.tui.panes.stack import StackPane
from systui.tui.panes.table import TablePane
from systui.tui.panes.tasks import TasksPane
from systui.tui.panes.way import WayPane
from systui.tui.theme import Theme
from systui.words import _

Pane = RowsPane | ListWithLine


class PaneKind(NamedTuple):
    """One pane that takes the focus."""

    pane: str
    """Its name, and its widget's id."""
    place: str
    """Where it stands, one of `layout.PLACES`; panes of one place are its tabs."""
    make: Callable[[Theme], Pane]
    title: Callable[[], str]
    """What people call it, in the chosen language."""
    waits: bool = False
    """It is not there until it has something to show, or is asked for."""


KINDS: tuple[PaneKind, ...] = (
    PaneKind("source", "source", SourcePane, lambda: _("source")),
    PaneKind("registers", "registers", RegistersPane, lambda: _("registers")),
    PaneKind("stack", "stack", StackPane, lambda: _("stack")),
    PaneKind("table", "table", TablePane, lambda: _("call table")),
    PaneKind("ledger", "ledger", LedgerPane, lambda: _("ledger")),
    PaneKind("output", "output", OutputPane, lambda: _("output")),
    PaneKind("backtrace", "ledger", BacktracePane, lambda: _("frames")),
    PaneKind("memory", "ledger", MemoryPane, lambda: _("memory")),
    PaneKind("way", "ledger", WayPane, lambda: _("way")),
    PaneKind("tasks", "ledger", TasksPane, lambda: _("tasks"), waits=True),
    PaneKind("console", "output", ConsolePane, lambda: _("console")),
)
"""In the order of the Tab key."""

PANES: tuple[str, ...] = tuple(kind.pane for kind in KINDS)
PLACE_OF: dict[str, str] = {kind.pane: kind.place for kind in KINDS}


def pane_title(pane: str) -> str:
    """What a pane is called."""
    return next(kind.title() for kind in KINDS if kind.pane == pane)
