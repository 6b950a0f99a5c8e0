"""Folders for sockets that nobody else may reach, swept up also where systui was killed."""

import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "systui-guest-"
_OWNER = "owner"
"""A file in each folder that is locked for as long as the folder's systui lives."""


class PrivateFolder:
    """A folder of mode 0700 that goes with `close`, or else when the next one is made."""

    def __init__(self) -> None:
        sweep()
        self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX)  # made with mode 0700
        self.path = Path(self._folder.name)
        fresh = self.path / f"{_OWNER}.new"
        self._lock = fresh.open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        fresh.rename(self.path / _OWNER)  # never seen without its lock

    def close(self) -> None:
        """Remove it with all that is in it; harmless when done before."""
        self._folder.cleanup()
        self._lock.close()


def sweep() -> None:
    """Remove what killed sessions of this user left behind."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX):
                with suppress(OSError):
                    _remove_dead(entry)


def _remove_dead(entry: "os.DirEntry[str]") -> None:
    """Remove the folder `entry` if it is certain to be ours, and dead. OSError where it is not."""
    status = entry.stat(follow_symlinks=False)
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
    if not private or status.st_uid != os.geteuid():
        return
    lock = os.open(Path(entry.path, _OWNER), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(entry.path)
    finally:
        os.close(lock)
