"""The main screen: header, timeline, desk and footer, and what a person does with them alone."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from textual.app import ComposeResult
from textual.events import DescendantBlur, DescendantFocus, Resize
from textual.screen import Screen

from systui.arch.spec import Architecture
from systui.model.code import Location
from systui.model.snapshot import Snapshot
from systui.model.stop import Reason
from systui.tui import messages
from systui.tui.actions import Action, bindings
from systui.tui.consoling import FRAME, TASKS, Framed
from systui.tui.desk import Desk
from systui.tui.facts import Facts
from systui.tui.layout import MINIMUM
from systui.tui.panes.console import ConsolePane
from systui.tui.panes.effect import EffectLine
from systui.tui.panes.footer import Footer
from systui.tui.panes.header import Header
from systui.tui.panes.memory import MemoryPane
from systui.tui.panes.output import OutputPane
from systui.tui.panes.prompt import Prompt
from systui.tui.panes.registers import RegistersPane
from systui.tui.panes.registry import KINDS, Pane
from systui.tui.panes.source import CodePane, SourcePane
from systui.tui.panes.table import TablePane
from systui.tui.panes.timeline import Timeline
from systui.tui.panes.too_small import TooSmall
from systui.tui.questions import asks
from systui.tui.theme import Theme
from systui.tui.trail import Trail
from systui.words import _

NOTHING: Mapping[str, object] = MappingProxyType({})
_Pane = TypeVar("_Pane", bound=Pane)


class MainScreen(Screen[None], inherit_bindings=False):
    """Everything that is seen while nothing covers it."""

    AUTO_FOCUS = "#source"
    DEFAULT_CSS = """
    MainScreen { background: $background; layers: base over; }
    """

    def __init__(self, look: Theme, title: str, actions: Sequence[Action]) -> None:
        super().__init__()
        self._keys = bindings(actions)
        self.trail = Trail()
        self.header = Header(look, title)
        self.timeline = Timeline(look)
        self.panes = tuple([kind.make(look) for kind in KINDS])
        self.source = self.pane(SourcePane)
        self.table = self.pane(TablePane)
        self.output = self.pane(OutputPane)
        self.registers = self.pane(RegistersPane)
        self.console = self.pane(ConsolePane)
        self.memory = self.pane(MemoryPane)
        self.code = CodePane(look)
        self.source.trail = self.code.trail = self.trail
        self.effect = EffectLine(look)
        self.desk = Desk((*self.panes, self.code, self.effect), look)
        self.footer = Footer(look, actions)
        self.prompt = Prompt()
        self.too_small = TooSmall(look)
        self.shown: Snapshot | None = None
        """The stop on the screen."""

    def pane(self, kind: type[_Pane]) -> _Pane:
        """The pane of class `kind`."""
        return next(pane for pane in self.panes if isinstance(pane, kind))

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self.timeline
        yield self.desk
        yield self.footer
        yield self.prompt
        yield self.too_small

    def on_mount(self) -> None:
        """Take the keys of the registry."""
        for binding in self._keys:
            self._bindings.key_to_bindings.setdefault(binding.key, []).append(binding)

    # What is shown

    def introduce(self, facts: Facts) -> None:
        """Show what is debugged."""
        self.header.take_title(facts.title)
        self.table.list.origin_of = facts.origin
        self.table.list.take(facts.table)
        self.table.calls = facts.calls
        self.source.name_of = self.code.name_of = facts.name
        self.effect.noted = facts.noted

    def take_breakpoints(self, places: tuple[Location, ...]) -> None:
        """Mark where breakpoints are set."""
        for pane in (self.source, self.code):
            pane.breaks = places
            pane.present()

    def show(
        self,
        snapshot: Snapshot,
        architecture: Architecture,
        answers: Mapping[str, object] = NOTHING,
    ) -> None:
        """Show another stop, everywhere; `answers` are what panes wanted to know of it."""
        self.trail.record(snapshot)
        self.shown = snapshot
        for pane in self.panes:
            if pane.pane in answers:
                pane.take_answer(answers[pane.pane])
        self.header.show(snapshot)
        self._meet(answers.get(TASKS))
        self.timeline.show(snapshot)
        framed = answers.get(FRAME)
        seen = framed.over(snapshot) if isinstance(framed, Framed) else snapshot
        for pane in (*self.panes, self.code, self.effect):
            own = pane in (self.source, self.code, self.registers)
            pane.show(seen if own else snapshot, architecture)
        self.desk.show_code(self.source.text is not None)
        self.desk.take_facts({pane.id or "": pane.facts for pane in self.panes})

    def _meet(self, pids: object) -> None:
        """Take note of the tasks there are; where they are several, their pane is offered."""
        if isinstance(pids, tuple):
            self.timeline.history.tasks.update(pids)
            if len(self.timeline.history.tasks) > 1:
                self.desk.offer("tasks")

    def forget(self) -> None:
        """Another run begins: what was seen of this one is not its past."""
        self.trail.forget()
        self.timeline.forget()

    def restyle(self, look: Theme) -> None:
        """Take another theme."""
        for part in (self.header, self.timeline, self.desk, self.footer, self.too_small):
            part.restyle(look)
        for pane in (*self.panes, self.code, self.effect):
            pane.restyle(look)

    def on_resize(self, event: Resize) -> None:
        """Say so where nothing useful fits."""
        columns, rows = MINIMUM
        self.too_small.display = event.size.width < columns or event.size.height < rows

    # Focus

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show where the focus is."""
        self.desk.note_focus(event.widget)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """The same when it goes."""
        self.desk.note_focus(self.focused)

    def on_pane_chosen(self, message: messages.PaneChosen) -> None:
        """A heading was clicked."""
        self.desk.bring(message.pane)

    async def action_leave(self) -> None:
        """A line was left; the prompt closes, of the others the app has more to say."""
        if self.prompt.display:
            self.close_prompt()
        else:
            await self.app.run_action("do('interrupt')")

    # The prompt

    def ask(self, purpose: str, label: str, placeholder: str, usual: str = "") -> None:
        """Ask for something in the footer's place; `usual` is answered by Enter alone."""
        self.footer.display = False
        self.prompt.ask(purpose, label, placeholder, usual)

    @property
    def at_source(self) -> bool:
        """Whether nothing is left to lead back from."""
        return not self.prompt.display and self.desk.focused_pane == "source"

    def close_prompt(self) -> None:
        """Back from the prompt, or from any input, to the source."""
        self.prompt.done()
        self.footer.display = True
        self.desk.bring("source")

    def complain(self, problem: str) -> None:
        """Say what is wrong, next to what was typed or in the footer."""
        if self.prompt.display:
            self.prompt.complain(problem)
        else:
            self.footer.say(problem, "error")

    # Actions that concern the screen alone; `SystuiApp.action_do` calls them

    def do_follow(self) -> None:
        """Ask for a call."""
        self.ask("follow", *asks("follow"))

    def do_goto(self) -> None:
        """Ask for a position."""
        self.ask("goto", *asks("goto"))

    def do_break(self) -> None:
        """Ask for a place."""
        self.ask("break", *asks("break"))

    def do_find(self) -> None:
        """Ask what to search for, forwards."""
        self.ask("find", *asks("find"))

    def do_find_back(self) -> None:
        """Ask what to search for, backwards."""
        self.ask("find_back", *asks("find_back"))

    def do_next_pane(self) -> None:
        """Focus the next pane."""
        self.desk.step_focus(1)

    def do_previous_pane(self) -> None:
        """Focus the pane before."""
        self.desk.step_focus(-1)

    def do_zoom(self) -> None:
        """The whole desk for the pane that has the focus."""
        self.desk.arranging.zoom(self.desk.focused_pane or "source")
        self.desk.rearrange()

    def do_hide(self) -> None:
        """Hide the pane that has the focus."""
        pane = self.desk.focused_pane or "source"
        if not self.desk.arranging.hide(pane):
            self.footer.say(_("The source stays; Tab goes to another pane."))
            return
        self.desk.rearrange()
        self.desk.bring("source")

    def do_taller(self) -> None:
        """More lines for the pane that has the focus."""
        self._grow(1, beside=False)

    def do_shorter(self) -> None:
        """Fewer of them."""
        self._grow(-1, beside=False)

    def do_wider(self) -> None:
        """More columns for it."""
        self._grow(1, beside=True)

    def do_narrower(self) -> None:
        """Fewer of them."""
        self._grow(-1, beside=True)

    def _grow(self, by: int, *, beside: bool) -> None:
        desk = self.desk
        if desk.arranging.grow(desk.plan, desk.focused_pane or "source", by, beside=beside):
            desk.rearrange()
        else:
            self.footer.say(_("No line on that side can be moved here."))

    def do_rearrange(self) -> None:
        """The usual arrangement."""
        self.desk.arranging.reset()
        self.desk.rearrange()

    def do_search(self) -> None:
        """Search the table."""
        self.desk.bring("table", focus=False)
        self.set_focus(self.table.search_line)

    def do_ledger(self) -> None:
        """Show the ledger."""
        self.desk.bring("ledger")

    def do_output(self) -> None:
        """Show the output; its input line where the program waits for it."""
        self.desk.bring("output")
        if self.shown is not None and self.shown.stop.reason is Reason.BLOCKED:
            self.set_focus(self.output.input_line)

    def do_console(self) -> None:
        """The command line."""
        self.desk.bring("console", focus=False)
        self.set_focus(self.console.line)

    def do_set(self) -> None:
        """The command line, with `set` typed."""
        self.do_console()
        self.console.line.value = "set "
        self.console.line.cursor_position = 4

    def do_memory(self) -> None:
        """Show memory, and ask for an address."""
        self.desk.bring("memory", focus=False)
        self.set_focus(self.memory.line)

    def do_backtrace(self) -> None:
        """Show the frames."""
        self.desk.bring("backtrace")

    def do_way(self) -> None:
        """Show the map of the entry code, with the call's way."""
        self.desk.bring("way")

    def do_tasks(self) -> None:
        """Show the tasks side by side."""
        self.desk.bring("tasks")

    def do_disassembly(self) -> None:
        """Lines or instructions."""
        self.source.disassembled = not self.source.disassembled
        self.source.present()
        self.desk.show_code(self.source.text is not None)
