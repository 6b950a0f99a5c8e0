"""Recordings of one call that went another way than most, and their reports."""

from collections.abc import Callable
from pathlib import Path

from program_builder import built

from systui.cli import main
from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.model.call import Phase
from systui.session.debugger import Debugger


def recorded(
    path: Path, drive: Callable[[Debugger], None], at_once: bool = True, program: str = "ways"
) -> Path:
    """What `drive` does with a program of unusual calls; recorded from its start if `at_once`."""
    recording = Recording(path if at_once else None, None)
    debugger = Emulation(Wanted(built(program), recording=recording)).start()
    try:
        drive(debugger)
    finally:
        debugger.target.close()
    return path


def to_landmark(debugger: Debugger, name: str) -> None:
    """Step to the next landmark called `name`."""
    debugger.step()
    while debugger.landmark is None or debugger.landmark.name != name:
        debugger.step()


def to_user(debugger: Debugger) -> None:
    """Step until the program is back."""
    while debugger.phase is not Phase.USER:
        debugger.step()


def report(source: Path | str, language: str = "en", suffix: str = "md", *more: str) -> str:
    """The report of a recording, or of a shipped one."""
    place = Path(source) if "/" in str(source) else None
    output = (place.parent if place else Path()) / f"report.{suffix}"
    arguments = ["report", str(source), "-o", str(output), "--lang", language, *more]
    assert main(arguments) == 0
    return output.read_text(encoding="utf-8")
