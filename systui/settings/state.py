"""What a person arranged, kept for the next time: a JSON file that is never needed.

Nothing here raises: a state that cannot be read begins anew, one that cannot be written is lost.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from systui.settings import places

_VERSION = 1
_MOST_PROGRAMS = 100
"""Programs remembered; the ones used longest ago are forgotten."""
_LARGEST = 1 << 20
"""Bytes of a state file that are read; ours stay far below."""


class Kept(NamedTuple):
    """What the file says, and what is wrong with it."""

    data: Mapping[str, Any]
    """`theme`, `panes`, `programs`; each may lack, or be anything."""
    problem: str = ""

    def table(self, key: str) -> Mapping[str, Any]:
        """The table at `key`; empty where there is none."""
        found = self.data.get(key)
        return found if isinstance(found, dict) else {}


def path() -> Path:
    """The state file; it need not be there."""
    return places.state() / "state.json"


def read() -> Kept:
    """What was kept; empty, with a word why, where that cannot be told."""
    try:
        with path().open("rb") as file:
            data = json.loads(file.read(_LARGEST))
    except FileNotFoundError:
        return Kept({})
    except (OSError, ValueError, RecursionError) as error:
        return Kept({}, str(error))
    if not isinstance(data, dict) or data.get("version") != _VERSION:
        return Kept({}, "")
    return Kept(data)


def keep(changes: Mapping[str, Any], program: str, of_program: Mapping[str, Any]) -> bool:
    """Put `changes` over what is kept, and `of_program` in the place of `program`'s own.

    The file is replaced whole, so another systui, or a crash, leaves the old or the new one.
    False where it cannot be written.
    """
    kept = read()
    programs = {name: value for name, value in kept.table("programs").items() if name != program}
    if of_program:
        programs[program] = dict(of_program)
    for oldest in list(programs)[:-_MOST_PROGRAMS]:
        del programs[oldest]
    data = {**kept.data, **changes, "version": _VERSION, "programs": programs}
    try:
        return _replace(path(), json.dumps(data, indent=1))
    except OSError:
        return False


def _replace(target: Path, text: str) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(prefix=target.name, dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(target)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True
