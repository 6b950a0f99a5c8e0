"""The screen over real guests, in a real terminal: typed menus, resizing, interrupting, leaving."""

import subprocess
import time
from pathlib import Path

import pytest
from guests import Guest, Programs, runs
from kernels import Kernel
from tmux_terminal import PATIENCE, Terminal

pytestmark = pytest.mark.slow


def boot(terminal: Terminal, kernel: Kernel, program: Path, *more: str) -> None:
    """`systui boot` on the screen, with a mark by which its QEMU is found again."""
    words = ("--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux, "--program", program, *more)
    terminal.start("boot", *map(str, words), "--", "-name", mark(terminal))


def mark(terminal: Terminal) -> str:
    """Of this run of the tests alone: others may run on the same machine."""
    return "of-" + str(terminal.socket.parent).replace("/", "-")


def machines(terminal: Terminal) -> list[str]:
    """Processes of the QEMU that `boot` started."""
    pattern = f"^qemu-system.* -name {mark(terminal)}"
    found = subprocess.run(["pgrep", "-a", "-f", pattern], capture_output=True, text=True)
    return found.stdout.splitlines()


def test_a_typed_menu_followed_to_one_of_its_calls(
    terminal: Terminal, linux_6_1: Kernel, programs: Programs
) -> None:
    """Two of the labs are menus: what is typed leads to the call that is waited for.

    The guest's tty wakes the reader before it echoes the line: in some of the halts at the call the
    echo still lies in the guest, which sends it once it goes on, before what the program prints.
    """
    boot(terminal, linux_6_1, programs("menu"), "--follow", "accept")
    terminal.wait("waits in the kernel, in call 0 (read)", "choice>")
    terminal.keys("o")
    terminal.wait("━ output")
    terminal.keys("2", "Enter")
    terminal.wait("the parent is 1")
    terminal.keys("1", "Enter")
    terminal.wait("43 accept(fd=-1")
    terminal.keys("Escape")
    terminal.wait("━ source")
    for landmark in ("entry_SYSCALL_64", "run at full speed", "sysretq"):
        press_until(terminal, "Space", landmark)
    terminal.wait("-9 EBADF")
    terminal.keys("c")
    terminal.wait("choice> 1", "accept gives -1", "waits in the kernel")
    terminal.keys("q")
    terminal.wait("left:0")
    assert not machines(terminal)


def press_until(terminal: Terminal, key: str, text: str) -> None:
    """Press `key` until `text` is seen, each time when the stop that the last one led to is."""
    screen = terminal.settled()
    end = time.monotonic() + 2 * PATIENCE
    while text not in screen:
        begun = step(screen)
        terminal.keys(key)
        while step(screen) == begun:
            assert time.monotonic() < end, f"no {text} by {key} on:\n{screen}"
            screen = terminal.settled()


def test_a_guest_that_runs_takes_keys_and_any_size(
    terminal: Terminal, linux_6_1: Kernel, programs: Programs
) -> None:
    boot(terminal, linux_6_1, programs("counter"))
    terminal.wait("step 0")
    terminal.keys("c")
    terminal.wait("running")
    for size in ((80, 24), (20, 5), (200, 60), (61, 18), (120, 40)):
        terminal.resize(*size)
    terminal.wait("running", "q quit")
    terminal.keys("C-c")
    assert "Interrupted." in terminal.settled()
    terminal.keys("c")
    terminal.wait("running")
    terminal.keys("Escape")
    assert "Interrupted." in terminal.settled()
    terminal.keys("c")
    terminal.wait("running")
    terminal.keys("q")
    terminal.wait("left:0")
    assert not machines(terminal)


def test_a_held_key_never_runs_ahead(guest: Guest, terminal: Terminal, programs: Programs) -> None:
    """Attached: the first call is met at its handler; leaving lets the guest run on."""
    machine = guest.machine(programs("spinner"))
    vmlinux = str(guest.kernel.vmlinux)
    terminal.start("attach", str(machine.stub), "--vmlinux", vmlinux, "--follow", "accept")
    terminal.wait("43 accept(fd=-1", "s step")
    begun = step(terminal.settled())
    terminal.tmux("send-keys", "-N", "60", "i")
    terminal.wait(f"step {begun + 60:,}")
    terminal.tmux("send-keys", "-N", "20", "I")
    terminal.wait(f"step {begun + 40:,} of")
    terminal.keys("q")
    terminal.wait("left:0")
    assert runs(machine)


def step(screen: str) -> int:
    """The step number in the second line."""
    return int(screen.splitlines()[1].partition(" step ")[2].split()[0].replace(",", ""))
