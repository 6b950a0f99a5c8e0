"""The words of the recording format, as docs/session-format.md tells them, and their limits.

Everything read from a file is taken as hostile: a value of the wrong type or size is
`DamageError`, which never leaves `systui.target.recorded`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from systui.kernel.harmless import harmless
from systui.model.edit import Edit
from systui.model.stop import Killed, Reason, Task

VERSION = 1
SEGMENT_STOPS = 256
"""Stops that the recorder puts into one segment, which begins with a key stop."""
MOST_STOPS = 4096
"""Stops of a segment that are read; a writer must begin a new one before."""
MOST_LINES = 1 << 15
"""Lines of a segment that are read."""
LONGEST_LINE = 1 << 20
MOST_TASK_EVENTS = 20_000
"""Of what tasks did: written and read."""
LARGEST_SEGMENT = 1 << 24
"""Bytes of a segment, unpacked."""
LONGEST_TEXT = 4096
LARGEST_SCAN = 1 << 30
"""Bytes, unpacked, that are looked through where the index is missing."""
HIGHEST_POSITION = 1 << 62
WORD = 8

Pairs = dict[str, object]
_ENCODER = json.JSONEncoder(separators=(",", ":"))
"""Plain ASCII. One for all: `json.dumps` would make one a call."""
_DECODER = json.JSONDecoder()
"""What is below `json.loads`, which looks for the encoding first: that costs as much as a line."""


class DamageError(Exception):
    """A line that does not say what the format allows."""


class Header(NamedTuple):
    """The first line."""

    target: str
    arch: str
    kernel: str
    build_id: str | None
    slide: int
    program: str | None
    program_hash: str | None
    """SHA-256 of the program's file in hexadecimal."""
    program_slide: int
    tasks: tuple[Task, ...]
    cpus: int
    command: str | None
    """The command line that made it, as a person may type it again."""


def dump(value: object) -> bytes:
    """One line."""
    return _ENCODER.encode(value).encode() + b"\n"


def row(values: Iterable[str | int]) -> str:
    """An array of strings and numbers as a part of a line: what every stop has costs little."""
    each = (quoted(value) if isinstance(value, str) else str(value) for value in values)
    return f"[{','.join(each)}]"


def load(line: bytes) -> Pairs:
    """The object on one line; DamageError."""
    if len(line) > LONGEST_LINE:
        raise DamageError
    try:
        words = line.decode().strip()
        found, end = _DECODER.raw_decode(words)
    except (ValueError, RecursionError) as error:
        raise DamageError from error
    if end != len(words):
        raise DamageError
    return pairs(found)


def load_all(lines: Sequence[bytes]) -> list[object] | None:
    """What is on each of `lines`, taken apart at once; None where not all are sound.

    That takes half as long as one by one.
    """
    if max(map(len, lines), default=0) > LONGEST_LINE:
        return None
    try:
        found = _DECODER.decode(f"[{b','.join(lines).decode()}]")
    except (ValueError, RecursionError):
        return None
    return found if len(found) == len(lines) else None


def pairs(value: object) -> Pairs:
    """A JSON object."""
    if not isinstance(value, dict):
        raise DamageError
    return value


def items(value: object) -> list[object]:
    """A JSON array."""
    if not isinstance(value, list):
        raise DamageError
    return value


def integer(value: object, highest: int = HIGHEST_POSITION) -> int:
    """A whole number from 0."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= highest:
        raise DamageError
    return value


def number(value: object) -> int:
    """An address or a register's value: 1 to 16 hexadecimal digits."""
    if not isinstance(value, str) or not 0 < len(value) <= 16 or not value.isalnum():
        raise DamageError
    try:
        return int(value, 16)
    except ValueError as error:
        raise DamageError from error


def content(value: object) -> bytes:
    """Bytes in hexadecimal."""
    if not isinstance(value, str):
        raise DamageError
    try:
        return bytes.fromhex(value)
    except ValueError as error:
        raise DamageError from error


def text(value: object) -> str:
    """A string, made safe to be shown."""
    if not isinstance(value, str):
        raise DamageError
    return harmless(value[:LONGEST_TEXT])


def optional_text(value: object) -> str | None:
    """A string or null."""
    return None if value is None else text(value)


def memory(value: object) -> list[tuple[int, bytes]]:
    """{address: bytes}, whole aligned words."""
    found = []
    for key, each in pairs(value).items():
        address, data = number(key), content(each)
        if address % WORD or len(data) % WORD:
            raise DamageError
        found.append((address, data))
    return found


def task_of(value: object) -> Task:
    """[pid, name]."""
    pid, name = two(value)
    return Task(integer(pid), text(name))


def two(value: object) -> tuple[object, object]:
    """A pair."""
    found = items(value)
    if len(found) != 2:
        raise DamageError
    return found[0], found[1]


def killed_of(value: object) -> Killed | None:
    """[signal, pc or null, address or null]."""
    if value is None:
        return None
    found = items(value)
    if len(found) != 3:
        raise DamageError
    pc, address = (None if each is None else number(each) for each in found[1:])
    return Killed(text(found[0]), pc, address)


_REASONS: Mapping[str, Reason] = {reason.value: reason for reason in Reason}


def reason_of(value: object) -> Reason:
    """One of `Reason`'s values."""
    found = _REASONS.get(value) if isinstance(value, str) else None
    if found is None:
        raise DamageError
    return found


def header_line(header: Header) -> bytes:
    """The first line of a recording."""
    return dump(
        {
            "systui": "recording",
            "version": VERSION,
            "target": header.target,
            "arch": header.arch,
            "kernel": {
                "name": header.kernel,
                "build_id": header.build_id,
                "slide": f"{header.slide:x}",
            },
            "program": {
                "name": header.program,
                "sha256": header.program_hash,
                "slide": f"{header.program_slide:x}",
            },
            "tasks": [list(task) for task in header.tasks],
            "cpus": header.cpus,
            "command": header.command,
        }
    )


def edit_fact(edit: Edit) -> Pairs:
    """The line of one change by hand."""
    address = None if edit.address is None else f"{edit.address:x}"
    old = None if edit.old is None else f"{edit.old:x}"
    return {"edit": [edit.position, edit.name, address, edit.size, old, f"{edit.new:x}"]}


def version_of(line: Pairs) -> int:
    """The format's version; DamageError where `line` is no recording's first."""
    if line.get("systui") != "recording":
        raise DamageError
    return integer(line.get("version"))


def read_header(line: Pairs) -> Header:
    """The header in the first line; DamageError."""
    kernel, program = pairs(line.get("kernel")), pairs(line.get("program"))
    tasks = tuple(task_of(each) for each in items(line.get("tasks"))[:64])
    if not tasks:
        raise DamageError
    return Header(
        text(line.get("target")),
        text(line.get("arch")),
        text(kernel.get("name")),
        optional_text(kernel.get("build_id")),
        number(kernel.get("slide")),
        optional_text(program.get("name")),
        optional_text(program.get("sha256")),
        number(program.get("slide")),
        tasks,
        integer(line.get("cpus", 1), 4096),
        optional_text(line.get("command")),
    )
