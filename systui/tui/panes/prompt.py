"""A question at the bottom: a label, a line to type in, what is wrong with it."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from systui.tui.panes.inputs import LineInput


class Prompt(Vertical):
    """Takes the footer's place while it asks; what is wrong stands in a line above."""

    DEFAULT_CSS = """
    Prompt { height: auto; background: $panel; display: none; }
    Prompt > Horizontal { height: 1; }
    Prompt .label { width: auto; padding: 0 1; color: $primary; text-style: bold; }
    Prompt LineInput { width: 1fr; min-width: 16; }
    Prompt > .problem {
        display: none; width: 100%; padding: 0 1; color: $error; background: $surface;
        text-style: bold; max-height: 3;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.label = Static("", classes="label", markup=False)
        self.line = LineInput(self._entered)
        self.problem = Static("", classes="problem", markup=False)
        self.purpose = ""

    def compose(self) -> ComposeResult:
        """What is wrong, above label and line."""
        yield self.problem
        with Horizontal():
            yield self.label
            yield self.line

    def ask(self, purpose: str, label: str, placeholder: str, usual: str = "") -> None:
        """Ask for `purpose`; what is typed takes the place of `usual`."""
        self.purpose = purpose
        self.label.update(label)
        self.problem.display = False
        self.line.value = usual
        self.line.placeholder = placeholder
        self.display = True
        self.screen.set_focus(self.line)  # at once: the next key is part of the answer

    def complain(self, text: str) -> None:
        """Say what is wrong with the answer; the question stays."""
        self.problem.update(text)
        self.problem.display = True

    def done(self) -> None:
        """The question is over."""
        self.display = False

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.problem.display = False

    async def _entered(self, text: str) -> None:
        await self.app.run_action(("app", "answer", (self.purpose, text.strip())))
