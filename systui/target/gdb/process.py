"""Child processes that do not outlive systui, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import IO

_TIE = (
    "import ctypes, os, sys\n"
    "ctypes.CDLL(None).prctl(1, int(sys.argv[1]))\n"
    "os.getppid() == int(sys.argv[2]) or os._exit(1)\n"
    "os.execvp(sys.argv[3], sys.argv[3:])\n"
)
"""PR_SET_PDEATHSIG (prctl(2)) survives execve; a parent that died before it was set is noticed."""

_GRACE = 1.0
"""Seconds between asking a child to end and making it."""


def spawn(
    command: Sequence[str],
    death_signal: signal.Signals,
    stdin: int | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = subprocess.DEVNULL,
    stderr: int | IO[bytes] | None = subprocess.DEVNULL,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command`, in a session of its own, tied to the calling thread.

    When that thread ends, also by SIGKILL of the whole process, the kernel sends the child
    `death_signal`. Ctrl-C at the terminal does not reach it. OSError where Python itself cannot
    be started; a command that is not there makes the child leave with status 1.
    """
    tie = [sys.executable, "-I", "-S", "-c", _TIE, str(int(death_signal)), str(os.getpid())]
    return subprocess.Popen(
        [*tie, *command],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=environment,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes], first: signal.Signals = signal.SIGTERM) -> None:
    """Make `process` end and reap it; harmless when it has ended."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
