"""Places a script may name: landmarks, symbols, addresses."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from systui.follow.script import LANDMARKS
from systui.model.errors import BadInputError
from systui.session.debugger import Debugger
from systui.words import _

_SYMBOL = re.compile(r"(?P<name>[^+]+)(?:\+(?P<offset>0[xX][0-9a-fA-F]+|[0-9]+))?")


class Place(NamedTuple):
    """Where a move leads: the first to come of some landmarks and addresses."""

    name: str
    """As the script spells it."""
    landmarks: frozenset[str]
    """Landmarks, which the debugger tells when it stands on them."""
    addresses: frozenset[int]
    """Run-time addresses of everything else."""

    def here(self, debugger: Debugger) -> bool:
        """Whether the debugger stands on it."""
        if debugger.stop.pc in self.addresses:
            return True
        found = debugger.landmark
        return found is not None and found.name in self.landmarks


def resolve(name: str, debugger: Debugger) -> Place:
    """What `name` means for this kernel and program; BadInputError where it means nothing."""
    return resolve_first((name,), debugger)


def resolve_first(names: Sequence[str], debugger: Debugger) -> Place:
    """The first to come of `names`; BadInputError where one means nothing."""
    landmarks = frozenset(name for name in names if name in LANDMARKS)
    addresses = frozenset[int]().union(
        *(_addresses(name, debugger) for name in names if name not in landmarks)
    )
    return Place(_(" or ").join(names), landmarks, addresses)


def _addresses(name: str, debugger: Debugger) -> set[int]:
    if name[:2] in {"0x", "0X"}:
        return {int(name, 16)}
    form = _SYMBOL.fullmatch(name)
    found = set() if form is None else _symbol(form["name"], debugger)
    if form is None or not found:
        raise BadInputError(
            _("no landmark and no symbol is called {name!r} in the kernel or the program").format(
                name=name
            )
        )
    offset = int(form["offset"] or "0", 0)
    return {address + offset for address in found}


def _symbol(name: str, debugger: Debugger) -> set[int]:
    """Where the kernel has `name`; only where it does not, where the program has it."""
    views = (debugger.kernel, debugger.program)
    for view in views:
        symbol = None if view is None else view.image.symbol(name)
        if view is not None and symbol is not None:
            return {symbol.address + view.slide}
    return set()
