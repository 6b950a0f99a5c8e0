"""Which theme is shown: the one asked for, the one chosen the last time, the terminal's own."""

import os
from pathlib import Path

from systui.model.errors import BadInputError
from systui.tui import theme
from systui.tui.colours import Depth
from systui.tui.theme import Theme

_DEPTHS = {"truecolor": Depth.ALL, "256": Depth.MANY}
"""By Rich's names of what a terminal says it can."""


def without_colour() -> bool:
    """Whether the person asked programs for no colours (no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


class Looks:
    """The themes there are, for one terminal."""

    def __init__(self, own: Path, colour_system: str | None) -> None:
        """`own` is the directory of the person's themes."""
        self._own = own if own.is_dir() else None
        self._depth = _DEPTHS.get(colour_system or "", Depth.SIXTEEN)
        if without_colour():
            self._depth = Depth.ALL  # the colours never reach the terminal

    def named(self, name: str) -> Theme:
        """The theme of that name; BadInputError."""
        return theme.load(name, self._own, self._depth)

    def first(self, asked: str | None, remembered: str | None) -> Theme:
        """The theme to begin with: the one `asked` for, or `remembered` if it still is one.

        BadInputError where the one asked for is none.
        """
        if asked is not None:
            return self.named(asked)
        if without_colour():
            return self.named(theme.MONOCHROME)
        try:
            return self.named(remembered or theme.DEFAULT)
        except BadInputError:
            return self.named(theme.DEFAULT)

    def after(self, look: Theme) -> tuple[Theme, str]:
        """The theme after `look`, and what is wrong with those passed over."""
        known, problem = theme.names(self._own), ""
        here = known.index(look.name) if look.name in known else -1
        for name in (*known[here + 1 :], *known[: here + 1]):
            try:
                return self.named(name), problem
            except BadInputError as error:
                problem = str(error)
        return look, problem
