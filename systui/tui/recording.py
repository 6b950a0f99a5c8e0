"""Starting and ending a recording from the screen, and notes in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from systui.model.errors import BadInputError
from systui.target.recordable import Recordable
from systui.tui.questions import asks
from systui.words import _, plural

if TYPE_CHECKING:
    from systui.session.debugger import Debugger
    from systui.tui.main_screen import MainScreen
    from systui.tui.moves import Mover, ShouldStop

PURPOSES = ("record", "note")
"""The questions that are answered here."""
_SUFFIX = ".jsonl.zst"
_MOST_FILES = 1000


class Recordings:
    """What a person does about recording; of the target it only reads whether it is recorded."""

    def __init__(
        self,
        main: Callable[[], MainScreen],
        run: Callable[[Mover, str], object],
        say: Callable[[str], None],
    ) -> None:
        """`run` has a mover done on the session's thread, where `say` is called."""
        self._main = main
        self._run = run
        self._say = say
        self._target: Recordable | None = None
        self._program = ""
        self._lost = ""
        """What was said of a recording that ended by itself."""

    def take(self, target: Recordable | None, program: str) -> None:
        """What is debugged is known now; a target that is a recording itself is none."""
        self._target, self._program = target, program

    def toggle(self) -> None:
        """Ask where to record to; or end the recording."""
        if self._target is None:
            told = _("this is a recording already: to keep what it holds, keep its file")
            self._main().footer.say(told, "error")
        elif self._target.path is None:
            self._main().ask("record", *asks("record"), free_name(self._program or "systui"))
        else:
            self._run(_end(self._target, self._say), "record")

    def ask_note(self, key: str) -> None:
        """Ask for a note on this stop, where it is recorded; `key` begins a recording."""
        if self._target is None:
            told = _("notes are written while something is recorded, not into what was recorded")
            self._main().footer.say(told, "error")
        elif self._target.path is None:
            told = _("nothing is recorded, so there is no place for a note: {key} records")
            self._main().footer.say(told.format(key=key), "error")
        else:
            self._main().ask("note", *asks("note"))

    def answer(self, purpose: str, text: str) -> None:
        """Begin to record to the file `text`, or put the note `text` on this stop."""
        target = self._target
        if target is not None and purpose == "note":
            self._run(_note(text, target, self._say), purpose)
        elif target is not None:
            self._run(_begin(Path(text).expanduser(), target, self._say), purpose)

    def farewell(self) -> Callable[[], str]:
        """Gives, once the target is let go, what there is to say of a recording under way now."""
        target = self._target
        path = None if target is None else target.path
        if target is None or path is None:
            return str
        return lambda: (
            _lost(target) or _("recorded to {path}: `systui replay` plays it").format(path=path)
        )

    def tell(self) -> None:
        """Have the screen say whether it is recorded; once, why a recording ended by itself."""
        if self._target is None:
            return
        self._main().header.say_recording(self._target.path is not None)
        before, self._lost = self._lost, _lost(self._target)
        if self._lost not in ("", before):
            self._main().footer.say(self._lost, "error")


def free_name(program: str) -> str:
    """A name in the working directory that no file has, while there is one."""
    numbered = (f"{program}-{number}{_SUFFIX}" for number in range(2, _MOST_FILES))
    names = (program + _SUFFIX, *numbered)
    return next((each for each in names if not _is_there(each)), names[0])


def _is_there(path: Path | str) -> bool:
    return os.path.exists(path)  # noqa: PTH110  a name that is too long is no file's


def _begin(path: Path, target: Recordable, say: Callable[[str], None]) -> Mover:
    """Record from here on, to a new file."""

    def run(_debugger: Debugger, _should_stop: ShouldStop) -> None:
        if _is_there(path):
            raise BadInputError(_("{path} is there already: name another file").format(path=path))
        target.start_recording(path)
        say(_("recording to {path}").format(path=path))

    return run


def _end(target: Recordable, say: Callable[[str], None]) -> Mover:
    def run(_debugger: Debugger, _should_stop: ShouldStop) -> None:
        path = target.path
        count = target.stop_recording()
        if path is not None and not target.problem:
            say(
                plural(
                    "recorded {count:,} stop to {path}", "recorded {count:,} stops to {path}", count
                ).format(count=count, path=path)
            )

    return run


def _note(text: str, target: Recordable, say: Callable[[str], None]) -> Mover:
    def run(_debugger: Debugger, _should_stop: ShouldStop) -> None:
        target.note(text)
        say(_("noted"))

    return run


def _lost(target: Recordable) -> str:
    """What is to be said of a recording that ended by itself; empty where none did."""
    if not target.problem:
        return ""
    return _("the recording ended early: {why}; what it holds can be replayed").format(
        why=target.problem
    )
