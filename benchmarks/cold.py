"""Cold starts: `--help` against a bare Python, a whole followed call against Qiling.

Each round runs every contender once, so that a busy moment of the machine hits all alike; the
median of the rounds is reported. Qiling lives in a virtual environment of its own, made on first
use below the user's cache directory.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import platformdirs

from systui.examples import path as example

ROUNDS = 15
# Installed packages come with their bytecode compiled; a checkout compiles its own on first use,
# unless the shell forbids that.
ENVIRONMENT = {name: text for name, text in os.environ.items() if name[:10] != "PYTHONDONT"}


def qiling_python() -> Path:
    """The interpreter of Qiling's environment, which is made when it is missing."""
    home = platformdirs.user_cache_path("systui-benchmarks") / "qiling"
    python = home / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "qiling"], check=True)
    return python


def seconds(command: list[str]) -> float:
    """Wall time of one run, its output discarded."""
    start = time.perf_counter()
    subprocess.run(
        command, check=True, capture_output=True, stdin=subprocess.DEVNULL, env=ENVIRONMENT
    )
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    program = str(example("accept_43"))
    systui = [str(Path(sys.executable).with_name("systui"))]
    contenders = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "systui --help": [*systui, "--help"],
        "qiling accept_43": [
            str(qiling_python()),
            str(Path(__file__).with_name("qiling_accept.py")),
            program,
        ],
        "systui --follow 43": [*systui, "emulate", "--follow", "43", "--headless", program],
        "systui --no-pti": [
            *systui,
            "emulate",
            "--no-pti",
            "--follow",
            "43",
            "--headless",
            program,
        ],
    }
    for command in contenders.values():
        seconds(command)
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _round in range(ROUNDS):
        for name, command in contenders.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    reference = medians["qiling accept_43"]
    for name, median in medians.items():
        print(f"{name:22} {median:7.3f} s   {median / reference:5.2f} x qiling")
