"""The app over the emulator, as a fixture."""

import pytest
from driving import Open, opened


@pytest.fixture
def open_app() -> Open:
    """A function that opens the app: `async with open_app(follow="43") as driver`."""
    return opened


@pytest.fixture(autouse=True)
def all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal with all colours, wherever the tests run."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
