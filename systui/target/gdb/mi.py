"""gdb's machine interface as text: records in, commands out. Knows no process."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pygdbmi import gdbmiparser

from systui.model.errors import BadInputError
from systui.words import _

_RECORD = re.compile(r"(\d*)([\^*+=~@&])(.*)", re.DOTALL)
_MOVERS = {
    "continue": 1,
    "next": 1,
    "step": 1,
    "until": 1,
    "jump": 1,
    "run": 1,
    "kill": 1,
    "quit": 1,
    "nexti": 5,
    "ni": 2,
    "stepi": 5,
    "si": 2,
    "fg": 2,
    "finish": 3,
    "advance": 3,
    "start": 5,
    "starti": 6,
    "signal": 3,
    "detach": 3,
    "disconnect": 5,
    "target": 2,
    "attach": 2,
    "exit": 4,
    "rc": 2,
    "rs": 2,
    "rsi": 3,
    "rn": 2,
    "rni": 3,
}
"""gdb's commands that run the guest or let go of it, and the letters by which each is known."""
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Record:
    """One line of gdb's output: GDB/MI Output Syntax in gdb's manual."""

    token: int | None
    kind: str
    """`^` result, `*` execution, `+` status, `=` notice, `~` console, `@` target, `&` log."""
    name: str
    """`done`, `error`, `stopped`, …; empty for streams."""
    body: str
    """What follows the name, unparsed: most replies are read by a pattern, which is faster."""

    @cached_property
    def results(self) -> Mapping[str, Any]:
        """The results, parsed; empty where there are none or they cannot be parsed."""
        try:
            parsed = gdbmiparser.parse_response(f"^done,{self.body}")["payload"]
        except Exception:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    @cached_property
    def text(self) -> str:
        """A stream's words."""
        try:
            return str(gdbmiparser.parse_response(f"~{self.body}")["payload"] or "")
        except Exception:
            return self.body


def parse(line: bytes) -> Record | None:
    """Return the record in `line`; None for the prompt and for what is not MI."""
    match = _RECORD.match(line.decode("utf-8", "replace").rstrip("\r\n"))
    if match is None:
        return None
    token, kind, rest = match.groups()
    if kind in "~@&":
        return Record(None, kind, "", rest)
    name, _comma, body = rest.partition(",")
    return Record(int(token) if token else None, kind, name, body)


class Splitter:
    """Cuts gdb's output into records, wherever the reads happened to cut it."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Record]:
        """The records whose last byte is in `data`."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [record for line in lines if (record := parse(line)) is not None]


def quote(text: str) -> str:
    """`text` as one MI C string: nothing in it can end the argument or the line."""
    out = []
    for byte in text.encode("utf-8", "surrogateescape"):
        char = chr(byte)
        if char in '"\\':
            out.append(f"\\{char}")
        elif 0x20 <= byte < 0x7F:
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return f'"{"".join(out)}"'


def plain_path(path: Path) -> str:
    """An absolute `path` as text; BadInputError where control characters could end the line.

    Absolute, so that it cannot be taken for an option or for a `|command` to connect to.
    """
    text = str(path.absolute())
    if _UNSAFE.search(text):
        raise BadInputError(
            _("A file name with control characters cannot be given to gdb: {name}").format(
                name=ascii(text)
            )
        )
    return text


def cli_path(path: Path) -> str:
    """The same as one word of a gdb command line."""
    return re.sub(r"([^\w./+@%:,=-])", r"\\\1", plain_path(path))


def cli_line(text: str) -> str:
    """A line that a person typed for gdb, as an MI command; BadInputError for control characters.

    It can do what gdb's own command line can, and nothing beyond the one line; what would move
    the guest or take it away is BadInputError too.
    """
    word = re.match(r"[\w-]*", text.strip())
    if word is not None and (
        word[0].startswith("rev")
        or any(full.startswith(word[0]) and len(word[0]) >= n for full, n in _MOVERS.items())
    ):
        raise BadInputError(
            _("{command} is systui's own to do: its keys and commands move the guest.").format(
                command=word[0]
            )
        )
    if _UNSAFE.search(text):
        raise BadInputError(_("A gdb command is one line without control characters."))
    return f"-interpreter-exec console {quote(text)}"


_MOVING = (
    *("advance", "attach", "continue", "detach", "disconnect", "finish", "jump", "kill", "next"),
    *("nexti", "quit", "reverse-", "run", "signal", "start", "starti", "step", "stepi", "target"),
    *("until", "queue-signal"),
)
_SHORT = frozenset(("c", "fg", "s", "si", "n", "ni", "r", "u", "k", "q", "j", "fin", "st", "ru"))


def moves(line: str) -> bool:
    """Whether a line for gdb begins with a word that would move its target or let it go."""
    words = line.split(maxsplit=1)
    word = words[0].partition("/")[0] if words else ""
    begun = any(full.startswith(word) for full in _MOVING) and len(word) > 2
    return word in _SHORT or begun or word.startswith("reverse-")
