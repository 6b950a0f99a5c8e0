"""What never ends is ended by a documented limit, and can be looked at and gone back from."""

import os
import subprocess
import sys
import threading
import time

import emulated
import pytest

from systui.model.stop import Reason
from systui.target.emulator.options import MIB, EmulatorOptions, Limits
from systui.target.protocol import Direction, Run, Step


def _options(**limits: int) -> EmulatorOptions:
    return EmulatorOptions(stdin=b"", limits=Limits(**limits))


@pytest.mark.parametrize("what", ["time", "calls"])
def test_running_on_and_on_stops_and_can_go_on(what: str) -> None:
    target = emulated.start("greedy", "static", what, options=_options(instructions=100_000))
    first = target.resume(Run())
    second = target.resume(Run())
    assert first.reason is second.reason is Reason.LIMIT
    assert "100,000" in first.detail
    assert (first.position, second.position) == (100_000, 200_000)
    target.close()


def test_memory_ends_with_enomem() -> None:
    target = emulated.start("greedy", "static", "memory", options=_options(memory=24 * MIB))
    stop, heard = emulated.finish(target)
    assert 10 < (stop.exit_status or 0) < 24
    assert b"Cannot allocate memory" in b"".join(each.data for each in heard)
    target.close()


@pytest.mark.parametrize(
    ("what", "words"), [("frames", "used up the memory"), ("tables", "too scattered")]
)
def test_touching_without_end_is_a_limit(what: str, words: str) -> None:
    target = emulated.start("greedy", "static", what, options=_options(memory=32 * MIB))
    stop = target.resume(Run())
    assert stop.reason is Reason.LIMIT
    assert words in stop.detail
    assert target.resume(Run()) == stop
    assert target.resume(Step(Direction.BACKWARD)).position == stop.position - 1
    assert target.seek(0).reason is Reason.START
    target.close()


def test_history_keeps_to_its_budget() -> None:
    options = _options(memory=64 * MIB, history=4 * MIB)
    target = emulated.start("greedy", "static", "memory", options=options)
    stop = target.resume(Run())
    assert stop.reason is Reason.EXIT
    checkpoints = target._timeline.checkpoints
    assert checkpoints.size <= 4 * MIB
    middle = target.seek(stop.position // 2)
    registers = target.registers()
    target.seek(stop.position)
    target.seek(middle.position - 1000)
    assert target.seek(middle.position) == middle
    assert target.registers() == registers
    target.close()


def test_an_endless_loop_is_interrupted_at_once() -> None:
    target = emulated.start("greedy", "static", "time")
    for _ in range(3):
        sent: list[float] = []
        stopped = threading.Event()

        def interrupt(sent: list[float] = sent, stopped: threading.Event = stopped) -> None:
            while not stopped.wait(0.1):
                sent.append(time.perf_counter())
                target.interrupt()

        other = threading.Thread(target=interrupt)
        other.start()
        stop = target.resume(Run())
        took = time.perf_counter() - sent[-1]
        stopped.set()
        other.join()
        assert stop.reason is Reason.INTERRUPTED
        assert took < 0.5, "the aim is 50 ms; a loaded machine gets some more"
    target.close()


_MILLION = """
import time
import emulated
from systui.target.protocol import Direction, Step
target = emulated.start("greedy", "static", "calls")
for _ in range(1_000_000):
    target.resume(Step())
began = time.perf_counter()
for _ in range(1000):
    target.resume(Step(Direction.BACKWARD))
took = time.perf_counter() - began
most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(most.split()[1], took)
"""


@pytest.mark.slow
def test_a_million_steps_stay_small() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", _MILLION], env=environment, capture_output=True, check=True
    )
    kilobytes, took = done.stdout.split()
    assert int(kilobytes) * 1024 < 150 * MIB
    assert float(took) < 1, "1,000 steps back"
