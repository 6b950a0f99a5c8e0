"""What programs do on a terminal: natively on a pseudo-terminal, and in the emulator."""

import fcntl
import os
import platform
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest
from corpus_runs import ENVIRONMENT, kernel

from systui.model.stop import Output, Reason
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run

BUSYBOX = Path("/bin/busybox")
COMMANDS = (
    "ls /etc/passwd /etc/group",
    "tty",
    "test -t 0",
    "stty size",
    "stty -a",
    "cat",
    "head -n 1",
    "sh -c read\tx;echo\tgot:$x;read\ty||echo\tend",
)
TYPED = b"one line\n"
_PTS = re.compile(r"/dev/pts/\d+")
_SPEED = re.compile(r"^speed .*?;|\n.*line = \d+;|-?imaxbel|-?iutf8", re.MULTILINE)
"""What a pseudo-terminal's maker chose, not the line discipline."""

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or not BUSYBOX.exists(),
    reason="the comparison needs a static /bin/busybox on x86_64",
)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _on_pty(arguments: list[str]) -> tuple[str, int]:
    """The command on a fresh pseudo-terminal of 24 lines, with one line and an end typed.

    The terminal echoes the line, at no certain moment.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [str(BUSYBOX), *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=ENVIRONMENT,
        start_new_session=True,
        preexec_fn=_take_terminal,  # noqa: PLW1509  the tests start no threads
    )
    os.close(slave)
    os.write(master, TYPED + b"\x04")
    output = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        if not piece:
            break
        output += piece
    os.close(master)
    return output.replace(b"\r\n", b"\n").decode(), process.wait(10)


def _emulated(arguments: list[str]) -> tuple[str, int]:
    output: list[Output] = []
    root = Path("/")
    options = EmulatorOptions(environment=ENVIRONMENT, root=root, stdin=None)
    target = EmulatorTarget.start(kernel(), BUSYBOX, arguments, options)
    target.subscribe(output.append)
    stop = target.resume(Run())
    for typed in (TYPED, b""):
        if stop.reason is Reason.BLOCKED:
            target.send_input(typed)
            stop = target.resume(Run())
    assert stop.exit_status is not None, f"{stop.reason}: {stop.detail}"
    target.close()
    return b"".join(piece.data for piece in output).decode(), stop.exit_status


def _seen(text: str) -> str:
    """With one name for every terminal, and without what differs between them."""
    return _SPEED.sub("", _PTS.sub("/dev/pts/0", text))


@pytest.mark.parametrize("line", COMMANDS)
def test_applet_on_a_terminal(line: str) -> None:
    arguments = [word.replace("\t", " ") for word in line.split(" ")]
    expected, status = _on_pty(arguments)
    text, ended = _emulated(arguments)
    assert _seen(text) == _seen(expected.replace(TYPED.decode(), "", 1))
    assert ended == status
