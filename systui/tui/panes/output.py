"""What the program wrote, and a line for what it reads."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from systui.arch.spec import Architecture
from systui.model.snapshot import Snapshot
from systui.model.stop import Output
from systui.present.output import output_rows
from systui.present.rows import Row
from systui.tui.panes.base import ListWithLine, RowsPane
from systui.tui.panes.inputs import LineInput
from systui.tui.theme import Theme
from systui.words import _


class OutputList(RowsPane):
    """The lines written up to the stop shown."""

    pane = "output-list"
    sideways = True

    DEFAULT_CSS = """
    OutputList { height: 1fr; }
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._made_of: Sequence[Output] | None = None

    def hear(self, heard: Sequence[Output]) -> None:
        """Show what came since the stop shown, while the next is waited for."""
        if not heard or self.snapshot is None:
            return
        self._made_of = None
        self.set_rows(output_rows((*self.snapshot.output, *heard)))
        self.reveal(len(self.rows) - 1)

    def build(self, snapshot: Snapshot, architecture: Architecture, size: int) -> tuple[Row, ...]:
        """The lines of the output, made again only where there is more or less of it."""
        if snapshot.output is self._made_of or snapshot.output == self._made_of:
            return self.rows
        self._made_of = snapshot.output
        return output_rows(snapshot.output)

    def focus_row(self, snapshot: Snapshot) -> int | None:
        """The last line."""
        return len(self.rows) - 1 if self.rows else None


class StandardInput(LineInput):
    """Ctrl-D ends the program's input."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "end_of_file", show=False, priority=True)
    ]

    async def action_end_of_file(self) -> None:
        """As in a terminal: what was typed goes first, then the end."""
        await self.send(self.value)

    async def send(self, text: str) -> None:
        """Have the program read `text`; the line is empty again."""
        self.value = ""
        await self.app.run_action(("app", "type", (text.encode(),)))


class OutputPane(ListWithLine):
    """The output above, standard input below."""

    pane = "output"

    def __init__(self, theme: Theme) -> None:
        self.list = OutputList(theme)
        super().__init__(self.list)
        self.input_line = StandardInput(
            self._entered, _("standard input · Enter sends · ^D ends it")
        )

    def compose(self) -> ComposeResult:
        """List above input line."""
        yield self.list
        yield self.input_line

    def hear(self, heard: Sequence[Output]) -> None:
        """Show what came since."""
        self.list.hear(heard)

    async def _entered(self, text: str) -> None:
        await self.input_line.send(text + "\n")
