"""Lines to type in: without a frame, one row high."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.widgets import Input


class LineInput(Input):
    """Textual's input as one bare row; Esc leaves it.

    A key is done with before the next one is looked at: had it to go through the queues of the
    line, of its pane and of the app, what is typed behind Enter or Esc would still go to this line.
    """

    DEFAULT_CSS = """
    LineInput, LineInput:focus {
        height: 1; border: none; padding: 0 1; background: $surface; color: $foreground;
        background-tint: $foreground 0%;
    }
    LineInput:focus { background: $panel; }
    LineInput > .input--placeholder { color: $foreground 80%; text-style: italic; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", show=False)]

    def __init__(
        self,
        entered: Callable[[str], Awaitable[object]],
        placeholder: str = "",
        *,
        select_on_focus: bool = True,
    ) -> None:
        """`entered`: what Enter does with the line."""
        super().__init__(placeholder=placeholder, select_on_focus=select_on_focus)
        self._entered = entered

    async def take(self, event: Key | Paste) -> bool:
        """Do what a key does here, all of it; False where it has no meaning."""
        if isinstance(event, Paste):
            self._on_paste(event)
            return True
        if event.is_printable:
            await self._on_key(event)
            return True
        bound = self.screen.active_bindings.get(event.key)
        return bound is not None and await self.app.run_action(bound.binding.action, bound.node)

    async def action_submit(self) -> None:
        """Enter."""
        await self._entered(self.value)

    async def action_leave(self) -> None:
        """Give up what was typed."""
        self.value = ""
        await self.app.run_action("leave", self.screen)
