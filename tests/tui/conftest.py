"""The app over the emulator, as a fixture."""

import pytest
from driving import Open, opened


@pytest.fixture
def open_app() -> Open:
    """A function that opens the app: `async with open_app(follow="43") as driver`."""
    return opened
