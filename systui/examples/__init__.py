"""The labs' programs, with prebuilt binaries so that nobody needs a compiler to try systui."""

from pathlib import Path


def path(name: str) -> Path:
    """Where the example called `name` lies; it may not exist."""
    return Path(__file__).parent / name
