"""The real command in a real terminal: tmux draws it, presses the keys and reads the screen."""

import pytest
from driving import ACCEPT
from tmux_terminal import Terminal

pytestmark = pytest.mark.slow


def test_a_session_from_start_to_end(terminal: Terminal) -> None:
    terminal.start("emulate", "--follow", "43", str(ACCEPT))
    terminal.wait("43 accept(fd=1", "syscall")
    terminal.keys("s", "s")
    terminal.wait("entry_64.S:")
    terminal.keys("4")
    terminal.wait("socket.c:", "· __x64_sys_accept")
    terminal.keys("7")
    terminal.wait("-88 ENOTSOCK")
    terminal.keys("c")
    terminal.wait("xited with status 0")
    terminal.keys("q")
    screen = terminal.wait("left:0")
    assert "━" not in screen


def test_steps_that_come_in_a_burst_are_all_done(terminal: Terminal) -> None:
    terminal.start("emulate", "--follow", "43", str(ACCEPT))
    terminal.wait("43 accept(fd=1", "step 1", "s step")
    begin = position(terminal.settled())
    terminal.tmux("send-keys", "-N", "100", "i")
    terminal.wait(f"step {begin + 100:,}")
    terminal.tmux("send-keys", "-N", "60", "I")
    terminal.wait(f"step {begin + 40:,} of")


def test_function_keys_and_escape_arrive(terminal: Terminal) -> None:
    terminal.start("emulate", "--follow", "43", str(ACCEPT), size=(80, 24))
    terminal.wait("43 accept(fd=1")
    terminal.keys("F11")
    terminal.wait("entry_64.S:27")
    terminal.keys("?")
    terminal.wait("Esc closes")
    terminal.keys("Escape")
    terminal.wait("entry_64.S:27")
    terminal.keys("F5")
    terminal.wait("xited with status 0")


def test_without_colour_no_colour_is_sent(terminal: Terminal) -> None:
    terminal.start("emulate", "--follow", "43", str(ACCEPT), before="NO_COLOR=1")
    terminal.wait("43 accept(fd=1")
    coloured = terminal.tmux("capture-pane", "-p", "-e")
    assert "\x1b[38" not in coloured
    assert "\x1b[48" not in coloured
    assert "\x1b[3" not in coloured.replace("\x1b[39m", "").replace("\x1b[3m", "")


def position(screen: str) -> int:
    """The step number in the second line."""
    return int(screen.splitlines()[1].partition(" step ")[2].split()[0].replace(",", ""))
