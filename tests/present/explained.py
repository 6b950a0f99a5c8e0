"""The table of explanations: every instruction of the bundled kernel's entry and exit path.

`python tests/present/explained.py` writes `explained.tsv` anew from what is said now; what differs
is then to be read and judged by a person, since the table is what the tests believe.

A row is: function, instruction, purpose (or kind), the sentence in English, and in Chinese. In
sentences `#` stands for a value, `{call}` for the call's number and name, `{name}` for the name: so
a row holds for every call that comes by.
"""

import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / room) for room in ("session", "programs")]

import debugged  # noqa: E402
import program_builder  # noqa: E402

from systui import minikernel, words  # noqa: E402
from systui.kernel.image import Image  # noqa: E402
from systui.model.snapshot import Snapshot  # noqa: E402
from systui.present.effect import sentence  # noqa: E402

TABLE = Path(__file__).parent / "explained.tsv"
LANGUAGES = ("en", "zh")
CALLS = ("socket", "bind", "kill", "9999", "400", "rt_sigreturn")
"""Calls of the program `ways`: one that succeeds, one whose handler faults, one that comes back by
IRET to a signal's handler, the one that comes back from there, and a number without a handler."""
_C_FUNCTIONS = frozenset(
    (
        *("do_syscall_64", "do_syscall_x64", "syscall_enter_from_user_mode"),
        *("syscall_exit_to_user_mode", "exit_to_user_mode_prepare", "exit_to_user_mode_loop"),
        "irqentry_exit",
    )
)
_PERCPU = re.compile(r"%gs:(0x)?[0-9a-f]+")
_ADDRESS = re.compile(r"0x[0-9a-f]{5,}")
_VALUE = re.compile(r"\b0x[0-9a-f]+\b")
_OFFSET = re.compile(r"\+0x[0-9a-f]+")


class Told(NamedTuple):
    """One instruction that ran and what was said of it."""

    row: tuple[str, ...]
    """Function, instruction, kind, and a sentence for each language, as in the table."""
    said: str
    """The English sentence as a person sees it."""
    before: Snapshot
    after: Snapshot


def walked(*, pti: bool = True) -> Iterator[Told]:
    """What was said of the path's instructions on the ways of `CALLS`."""
    debugger = debugged.start(program_builder.built("ways"), pti=pti)
    kernel = Image.open(minikernel.path())
    start, end = (kernel.symbol(f"__entry_text_{end}") for end in ("start", "end"))
    assert start is not None
    assert end is not None
    text = range(start.address, end.address)
    for call in CALLS:
        debugger.restart()
        debugged.go_to(debugger, call)
        stops = debugged.walk(debugger)
        for before, after in pairwise(stops):
            function = before.location.symbol or ""
            if before.stop.pc in text or function in _C_FUNCTIONS:
                yield _told(function, before, after)


def _told(function: str, before: Snapshot, after: Snapshot) -> Told:
    effect = after.effect
    assert effect is not None
    said = {}
    for language in LANGUAGES:
        words.use(language)
        said[language] = sentence(effect)
    words.use("en")
    kind = str(effect.parts.get("purpose") or effect.kind)
    instruction = _linked(effect.instruction)
    texts = (skeleton(said[language], effect.instruction, before) for language in LANGUAGES)
    return Told((function, instruction, kind, *texts), said["en"], before, after)


def _linked(text: str) -> str:
    """`text` without what linking decides: addresses and per-CPU offsets."""
    return _ADDRESS.sub("…", _PERCPU.sub("%gs:…", text))


def skeleton(text: str, instruction: str, stop: Snapshot) -> str:
    """`text` behind the instruction, without values."""
    text = text.removeprefix(instruction)
    call = stop.call
    if call is not None:
        text = text.replace(f"{call.number} ({call.name})", "{call}")
        text = re.sub(rf"\b{re.escape(call.name)}\b", "{name}", text)
    return _VALUE.sub("#", _OFFSET.sub("", text))


def read() -> list[tuple[str, ...]]:
    """The table's rows."""
    lines = TABLE.read_text("utf-8").splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]


def _write() -> None:
    rows = dict.fromkeys(told.row for pti in (True, False) for told in walked(pti=pti))
    heading = ("function", "instruction", "purpose or kind", *LANGUAGES)
    lines = ["\t".join(row) for row in (heading, *rows)]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    _write()
