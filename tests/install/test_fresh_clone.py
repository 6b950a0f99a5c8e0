"""The README's first command, as a newcomer runs it: a fresh clone, nothing installed before."""

import os
import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def test_make_demo_in_a_fresh_clone_prints_the_trace_without_a_terminal(tmp_path: Path) -> None:
    clone = tmp_path / "systui"
    subprocess.run(["git", "clone", "--quiet", CHECKOUT, clone], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        ["make", "demo"], cwd=clone, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "sysretq" in done.stdout
    assert "Hello accept" in done.stdout


def test_every_command_and_file_that_the_readme_names_exists() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", readme)
    assert links
    missing = [link for link in links if not (CHECKOUT / link).exists()]
    assert not missing
    makefile = (CHECKOUT / "Makefile").read_text()
    for target in re.findall(r"^ {4}make (\w+)", readme, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
