"""Makes helpers that several test rooms share importable."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tmux_terminal import Terminal

for room in ("programs", "corpus", "attach", "kernel", "session", "tui", "ownkernel", "present"):
    sys.path.insert(0, str(Path(__file__).parent / room))
_own = tempfile.mkdtemp(prefix="systui-tests-")
atexit.register(shutil.rmtree, _own, ignore_errors=True)
for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):  # no test meets a person's own files
    os.environ[variable] = f"{_own}/{variable}"
pytest.register_assert_rewrite("scenarios", "debugged")
# What runs in the background was often started to ignore these, and what it starts inherits that:
# shells then ask for other signals than they do at a terminal.
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator["Terminal"]:
    """A terminal of 120x40 that tmux draws."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    from tmux_terminal import Terminal

    made = Terminal(tmp_path)
    yield made
    made.tmux("kill-server")


_KERNELS = {"guest", "guest_i386", "linux_6_1", "linux_6_12", "linux_i386"}
"""Fixtures of a test that needs a real kernel."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a real kernel, or the debugger and QEMU that run one."""
    for item in items:
        asks = _KERNELS.intersection(getattr(item, "fixturenames", ()))
        if asks or item.path.parent.name == "ownkernel" or "-linux-" in item.name:
            item.add_marker(pytest.mark.kernels)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once more, where it is not overlooked, what was left out for want of a kernel."""
    from real_parts import LOUD

    skipped = terminalreporter.stats.get("skipped", ())
    reasons = [str(report.longrepr[2]) for report in skipped if len(report.longrepr) == 3]
    loud = sorted({reason for reason in reasons if LOUD in reason})
    for reason in loud:
        terminalreporter.write_line(reason.removeprefix("Skipped: "), red=True, bold=True)
