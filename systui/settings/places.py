"""Where a person's own files lie: the platform's directories for configuration and state."""

import os
import sys
from pathlib import Path

_NAME = "systui"


def configuration() -> Path:
    """The directory of `config.toml` and of the person's own themes; it need not be there."""
    return _xdg("XDG_CONFIG_HOME", ".config") or Path(_platform("user_config_dir"))


def state() -> Path:
    """The directory of what is kept from one time to the next; it need not be there."""
    return _xdg("XDG_STATE_HOME", ".local/state") or Path(_platform("user_state_dir"))


def _xdg(variable: str, usual: str) -> Path | None:
    """What the XDG Base Directory Specification says on Linux; None elsewhere.

    platformdirs says the same, but importing it takes longer than `systui --help` does.
    """
    if sys.platform != "linux":
        return None
    named = os.environ.get(variable, "").strip()
    return Path(named or Path(os.path.expanduser("~")) / usual) / _NAME  # noqa: PTH111  never raises


def _platform(function: str) -> str:
    import platformdirs

    found: str = getattr(platformdirs, function)(_NAME, appauthor=False)
    return found
