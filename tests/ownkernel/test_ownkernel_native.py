"""What the kernels' own handlers answer is what this machine answers."""

import os
import subprocess
from pathlib import Path

import own_kernels
import pytest

from systui.model.stop import Output, Reason
from systui.target.emulator.native import RULES
from systui.target.protocol import Run

_SOURCE = Path(__file__).parent / "programs" / "refusals.c"


@pytest.mark.skipif(os.getuid() != 0, reason="the program prints its ids, and here it is root")
@pytest.mark.parametrize("series", own_kernels.SERIES)
def test_refusals_are_this_machines(series: str, tmp_path: Path) -> None:
    program = tmp_path / "refusals"
    subprocess.run(["gcc", "-O1", "-w", "-static", "-o", program, _SOURCE], check=True)
    native = subprocess.run(
        [program], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    heard: list[Output] = []
    target = own_kernels.start(series, program)
    target.subscribe(heard.append)
    assert target.resume(Run()).reason is Reason.EXIT
    here = b"".join(each.data for each in heard).decode()
    assert here.splitlines() == native.stdout.splitlines()


def test_the_program_tries_every_rule() -> None:
    text = _SOURCE.read_text()
    untried = {name for name in RULES if f"{name.removesuffix('64')}(" not in text}
    untried -= {name for name in untried if f"SYS_{name}" in text}
    assert not untried
