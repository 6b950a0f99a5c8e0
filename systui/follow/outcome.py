"""How a walk ended."""

from enum import Enum
from typing import NamedTuple

from systui.model.stop import Stop


class Ending(Enum):
    """Why the walk is over."""

    WALKED = "walked"
    """Every step of the script was done."""
    PROGRAM_ENDED = "program ended"
    """The program ended inside the walk, as with a call that does not return."""
    NEVER_CAME = "never came"
    """The call, or a place that had to be reached, did not come."""
    UNEXPECTED = "unexpected"
    """An `expect` did not hold."""
    BLOCKED = "blocked"
    """The program waits for something that is not there."""
    LIMIT = "limit"
    """A documented limit was reached."""
    OOPS = "oops"
    """The kernel itself failed."""
    NOT_RECORDED = "not recorded"
    """What is walked is a recording, and it ends before."""
    STOPPED = "stopped"
    """Someone asked for it, or a breakpoint of the user's was reached."""


class Outcome(NamedTuple):
    """The end of a walk."""

    ending: Ending
    reason: str
    """One translated line; empty when everything was walked."""
    stop: Stop
    """Where the target stands."""

    @property
    def walked(self) -> bool:
        """The way was walked as far as it goes."""
        return self.ending in {Ending.WALKED, Ending.PROGRAM_ENDED}


class WalkEndedError(Exception):
    """Raised inside a walk to end it; the runner turns it into its `outcome`."""

    def __init__(self, ending: Ending, reason: str) -> None:
        super().__init__(reason)
        self.ending = ending
        self.reason = reason
