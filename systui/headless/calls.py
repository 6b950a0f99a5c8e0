"""`systui trace`'s output: a line for each call in strace's form, or JSON."""

import json
from collections.abc import Callable, Iterator

from systui.decode.forms.signals import info_text
from systui.model.stop import Happening, Stop
from systui.session.calls import Begun, Done, Event, Filter, Made

Write = Callable[[str], None]
_COLUMN = 40
"""Where results begin, at the earliest, as strace aligns them."""


class Lines:
    """Calls as text. One that another task's interrupts is unfinished, and resumed later."""

    def __init__(self, write: Write, wanted: Filter, all_tasks: bool) -> None:
        """`wanted` says which calls; `all_tasks`: not only the first."""
        self._write = write
        self._wanted = wanted
        self._all = all_tasks
        self._first: int | None = None
        self._names: set[int] = set()
        self._open: Made | None = None
        """The call whose line has begun and not ended."""
        self._unfinished: dict[int, int] = {}
        """Tasks whose calls' lines were broken off, and how many arguments stood there."""

    def event(self, event: Event) -> None:
        """Show it, where it is wanted."""
        if isinstance(event, Stop):
            self._break_off()
            return
        task = event.task if isinstance(event, Happening) else event.made.task
        if self._first is None:
            self._first = task.pid
        self._names.add(task.pid)
        if not self._all and task.pid != self._first:
            return
        if isinstance(event, Happening):
            self._happening(event)
        elif self._wanted(event.made.call):
            self._begun(event.made) if isinstance(event, Begun) else self._done(event)

    def _prefix(self, pid: int) -> str:
        return f"[pid {pid:5d}] " if self._all and len(self._names) > 1 else ""

    def _begun(self, made: Made) -> None:
        self._break_off()
        self._open = made

    def _break_off(self) -> None:
        """Another task has something to say: the open line ends here."""
        made, self._open = self._open, None
        if made is None:
            return
        shown = _before_filled(made)
        self._unfinished[made.task.pid] = len(shown)
        comma = ", " if shown and len(shown) < len(made.call.given) else ""
        text = f"{made.call.title}({', '.join(shown)}{comma}"
        self._write(f"{self._prefix(made.task.pid)}{text} <unfinished ...>")

    def _done(self, done: Done) -> None:
        made = done.made
        if self._open is not made:
            self._break_off()
        self._open = None
        stood = self._unfinished.pop(made.task.pid, None)
        if stood is not None:
            text = f"<... {made.call.name} resumed>{', '.join(done.arguments[stood:])})"
        else:
            text = f"{made.call.title}({', '.join(_resumed(made) or done.arguments)})"
        self._write(f"{self._prefix(made.task.pid)}{text:<{_COLUMN - 1}} = {done.text}")

    def _happening(self, event: Happening) -> None:
        self._break_off()
        pid = event.task.pid
        self._write(f"{self._prefix(pid)}{happening_text(event)}")
        if event.kind in {"exited", "killed"}:
            self._names.discard(pid)


def _resumed(made: Made) -> list[str]:
    """What strace says in place of restart_syscall's arguments, of which there are none."""
    return [f"<... resuming interrupted {made.resumes} ...>"] if made.resumes else []


def _before_filled(made: Made) -> list[str]:
    """The arguments up to the first that the call fills in."""
    shown = _resumed(made)
    for told in made.call.given:
        if told.text is None:
            break
        shown.append(told.on_the_line)
    return shown


def happening_text(event: Happening) -> str:
    """`--- SIGCHLD {…} ---`, `+++ exited with 0 +++`."""
    match event.kind:
        case "signal":
            return f"--- {event.signal} {info_text(event.info)} ---"
        case "stopped":
            return f"--- stopped by {event.signal} ---"
        case "exited":
            return f"+++ exited with {event.status} +++"
    core = " (core dumped)" if event.core else ""
    return f"+++ killed by {event.signal}{core} +++"


class Objects:
    """The same as JSON, one object a line."""

    def __init__(self, write: Write, wanted: Filter) -> None:
        self._write = write
        self._wanted = wanted

    def event(self, event: Event) -> None:
        """Write it, where it is wanted."""
        for found in self._objects(event):
            self._write(json.dumps(found, ensure_ascii=False))

    def _objects(self, event: Event) -> Iterator[dict[str, object]]:
        if isinstance(event, Happening):
            yield {
                "event": event.kind,
                "pid": event.task.pid,
                "comm": event.task.name,
                **({"signal": event.signal} if event.signal else {}),
                **({"status": event.status} if event.kind == "exited" else {}),
                "text": happening_text(event),
            }
        elif isinstance(event, Done) and self._wanted(event.made.call):
            made = event.made
            yield {
                "event": "call",
                "pid": made.task.pid,
                "comm": made.task.name,
                "position": made.position,
                "abi": made.abi,
                "number": made.number,
                "name": made.call.name,
                **({"through": made.call.through} if made.call.through else {}),
                **({"resumes": made.resumes} if made.resumes else {}),
                "arguments": event.arguments,
                "result": event.result,
                "text": event.text,
            }
