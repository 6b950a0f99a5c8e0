"""What argparse says of a wrong command line, in the chosen language.

Its own sentences go through gettext's process-wide domain, which knows only the locale; so they are
recognised and said anew. One that is not known stays English.
"""

import re
from collections.abc import Callable

from systui.words import _

_KNOWN: tuple[tuple[str, Callable[[], str]], ...] = (
    (
        r"the following arguments are required: (?P<names>.+)",
        lambda: _("these arguments are missing: {names}"),
    ),
    (r"unrecognized arguments: (?P<names>.+)", lambda: _("unknown arguments: {names}")),
    (
        r"one of the arguments (?P<names>.+) is required",
        lambda: _("one of these arguments is needed: {names}"),
    ),
    (r"argument (?P<name>[^:]+): (?P<problem>.+)", lambda: _("argument {name}: {problem}")),
    (
        r"invalid choice: (?P<value>.+) \(choose from (?P<known>.+)\)",
        lambda: _("{value} is not one of {known}"),
    ),
    (r"invalid \w+ value: (?P<value>.+)", lambda: _("{value} does not fit")),
    (r"not allowed with argument (?P<other>.+)", lambda: _("does not go with {other}")),
    (r"expected (?:at least )?one argument", lambda: _("needs a value")),
    (r"ignored explicit argument (?P<value>.+)", lambda: _("takes no value, and {value} is one")),
)


def translated(message: str) -> str:
    """`message` as a person is to read it."""
    for pattern, said in _KNOWN:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is not None:
            parts = found.groupdict()
            if "problem" in parts:
                parts["problem"] = translated(parts["problem"])
            return said().format(**parts)
    return message
