"""Makes helpers that several test rooms share importable."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "programs"))
pytest.register_assert_rewrite("scenarios")
