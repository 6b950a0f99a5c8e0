"""Cutting an expression into words, numbers and signs."""

import re
from typing import NamedTuple

from systui.model.errors import BadInputError
from systui.words import _

LONGEST = 400
"""Characters of an expression; none that a person types is longer."""
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)(?P<suffix>[uUlL]{0,3})(?![\w$])
    | '(?P<character>[^'\\]|\\.)'
    | \$(?P<register>\w*|\$\d*)
    | (?P<name>[A-Za-z_.][\w.$]*(?:@\w+)?)
    | (?P<sign><<|>>|<=|>=|==|!=|&&|\|\||->|[-+*/%&|^~!<>()\[\]{}.,:=?])
    )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPES = {"n": 10, "t": 9, "0": 0, "r": 13, "\\": 92, "'": 39}


class Token(NamedTuple):
    """One piece: `number`, `register`, `name`, `sign` or `end`."""

    kind: str
    text: str
    at: int
    number: int = 0


def tokens(text: str) -> list[Token]:
    """All pieces of `text`, an `end` after them; BadInputError for what is none."""
    if len(text) > LONGEST:
        raise BadInputError(
            _("an expression of more than {limit} characters").format(limit=LONGEST)
        )
    found: list[Token] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadInputError(
                _("not understood from here: {rest!r}").format(rest=text[at:].strip()[:40])
            )
        found.append(_token(match))
        at = match.end()
    return [*found, Token("end", "", at)]


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup if match["number"] is None else "number"
    at = match.start(kind or 0)
    if kind == "number":
        text = match["number"]
        octal = text[0] == "0" and text.isdigit() and len(text) > 1
        try:
            number = int(text, 8 if octal else 0)
        except ValueError as error:
            raise BadInputError(_("not a number: {text}").format(text=text)) from error
        if number >> 64:
            raise BadInputError(_("{text} does not fit 64 bits").format(text=text))
        return Token(kind, text, at, number)
    if kind == "character":
        text = match["character"]
        number = ord(text) if len(text) == 1 else _ESCAPES.get(text[1], ord(text[1]))
        return Token("number", text, at, number)
    assert kind is not None
    return Token(kind, match[kind], at)
