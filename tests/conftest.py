"""Makes helpers that several test rooms share importable."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

for room in ("programs", "corpus", "attach", "kernel", "session", "tui", "ownkernel", "present"):
    sys.path.insert(0, str(Path(__file__).parent / room))
_own = tempfile.mkdtemp(prefix="systui-tests-")
atexit.register(shutil.rmtree, _own, ignore_errors=True)
for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):  # no test meets a person's own files
    os.environ[variable] = f"{_own}/{variable}"
pytest.register_assert_rewrite("scenarios")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a real kernel, or the debugger and QEMU that run one."""
    for item in items:
        if item.path.parent.name in {"attach", "ownkernel"} or "-linux-" in item.name:
            item.add_marker(pytest.mark.kernels)
