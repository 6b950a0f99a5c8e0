"""Keys to commands: one command at a time, repeated keys counted, hardly anything queued up."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from systui.session.session import Session
from systui.tui.moves import Move, Mover
from systui.words import _


@dataclass
class _Waiting:
    """A short move asked for while another ran."""

    move: Move
    count: int


class Steering:
    """Submits moves to a session.

    While a short move runs, more of the same are counted and then done in one go, so a key held
    down never runs ahead of the screen by more than one paint. While anything long runs, moves
    are not taken at all; but what is typed right behind a line that was entered, before the screen
    says that something runs, is done after it in the order typed.
    """

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self._session = session
        self._changed = changed
        self._waiting: list[_Waiting] = []
        self._ahead = False
        """Whether what is typed now was typed behind a line that was entered."""
        self._short = False
        self._quiet = False
        self._since = 0.0
        self.position: int | None = None
        """How far the command under way has come, where it tells."""
        self.running: str | None = None
        """Name of the command under way."""
        self.generation = 0
        """Of the last command; events of earlier ones are stale."""
        self.interrupted = False
        """True once the command under way was asked to end."""

    def move(self, move: Move) -> bool:
        """Do `move` now, or count it; False where something long runs."""
        if self.running is None:
            self._submit(move.run, move.name, short=move.short)
            return True
        if not (self._ahead or self._quiet or (self._short and move.short)):
            return False
        if self._waiting and self._waiting[-1].move is move:
            self._waiting[-1].count += move.short
        elif self._ahead or not self._waiting:
            self._waiting.append(_Waiting(move, 1))
        return True

    def run(self, mover: Mover, name: str) -> bool:
        """Do anything else, after a short move or what is looked up unseen; False where something
        long runs already.
        """
        if self.running is not None and not (self._ahead or self._quiet or self._short):
            return False
        self._ahead = True
        return self.move(Move(name, mover))

    def ask(self, mover: Mover, name: str) -> None:
        """Look something up, unseen: not while anything runs, and moves wait for its end."""
        if self.running is None:
            self._quiet = True
            self._submit(mover, name, short=True)

    def settled(self, generation: int) -> bool:
        """A command's last event came; False where it is a stale one's."""
        if generation < self.generation:
            return False
        self.running = None
        quiet, self._quiet = self._quiet, False
        if self._waiting:
            waiting = self._waiting.pop(0)
            move = waiting.move
            mover = move.times(waiting.count) if move.short else move.run
            self._submit(mover, move.name, short=move.short)
        else:
            self._ahead = False
        if not quiet:
            self._changed()
        return True

    @property
    def busy(self) -> bool:
        """Whether something runs that a person asked for."""
        return self.running is not None and not self._quiet

    def interrupt(self) -> bool:
        """Make what runs end soon; False where nothing does that a person asked for."""
        self._waiting.clear()
        if not self.busy:
            return False
        self._ahead = False
        self.interrupted = True
        self._session.interrupt()
        return True

    def running_text(self) -> str:
        """What to say while a command runs: how far it has come if that is known, else how long.

        Once it is said, nothing more is taken to have been typed ahead.
        """
        self._ahead = False
        if self.interrupted:
            return _("stopping …")
        if self.position is not None:
            shown = f"{self.position:,}"
            return _("running · step {position} · Esc stops it").format(position=shown)
        seconds = int(monotonic() - self._since)
        if seconds and self.running == "follow":
            return _("waiting for the call for {seconds} s · Esc stops it").format(seconds=seconds)
        if seconds:
            return _("running for {seconds} s · Esc stops it").format(seconds=seconds)
        return _("running · Esc stops it")

    def _submit(self, mover: Mover, name: str, *, short: bool) -> None:
        self.interrupted = False
        self.running, self._short, self._since = name, short, monotonic()
        self.position = None
        self.generation = self._session.submit(
            lambda debugger: void(mover(debugger, lambda: self.interrupted)), name
        )
        if not self._quiet:
            self._changed()


def void(_value: object) -> None:
    """Nothing: a session's commands answer nothing."""
