"""A light colouring of C and GNU assembler text: comments, directives, words, numbers."""

import re

from systui.model.code import SourceText
from systui.present.rows import Span, visible

_C_KEYWORDS = (
    "auto|break|case|const|continue|default|do|else|enum|extern|for|goto|if|inline|register|"
    "return|sizeof|static|struct|switch|typedef|union|volatile|while|asm|__asm__|asmlinkage|"
    "char|int|long|short|signed|unsigned|void|bool|u8|u16|u32|u64|s32|s64|size_t|ssize_t"
)
_STRING = r'"(?:\\.|[^"\\])*"?|\'(?:\\.|[^\'\\])+\''
_NUMBER = r"(?<![\w%])\$?-?(?:0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*\b"

_C = re.compile(
    rf"(?P<comment>/\*|//.*)|(?P<directive>^\s*\#\s*\w+)|(?P<string>{_STRING})"
    rf"|(?P<keyword>\b(?:{_C_KEYWORDS})\b)|(?P<number>{_NUMBER})"
)
_ASSEMBLY = re.compile(
    rf"(?P<comment>/\*|//.*|(?<=\s)\#(?!define|include|if|endif|else|undef).*)"
    rf"|(?P<label>^[\w.$]+:|SYM_\w+)|(?P<directive>^\s*\#\s*\w+|(?:(?<=\s)|^)\.\w+)"
    rf"|(?P<string>{_STRING})|(?P<register>%\w+)"
    rf"|(?P<number>\$\w+|{_NUMBER})|(?P<keyword>(?:(?<=^\s)|(?<=:\s))\s*[a-zA-Z][\w.]*)"
)
_COMMENT_END = "*/"


def coloured(text: SourceText) -> tuple[tuple[Span, ...], ...]:
    """The spans of each line of `text`; comments may run over several lines."""
    grammar = _ASSEMBLY if text.file.endswith((".S", ".s")) else _C
    lines: list[tuple[Span, ...]] = []
    inside = False
    for line in text.lines:
        spans, inside = _line(visible(line), grammar, inside)
        lines.append(spans)
    return tuple(lines)


def _line(line: str, grammar: re.Pattern[str], inside: bool) -> tuple[tuple[Span, ...], bool]:
    """The spans of one line, and whether it ends within a comment."""
    spans: list[Span] = []
    at = 0
    if inside:
        at, inside = _comment(line, 0, spans)
    while not inside and (found := grammar.search(line, at)):
        if found.start() > at:
            spans.append(Span(line[at : found.start()], "code"))
        at = found.end()
        if found.lastgroup == "comment" and found[0] == "/*":
            at, inside = _comment(line, found.start(), spans)
        else:
            spans.append(Span(found[0], f"code.{found.lastgroup}"))
    if not inside and at < len(line):
        spans.append(Span(line[at:], "code"))
    return tuple(spans), inside


def _comment(line: str, start: int, spans: list[Span]) -> tuple[int, bool]:
    """Take a comment from `start`; returns where it ends and whether it goes on."""
    opened = line.startswith("/*", start)
    end = line.find(_COMMENT_END, start + 2 if opened else start)
    stop = len(line) if end < 0 else end + len(_COMMENT_END)
    if stop > start:
        spans.append(Span(line[start:stop], "code.comment"))
    return stop, end < 0
