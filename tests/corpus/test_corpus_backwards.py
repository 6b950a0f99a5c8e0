"""Corpus programs gone back in: any position looks the same whichever way it is reached."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from corpus_runs import start

from systui.model.stop import MemoryRange, Output, Space
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run

PROGRAMS = Path(__file__).parent / "programs"
MARKS = 15


def _look(target: EmulatorTarget) -> tuple[object, ...]:
    registers = target.registers().values
    stack = MemoryRange(Space.USER, registers["rsp"], 512)
    page = MemoryRange(Space.USER, registers["rsp"] & -4096, 4096)
    return target.current_stop().position, dict(registers), target.read_memory([stack, page])


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
@pytest.mark.parametrize(
    "name", ["files", "signals", "inetsockets", "pipes", "mapping", "waiting", "spinning"]
)
def test_going_back_is_exact(name: str, tmp_path: Path) -> None:
    program = tmp_path / name
    source = PROGRAMS / f"{name}.c"
    subprocess.run(["gcc", "-O1", "-w", "-static", "-o", program, source], check=True)
    target = start(program, [], b"input\n")
    output: list[Output] = []
    target.subscribe(output.append)
    end = target.resume(Run())
    written = list(output)
    chosen = random.Random(name)
    positions = sorted(chosen.sample(range(end.position), MARKS))
    seen = {}
    for position in positions:
        target.seek(position)
        seen[position] = _look(target)
    chosen.shuffle(positions)
    for position in positions:
        target.seek(position)
        assert _look(target) == seen[position]
    again = target.resume(Run())
    assert (again.reason, again.position) == (end.reason, end.position)
    assert output == written
    target.close()
