"""Makes helpers that several test rooms share importable."""

import sys
from pathlib import Path

import pytest

for room in ("programs", "corpus", "attach", "session", "tui", "ownkernel"):
    sys.path.insert(0, str(Path(__file__).parent / room))
pytest.register_assert_rewrite("scenarios")
