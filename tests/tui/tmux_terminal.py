"""A real terminal for the real command: tmux draws it, presses the keys and reads the screen."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0
"""Seconds until a screen must have come: six times a guest's boot where five tasks share a CPU."""

_QUIET = 0.3
"""Seconds without a change after which a screen is drawn whole."""


class Terminal:
    """A tmux server of its own."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "tmux"

    def tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self.socket), "-f", "/dev/null", *words],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLORTERM": "truecolor", "TMUX": ""},
        )
        return done.stdout

    def start(self, *arguments: str, size: tuple[int, int] = (120, 40), before: str = "") -> None:
        """Run `systui ARGUMENTS`; the shell then says with which status it ended."""
        run = f"{sys.executable} -c 'from systui.cli import main; raise SystemExit(main())'"
        command = f"{before} {run} {' '.join(arguments)}; echo left:$?; sleep 100"
        columns, rows = map(str, size)
        self.tmux("new-session", "-d", "-x", columns, "-y", rows, command)

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.tmux("send-keys", key)

    def resize(self, columns: int, rows: int) -> None:
        """As a person who drags the window's corner."""
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def wait(self, *texts: str) -> str:
        """The screen, once all of `texts` are on it: it may be caught half drawn."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.tmux("capture-pane", "-p")
            if all(text in screen for text in texts):
                return screen
            time.sleep(0.02)
        raise AssertionError(f"not {texts} on:\n{screen}")

    def settled(self) -> str:
        """The screen, once nothing runs and nothing more is drawn on it."""
        end = time.monotonic() + PATIENCE
        screen, since = "", time.monotonic()
        while _at_work(screen.partition("\n")[0]) or time.monotonic() - since < _QUIET:
            time.sleep(0.02)
            now = self.tmux("capture-pane", "-p")
            if now != screen:
                screen, since = now, time.monotonic()
            assert time.monotonic() < end, f"still drawn on:\n{screen}"
        return screen


def _at_work(header: str) -> bool:
    """Whether it says that something runs, or is waited for before there is anything to see."""
    return any(words in header for words in ("Esc stops it", "stopping …", "q leaves"))
