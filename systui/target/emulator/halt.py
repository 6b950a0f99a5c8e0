"""Why the machine stands still before it has moved as far as it was asked to."""

from typing import NamedTuple

from systui.model.stop import Reason
from systui.target.emulator.frames import OutOfFramesError
from systui.target.emulator.paging import OutOfTablesError
from systui.words import _


class Halt(NamedTuple):
    """Why the machine stands still before its count was used up."""

    reason: Reason
    detail: str = ""
    goes_on: bool = False
    """The machine has seen to it: moving on is possible."""


def limit(error: OutOfFramesError | OutOfTablesError) -> Halt:
    """There is no more memory for the program, or for the tables of its pages."""
    if isinstance(error, OutOfFramesError):
        return Halt(Reason.LIMIT, _("The program used up the memory that it may have"))
    return Halt(Reason.LIMIT, _("The program's memory is too scattered"))
