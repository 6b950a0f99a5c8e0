"""What the last word of a line may become."""

import re
from collections.abc import Iterable

from systui.console.console import Console
from systui.console.registry import commands, find
from systui.model.errors import BadInputError

_WORD = re.compile(r"[\w.$]*$", re.ASCII)
_CALL = re.compile(r"\bsyscall\s+[\w#:]*$")
_MOST = 60
_PT_REGS = "pt_regs."
TOPICS = (
    *("registers", "breakpoints", "watchpoints", "display", "frame"),
    *("pt_regs", "symbol", "syscall"),
)
"""What `info` tells about."""


def complete(console: Console, text: str) -> tuple[str, list[str]]:
    """`text` with its last word made as long as is certain, and what it may become, if several."""
    match = _WORD.search(text)
    word = match[0] if match is not None else ""
    head = text[: len(text) - len(word)]
    found = sorted(set(_candidates(console, head, word)))[:_MOST]
    if not found:
        return text, []
    if len(found) == 1:
        end = "" if found[0].endswith(".") else " "
        return head + found[0] + end, []
    return head + _shared(found), found


def _shared(names: list[str]) -> str:
    """What the first and the last in the order of the alphabet begin with, and so all of them."""
    pairs = enumerate(zip(names[0], names[-1], strict=False))
    end = next((index for index, (one, other) in pairs if one != other), None)
    return min(names[0], names[-1], key=len) if end is None else names[0][:end]


def _candidates(console: Console, head: str, word: str) -> Iterable[str]:
    if not head.strip():
        return _beginning(word, (each.name for each in commands()))
    try:
        kind = find(re.split(r"[\s/]", head.strip(), maxsplit=1)[0]).completes
    except BadInputError:
        return ()
    if kind == "command":
        return _beginning(word, (each.name for each in commands()))
    if kind == "info" and not head.strip().partition(" ")[2]:
        return _beginning(word, TOPICS)
    if kind == "call" or (kind == "place" and _CALL.search(head + word)):
        return _beginning(word, (row.name for row in console.debugger.kernel.table.rows))
    return _names(console, word) if kind in ("place", "expression", "info") else ()


def _names(console: Console, word: str) -> list[str]:
    debugger = console.debugger
    arch = debugger.kernel.arch
    if word.startswith("$"):
        names = (f"${name}" for name in (*arch.register_names, "pc", "sp", *console.variables))
        return _beginning(word, names)
    if word.startswith(_PT_REGS):
        return _beginning(word, (_PT_REGS + name for name in arch.pt_regs.offsets))
    found = _beginning(word, (_PT_REGS, "syscall"))
    for view in (debugger.kernel, debugger.program):
        if view is not None and word:
            found += view.image.beginning(word, _MOST)
    return found


def _beginning(word: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(word)]
