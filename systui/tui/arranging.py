"""What a person made of the desk: which panes, how large; kept from one time to the next."""

from collections.abc import Mapping, Sequence
from typing import Any

from systui.tui.layout import Arrangement, Plan

_STEP = 0.04
"""How much of its room a place gains at one key."""


class Arranging:
    """The arrangement at hand; the desk lays itself out by it."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self.places = places
        self.recent = list(places)
        self.hidden: set[str] = set()
        self.absent: set[str] = set()
        """Panes that have nothing to show yet, and so take no room."""
        self.shares: dict[str, float] = {}
        self.zoomed: str | None = None

    @property
    def now(self) -> Arrangement:
        """What the layout plans by."""
        hidden = frozenset(self.hidden | self.absent)
        return Arrangement(self.places, self.recent, hidden, self.shares, self.zoomed)

    @property
    def visible(self) -> Sequence[str]:
        """The panes that are not hidden, in the order of the Tab key."""
        return [pane for pane in self.places if pane not in self.hidden | self.absent]

    def use(self, pane: str) -> None:
        """`pane` is the one used last; a hidden one comes back, a zoom goes over to it."""
        self.recent.remove(pane)
        self.recent.insert(0, pane)
        self.hidden.discard(pane)
        self.absent.discard(pane)
        if self.zoomed is not None:
            self.zoomed = pane

    def hide(self, pane: str) -> bool:
        """Hide `pane`; False for the source, which everything leads back to."""
        if pane == "source":
            return False
        self.hidden.add(pane)
        self.zoomed = None
        return True

    def zoom(self, pane: str) -> None:
        """Give `pane` the whole desk, or take it back."""
        self.zoomed = None if self.zoomed is not None else pane

    def grow(self, plan: Plan, pane: str, by: int, *, beside: bool) -> bool:
        """Make `pane` larger by `by` steps in one direction; False where no line can be moved."""
        found = plan.border_of(pane, beside=beside)
        if found is None:
            return False
        border, first = found
        x, y = border.second.x - 1, border.second.y
        share = border.share(x, y) + (-by if first else by) * _STEP
        self.shares[border.split] = max(0.0, min(1.0, share))
        return True

    def reset(self) -> None:
        """As it was before anyone touched it."""
        self.hidden.clear()
        self.shares.clear()
        self.zoomed = None

    def kept(self) -> dict[str, Any]:
        """What is to be there the next time, for a state file."""
        shares = {split: round(share, 4) for split, share in sorted(self.shares.items())}
        return {"hidden": sorted(self.hidden), "shares": shares}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take what `kept` gave an earlier time; whatever of it makes no sense is left out."""
        hidden, shares = kept.get("hidden"), kept.get("shares")
        if isinstance(hidden, list):
            self.hidden = {pane for pane in hidden if pane in self.places and pane != "source"}
        if isinstance(shares, dict):
            self.shares = {
                str(split): float(share)
                for split, share in shares.items()
                if isinstance(share, int | float) and 0 <= share <= 1
            }
