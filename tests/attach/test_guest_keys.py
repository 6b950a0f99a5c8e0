"""Keys over a real guest, inside the app: a held one is merged, and a step costs one step."""

import asyncio
import time
from pathlib import Path

import pytest
from guests import Guest, Programs, drop
from textual.events import Key

from systui.arch.x86_64 import X86_64
from systui.kernel.image import Image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.syscalls import bundled
from systui.kernel.view import KernelView, ProgramView
from systui.model.stop import Stop, Task
from systui.session.debugger import Debugger
from systui.target.gdb.target import GdbTarget
from systui.target.protocol import How
from systui.tui.app import SystuiApp

pytestmark = pytest.mark.slow
HELD = 100
PATIENCE = 120.0


def at_entry(guest: Guest, program: Path) -> Debugger:
    """A guest that was running, stopped at the first instruction of the kernel's entry."""
    target = guest.attach(guest.machine(program, "nokaslr"), program)
    debugger = over(guest, target, program)
    debugger.run_to([guest.address(target, "entry_SYSCALL_64")])
    return debugger


def over(guest: Guest, target: GdbTarget, program: Path) -> Debugger:
    kernel = KernelView(guest.image, Sources([]), bundled("x86_64"), X86_64, 0, Lines(guest.image))
    own = Image.open(program)
    return Debugger(target, kernel, ProgramView(own, Sources([]), 0, Lines(own)))


async def test_a_hundred_keys_at_once_are_a_few_commands(guest: Guest, programs: Programs) -> None:
    app = SystuiApp(lambda: at_entry(guest, programs("spinner")), title="spinner")
    async with app.run_test(size=(120, 40)):
        await shown(app, 0)
        assert app.main.shown is not None
        begun, commands = app.main.shown.stop.position, app.steering.generation
        for _key in range(HELD):
            app.post_message(Key("i", "i"))
        await shown(app, begun + HELD)
        assert app.steering.generation - commands < HELD // 4
        await asyncio.sleep(0.3)
        assert app.main.shown.stop.position == begun + HELD


async def shown(app: SystuiApp, position: int) -> None:
    """Wait until nothing runs and the stop at `position`, or a later one, is on the screen."""
    end = time.monotonic() + PATIENCE
    while app.steering.running or not app.main.shown or app.main.shown.stop.position < position:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def test_a_stop_on_the_way_is_not_come_to_again(
    guest: Guest, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the entry was run to, nothing of before it can be found, at no stop of the way."""
    debugger = at_entry(guest, programs("spinner"))
    debugger.snapshot()
    moves: list[How] = []
    resume = debugger.target.resume

    def counted(how: How, task: Task | None = None) -> Stop:
        moves.append(how)
        return resume(how, task)

    monkeypatch.setattr(debugger.target, "resume", counted)
    for _step in range(5):
        debugger.step()
        debugger.snapshot()
    assert len(moves) == 5


def test_a_guest_that_stands_at_the_entry(guest: Guest, programs: Programs) -> None:
    """The session's first stop is the kernel's first instruction: nothing lies before it."""
    machine = guest.machine(programs("spinner"), "nokaslr")
    first = guest.attach(machine)
    entry = guest.address(first, "entry_SYSCALL_64")
    over(guest, first, programs("spinner")).run_to([entry])
    drop(first)
    debugger = over(guest, guest.attach(machine), programs("spinner"))
    assert (debugger.stop.position, debugger.stop.pc) == (0, entry)
    assert debugger.snapshot().registers["rip"] == entry
    debugger.step()
    assert debugger.snapshot().stop.position == 1
