"""Debuggers over the real emulator, for tests."""

from pathlib import Path

from systui import minikernel
from systui.arch.x86_64 import X86_64
from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.cli.replaying import Replaying
from systui.console.console import Console
from systui.examples import path as example
from systui.follow import finder
from systui.follow.call import CallSpec
from systui.kernel import syscalls
from systui.kernel.image import Image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.view import KernelView, ProgramView
from systui.model.call import Phase
from systui.model.snapshot import Snapshot
from systui.session.debugger import Debugger
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.recordable import Recordable

FILLED = (
    *("ss", "sp", "flags", "cs", "ip", "orig_ax", "di", "si", "dx", "cx", "ax"),
    *("r8", "r9", "r10", "r11", "bx", "bp", "r12", "r13", "r14", "r15"),
)
"""pt_regs in the order in which the 64-bit entries push it."""


def start(program: Path | None = None, *arguments: str, pti: bool = True) -> Debugger:
    """A debugger at the first instruction of `program` (the lab's accept_43)."""
    chosen = example("accept_43") if program is None else program
    kernel, image = Image.open(minikernel.path()), Image.open(chosen)
    target = EmulatorTarget.start(
        kernel, chosen, arguments, EmulatorOptions(pti=pti, stdin=b"typed\n")
    )
    table = syscalls.bundled("x86_64")
    view = KernelView(kernel, Sources([minikernel.sources()]), table, X86_64, lines=Lines(kernel))
    mine = ProgramView(image, Sources([chosen.parent]), target.info.program_slide, Lines(image))
    return Debugger(target, view, mine)


def recorded() -> tuple[Debugger, Recordable]:
    """A debugger over the lab's program that can be recorded, and what records it."""
    wanted = Wanted(example("accept_43"), (), recording=Recording(None, None))
    debugger = Emulation(wanted).start()
    assert isinstance(debugger.target, Recordable)
    return debugger, debugger.target


def replay(path: Path) -> Debugger:
    """A debugger over a recording."""
    return Replaying(path, ()).start()


def at_call(call: str, program: Path | None = None, *arguments: str, pti: bool = True) -> Debugger:
    """A debugger at the user's instruction that makes `call`."""
    debugger = start(program, *arguments, pti=pti)
    go_to(debugger, call)
    return debugger


def go_to(debugger: Debugger, call: str) -> None:
    """To the user's instruction that makes `call`."""
    finder.Search(debugger, CallSpec.parse(call, debugger.kernel.table), lambda: None).run()


def walk(debugger: Debugger, limit: int = 5000) -> list[Snapshot]:
    """Every stop from here until the program goes on, that one included."""
    snapshots = [debugger.snapshot()]
    while len(snapshots) < limit:
        before = debugger.stop.position
        if debugger.step().position == before:
            break
        snapshots.append(debugger.snapshot())
        landmark = snapshots[-1].landmark
        if landmark is not None and landmark.name == "user_return":
            break
    return snapshots


def check_order(debugger: Debugger, stops: list[Snapshot], landmarks: list[str]) -> None:
    """That phases come one after the other, and `landmarks` as named: cr3's with PTI alone."""
    phases = [stop.phase for stop in stops]
    changes = [phase for index, phase in enumerate(phases) if phases[max(0, index - 1)] != phase]
    assert changes == [
        *(Phase.ENTRY, Phase.DISPATCH, Phase.HANDLER, Phase.EXIT_WORK, Phase.RESTORE),
        Phase.USER,
    ]
    pti = "PTI on" in debugger.target.info.kernel
    expected = landmarks if pti else [name for name in landmarks if not name.endswith("cr3")]
    assert names(stops) == expected


def check_back_and_forth(debugger: Debugger, stops: list[Snapshot]) -> None:
    """That each of `stops` is the same when it is stepped to backwards, and forwards again."""
    debugger.seek(stops[-1].stop.position)
    for stop in reversed(stops[1:-1]):
        debugger.step_back()
        assert debugger.snapshot()._replace(latest=0) == stop._replace(latest=0)
    for stop in stops[2:]:
        debugger.step()
        assert debugger.snapshot()._replace(latest=0) == stop._replace(latest=0)


def said(console: Console, *lines: str) -> str:
    """What the last of `lines` was answered with."""
    answer = ""
    for line in lines:
        answer = "\n".join(row.text for row in console.run(line))
    return answer


def names(snapshots: list[Snapshot]) -> list[str]:
    """The landmarks that were passed, in order."""
    return [each.landmark.name for each in snapshots if each.landmark is not None]
