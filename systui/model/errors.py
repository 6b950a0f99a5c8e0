"""Everything that can go wrong in a way a user is told about.

A `SystuiError` carries one clear line: what, where, what to do next. `cli` prints it and leaves
with status 2; the TUI shows it and goes on. Anything else that escapes is a bug in systui.
"""

from pathlib import Path

from systui.words import _


class SystuiError(Exception):
    """Base of every error meant for a person; `str(error)` is one translated line."""


class BadInputError(SystuiError):
    """A file, an option or an expression that the user gave cannot be used."""


class TargetError(SystuiError):
    """Base of what a target may raise; see `systui.target.protocol`."""


class MemoryFaultError(TargetError):
    """A write went to an address that cannot be written (reads report None instead)."""


class NotRecordedError(TargetError):
    """The recording does not hold what was asked for."""


class NotFoundError(TargetError):
    """What was searched for does not come."""


class NotSupportedError(TargetError):
    """The target lacks the capability that was asked for."""


class TargetGoneError(TargetError):
    """The program ended, the guest is gone, or the connection broke: no further stop will come."""


def unwritable(path: Path, error: OSError) -> BadInputError:
    """Why the file at `path` cannot be written, as one line."""
    return BadInputError(
        _("{path}: cannot be written: {why}").format(path=path, why=error.strerror or error)
    )
