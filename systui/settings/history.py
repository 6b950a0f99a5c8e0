"""What was typed at the console, from one time to the next: a line of text each.

Nothing here raises: what cannot be read is empty, what cannot be written is lost.
"""

import os
from pathlib import Path

from systui.settings import places

_MOST = 1000
_LARGEST = 1 << 18
"""Bytes of the file that are read."""


def path() -> Path:
    """The file; it need not be there."""
    return places.state() / "history"


def read() -> list[str]:
    """The lines, the oldest first."""
    try:
        with path().open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LARGEST))
            lines = file.read(_LARGEST).decode("utf-8", "replace").split("\n")
    except OSError:
        return []
    return [line for line in lines if line.strip() and line.isprintable()][-_MOST:]


def add(text: str) -> None:
    """Put `text` at the end; a line that cannot be typed again is left out."""
    if not text.strip() or not text.isprintable():
        return
    target = path()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if target.exists() and target.stat().st_size > _LARGEST:
            kept = "\n".join(read()[-_MOST // 2 :])
            target.write_text(kept + "\n", encoding="utf-8")
        descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError:
        return
