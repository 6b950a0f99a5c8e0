"""The app: passes keys to the session and its stops to the panes, and does nothing itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.events import Event as ScreenEvent
from textual.events import Key, Paste
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from systui.model.code import Location
from systui.model.errors import SystuiError
from systui.model.stop import Reason
from systui.present.rows import visible
from systui.session.session import Event, Failed, Progress, Session, Stopped
from systui.settings.config import Settings
from systui.target.protocol import Direction
from systui.tui import messages, recording
from systui.tui.actions import registry
from systui.tui.consoling import DATA_PANES, Consoling
from systui.tui.facts import Facts, read_facts
from systui.tui.keeping import Keeper
from systui.tui.keys import rebound
from systui.tui.looks import Looks, without_colour
from systui.tui.main_screen import MainScreen
from systui.tui.moves import (
    MOVES,
    Move,
    Mover,
    ShouldStop,
    run_to,
    set_breakpoints,
    toggle_breakpoint,
)
from systui.tui.panes.inputs import LineInput
from systui.tui.questions import FINDS, search, wanted
from systui.tui.steering import Steering, void
from systui.tui.walking import Walking
from systui.words import _

if TYPE_CHECKING:
    from systui.follow.script import Script
    from systui.session.debugger import Debugger

_RUNNING_SHOWN_EVERY = 0.15
"""Seconds after which a command that runs says so; shorter ones would only flicker."""


class SystuiApp(App[int]):
    """One screen over one session."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        create: Callable[[], Debugger],
        *,
        title: str,
        follow: str | None = None,
        script: Script | None = None,
        theme_name: str | None = None,
        settings: Settings | None = None,
        waits: Callable[[], str] = str,
    ) -> None:
        super().__init__(ansi_color=without_colour() or None)
        settings = settings or Settings(Path(), remember=False)
        self.keeper = Keeper(settings)
        self.looks = Looks(settings.themes, self.console.color_system)
        self.look = self.looks.first(theme_name, self.keeper.theme or settings.theme)
        self.actions = rebound(registry(), settings)
        self.session = Session(create, self._emit)
        self.steering = Steering(self.session, self._running_changed)
        self.facts: Facts | None = None
        self.error: Exception | None = None
        self.farewell = ""
        """What is to be said once the screen is gone."""
        self._title = title
        self._waits = waits
        self._begun = monotonic()
        self._first = None if follow is None else ("follow", follow)
        """The question that was answered before there was a stop, and its answer."""
        self._scripted = script is not None
        self.walking = Walking(script, lambda note: void(self.post_message(messages.Noted(note))))
        self.consoling = Consoling(
            self.walking.begin,
            self.post_message,
            lambda: self.main.memory.wish,
            lambda: self.main.table.list.chosen,
        )
        self._sought = ""
        """What was searched for last: an empty answer means it again."""
        self._typed_during = -1
        """The command, by its generation, during which something was typed to the program last."""
        self._said_running: Timer | None = None
        self.recordings = recording.Recordings(lambda: self.main, self.run_mover, self._say)
        self._breakpoints: Sequence[str] = ()
        """Those of the last time, until they are set again."""

    def get_default_screen(self) -> Screen[Any]:
        """The panes."""
        return MainScreen(self.look, self._title, self.actions)

    def on_mount(self) -> None:
        """Take the theme's colours; the target is made once the screen has been painted."""
        self._colour()
        self.main.desk.arranging.restore(self.keeper.panes)
        self.main.console.line.history = self.keeper.history()
        self.main.footer.say(self.keeper.notice)
        self.call_after_refresh(self._begin)

    def _colour(self) -> None:
        self.register_theme(self.look.screen_theme)
        self.theme = self.look.screen_theme.name

    def _begin(self) -> None:
        self.session.start()
        self.steering.run(lambda debugger, _: self._tell(debugger), "start")

    def _tell(self, debugger: Debugger) -> None:
        self.post_message(messages.Told(read_facts(debugger)))

    def on_unmount(self) -> None:
        """Let the target go."""
        farewell = self.recordings.farewell()
        self.session.close()
        self.farewell = farewell()
        self.keeper.finish()

    @property
    def main(self) -> MainScreen:
        """The main screen, also while help covers it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    def _emit(self, event: Event) -> None:
        """Called on the session's thread."""
        if self.is_running:
            self.post_message(messages.SessionEvent(event))

    @on(messages.SessionEvent)
    def _session_event(self, message: messages.SessionEvent) -> None:
        match message.event:
            case Stopped() as stopped:
                self._stopped(stopped)
            case Failed() as failed:
                self._failed(failed)
            case Progress(position=position):
                self.steering.position = position

    def _stopped(self, stopped: Stopped) -> None:
        snapshot = stopped.snapshot
        if not self.steering.settled(stopped.generation) or self.facts is None:
            return
        self.main.show(snapshot, self.facts.architecture, stopped.answers)
        self.recordings.tell()
        if snapshot.stop.reason is Reason.BLOCKED:
            self.main.desk.bring("output", focus=False)
        if self._first is not None:
            first, self._first = self._first, None
            self._scripted = False  # the script is walked for this call
            self.answer(*first)
        elif self._scripted:
            self._scripted = False
            self.run_mover(self.walking.begin(None), "follow")
        elif self._breakpoints:
            places, self._breakpoints = self._breakpoints, ()
            self.run_mover(set_breakpoints(places, self._say_places), "breakpoints")
        elif stopped.generation == self._typed_during and snapshot.stop.reason is Reason.BLOCKED:
            # It was typed as the program was being told to wait, which may not have read it yet.
            self.run_mover(self.walking.go_on, "input")

    def _failed(self, failed: Failed) -> None:
        if self.facts is None:
            self.error = failed.error
            self.exit(2)
            return
        name = self.steering.running
        if not self.steering.settled(failed.generation):
            return
        error = failed.error
        text = f"{type(error).__name__}: {error}" if failed.internal else str(error)
        if name != "refresh":
            self.steering.ask(lambda debugger, _: None, "refresh")
        self.main.footer.say(text, "error")

    @on(messages.Told)
    def _told_facts(self, message: messages.Told) -> None:
        assert isinstance(message.facts, Facts)
        self.facts = message.facts
        self._breakpoints = self.keeper.breakpoints(message.facts.key)
        self.recordings.take(message.facts.recorded, message.facts.program)
        self.main.introduce(message.facts)

    def _running_changed(self) -> None:
        if self._said_running is not None:
            self._said_running.stop()
            self._said_running = None
        if self.steering.running is None:
            self.main.header.say_running("")
            if self.main.footer.message == _busy():
                self.main.footer.say("")
        else:
            self._said_running = self.set_interval(_RUNNING_SHOWN_EVERY, self._progress)

    def _progress(self) -> None:
        if self.steering.running is None:
            return
        opened = self.facts is not None
        self.main.header.say_running(self.steering.running_text() if opened else self._opening())
        self.main.output.hear(self.session.heard)

    def _opening(self) -> str:
        """What is waited for before there is anything to see, and how to end that."""
        return _("{what} · {seconds} s · {key} leaves").format(
            what=self._waits() or _("starting"),
            seconds=int(monotonic() - self._begun),
            key=self._key_of("quit"),
        )

    def _key_of(self, name: str) -> str:
        return next(action.shown_key for action in self.actions if action.id == name)

    # From the person

    def action_do(self, name: str) -> None:
        """Do the action called `name`."""
        self.main.footer.say("")
        if name in MOVES:
            self.move(name)
            return
        owner = self if hasattr(self, f"do_{name}") else self.main
        getattr(owner, f"do_{name}")()

    def action_do_at_once(self, name: str) -> None:
        """The same, for a key that no line has a use for."""
        self.action_do(name)

    async def on_event(self, event: ScreenEvent) -> None:
        """A key for a line is done with here, before the next one is looked at."""
        comes = isinstance(event, Key | Paste) and not event.is_forwarded
        if not (comes and await self._line_takes(event)):
            await super().on_event(event)

    async def _line_takes(self, event: ScreenEvent) -> bool:
        line = self.focused
        if not (isinstance(line, LineInput) and isinstance(event, Key | Paste)):
            return False
        return await line.take(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A line that is typed in has the first word on every key."""
        return action != "do_at_once" or not isinstance(self.focused, Input)

    def move(self, name: str) -> None:
        """Move the debugger; while something long runs, say how to stop it."""
        if self.facts is None:
            return
        if name == "restart":
            self.main.forget()
            self.walking.forget()
        move = Move(name, self.walking.further) if name == "landmark" else MOVES[name]
        if not self.steering.move(move):
            self._say_busy()

    def _say_busy(self) -> None:
        self.main.footer.say(_busy())

    def run_mover(self, mover: Mover, name: str) -> bool:
        """Have the session do `mover`; False, and said, where something runs already."""
        taken = self.steering.run(mover, name)
        if not taken:
            self._say_busy()
        return taken

    def answer(self, purpose: str, text: str) -> bool:
        """Do what `text` answers to `purpose`; False, with a word why, where it cannot be done."""
        if self.facts is None:
            self._first = purpose, text
            return True
        if purpose in recording.PURPOSES:
            self.recordings.answer(purpose, text)
            return True
        try:
            if purpose in FINDS:
                name, mover = purpose, search(text, purpose, self.facts.architecture)
                self._sought = text
            else:
                name, mover = wanted(
                    purpose,
                    text,
                    self.facts.table,
                    self._say_places,
                    self.walking.begin,
                )
        except SystuiError as error:
            self.main.complain(str(error))
            return False
        self.run_mover(mover, name)
        return True

    def action_answer(self, purpose: str, answer: str) -> None:
        """The prompt for `purpose` was answered."""
        text = answer or (self._sought if purpose in FINDS else "")
        if not text or self.answer(purpose, text):
            self.main.close_prompt()

    @on(messages.Noted)
    def _noted(self, message: messages.Noted) -> None:
        self.main.effect.coming = message.text

    @on(messages.Said)
    def _said(self, message: messages.Said) -> None:
        self.main.footer.say(message.text, "accent")
        if message.breakpoints is not None:
            self._take_breakpoints(message.breakpoints, message.names)

    def _take_breakpoints(self, places: tuple[Location, ...], names: tuple[str, ...]) -> None:
        self.main.take_breakpoints(places)
        self.keeper.keep_breakpoints(names)

    # The console

    def action_command(self, text: str) -> None:
        """Do a line of the console; it can be entered again where something runs already."""
        self.keeper.keep_line(text)
        if not self.run_mover(self.consoling.enter(text), "console"):
            self.main.console.line.value = text

    @on(messages.Answered)
    def _answered(self, message: messages.Answered) -> None:
        self.main.console.answer(message.text, message.rows)
        self._take_breakpoints(message.breakpoints, message.names)

    @on(messages.Completing)
    def _completing(self, message: messages.Completing) -> None:
        self.run_mover(self.consoling.complete(message.text), "complete")

    @on(messages.Completed)
    def _completed(self, message: messages.Completed) -> None:
        self.main.console.line.complete(message.text, message.new)
        self.main.footer.say("  ".join(message.found), "text")

    @on(messages.FrameChosen)
    def _frame_chosen(self, message: messages.FrameChosen) -> None:
        self.run_mover(self.consoling.select(message.number), "frame")

    @on(messages.PanesSeen)
    def _panes_seen(self) -> None:
        seen = self.main.desk.plan.boxes
        fresh = set(seen).intersection(DATA_PANES).difference(self.session.probes)
        self.session.probes = self.consoling.probes(seen)
        if fresh:
            self._ask_again()

    @on(messages.Wanted)
    def _ask_again(self) -> None:
        """Have the panes' questions asked at this stop again."""
        if self.facts is not None:
            self.steering.ask(lambda debugger, _: None, "refresh")

    @on(messages.Chosen)
    def _chosen(self, message: messages.Chosen) -> None:
        self.action_choose(message.text)

    def action_choose(self, call: str) -> None:
        """Follow a call of the table."""
        self.main.footer.say("")
        self.answer("follow", call)

    @on(messages.StopChosen)
    def _stop_chosen(self, message: messages.StopChosen) -> None:
        self.main.footer.say("")
        self.answer("goto", str(message.position))

    @on(messages.PhaseChosen)
    def _phase_chosen(self, message: messages.PhaseChosen) -> None:
        self.action_do(f"phase_{message.index}")

    @on(messages.ActionChosen)
    def _action_chosen(self, message: messages.ActionChosen) -> None:
        self.action_do(message.action)

    def action_type(self, data: bytes) -> None:
        """Give the program `data` to read; nothing is the end of its input."""
        if self.steering.busy and self.session.type(data):
            self._typed_during = self.steering.generation
            return

        def send(debugger: Debugger, should_stop: ShouldStop) -> None:
            debugger.target.send_input(data)
            if debugger.stop.reason is Reason.BLOCKED:
                self.walking.go_on(debugger, should_stop)
            else:
                self.post_message(messages.Said(_("Kept until the program reads it.")))

        self.run_mover(send, "input")

    def do_interrupt(self) -> None:
        """Stop what runs; with nothing running, lead back; at the source, tell the way out.

        What is waited for at first is not stopped: without it there is nothing to show.
        """
        if self.facts is not None and self.steering.interrupt():
            self._progress()
        elif self.facts is not None and self.main.at_source:
            told = _("Nothing is running. {key} leaves systui.").format(key=self._key_of("quit"))
            self.main.footer.say(told)
        else:
            self.main.close_prompt()

    def do_to_cursor(self) -> None:
        """Run to the source's cursor."""
        self._at_cursor(lambda place: run_to(place, Direction.FORWARD))

    def do_to_cursor_back(self) -> None:
        """The same backwards."""
        self._at_cursor(lambda place: run_to(place, Direction.BACKWARD))

    def do_break_here(self) -> None:
        """Set or clear a breakpoint at the cursor."""
        self._at_cursor(lambda place: toggle_breakpoint(place, self._say_places))

    def _at_cursor(self, make: Callable[[str], Mover]) -> None:
        place = self.main.source.at_cursor
        if place is not None:
            self.run_mover(make(place), "cursor")

    def do_record(self) -> None:
        """Ask where to record to; or end the recording."""
        if self.facts is not None:
            self.recordings.toggle()

    def do_note(self) -> None:
        """Ask for a note on this stop."""
        if self.facts is not None:
            self.recordings.ask_note(self._key_of("record"))

    def _say_places(
        self,
        text: str,
        places: tuple[Location, ...] | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        """The same, with where breakpoints are now. Any thread."""
        self.post_message(messages.Said(text, places, names))

    def _say(self, text: str) -> None:
        """Have `text` in the footer. Any thread."""
        self.post_message(messages.Said(text))

    def do_palette(self) -> None:
        """Find an action by name."""
        from systui.tui.palette import Palette

        self.push_screen(Palette(self.look, self.actions))

    def do_panes(self) -> None:
        """Jump to a pane, hide one or have it back."""
        from systui.tui.pane_list import PaneList

        self.push_screen(PaneList(self.look, self.main.desk.arranging))

    @on(messages.PaneChosen)
    def _pane_chosen(self, message: messages.PaneChosen) -> None:
        self.main.desk.bring(message.pane)

    @on(messages.Arranged)
    def _arranged(self) -> None:
        self.main.desk.lay_out()
        self.keeper.keep_panes(self.main.desk.arranging.kept())

    def do_picture(self) -> None:
        """Write the screen as an SVG file, and say where."""
        from systui.tui.picture import picture, save

        svg = picture(self)

        def write() -> None:
            try:
                self._say(_("picture in {path}").format(path=save(svg, self._title)))
            except OSError as error:
                self._say(_("no picture: {why}").format(why=error))

        self.run_worker(write, thread=True)

    def do_theme(self) -> None:
        """The next theme."""
        self.look, problem = self.looks.after(self.look)
        self._colour()
        self.main.restyle(self.look)
        self.main.footer.say(problem or _(self.look.title), "error" if problem else "accent")
        self.keeper.keep_theme(self.look.name)

    def do_help(self) -> None:
        """Show the help."""
        from systui.tui.help import HelpScreen

        self.push_screen(HelpScreen(self.look, self.actions))

    def do_quit(self) -> None:
        """Leave; what runs is ended."""
        self.session.interrupt()
        self.exit(0)


def _busy() -> str:
    return _("Something runs already; Esc stops it.")


def run(
    create: Callable[[], Debugger],
    *,
    title: str,
    follow: str | None = None,
    script: Script | None = None,
    theme_name: str | None = None,
    settings: Settings | None = None,
    waits: Callable[[], str] = str,
) -> int:
    """Show the screen over the debugger that `create` makes, until the person leaves.

    `create` is called on the session's thread after the first paint; `title` is what is known
    before it (the program's name). `script` is walked for the call `follow`
    (`[abi:]number|name[#nth]`), or at once where there is no
    call to follow. `waits`, asked now and then until there is a debugger, says what is waited for.
    Raises what `create` raised; BadInputError for a bad theme and bad settings.
    """
    for stale in ("COLUMNS", "LINES"):  # exported by a shell: the terminal itself knows better
        os.environ.pop(stale, None)
    app = SystuiApp(
        create,
        title=title,
        follow=follow,
        script=script,
        theme_name=theme_name,
        settings=settings,
        waits=waits,
    )
    app.run()
    if app.error is not None:
        raise app.error
    if app.farewell:
        print(f"systui: {visible(app.farewell)}", file=sys.stderr)
    return app.return_code or 0
