"""Stepping: instructions a second with the whole snapshot decoded, forwards and backwards.

    python -m benchmarks.step

One followed call of accept_43 is walked to and fro; each row is the median of the rounds, which
take turns. "presented" also makes the effect's sentence and the rows of registers and stack.
"""

import statistics
import time
from collections.abc import Callable

from benchmarks.composed import debugger_at
from systui.present.effect import sentence
from systui.present.registers import register_rows
from systui.present.stack import stack_rows
from systui.session.debugger import Debugger
from systui.target.protocol import Direction, Step

ROUNDS = 15
STEPS = 180
WIDTH = 58


def rate(act: Callable[[], object]) -> float:
    """Times a second that `act` was done, over the call."""
    start = time.perf_counter()
    for _ in range(STEPS):
        act()
    return STEPS / (time.perf_counter() - start)


def main() -> None:
    """Print the table."""
    debugger = debugger_at("accept")
    rows: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, (forward, back) in _pairs(debugger).items():
            rows.setdefault(f"{name}, forwards", []).append(rate(forward))
            rows.setdefault(f"{name}, backwards", []).append(rate(back))
    for name, measured in rows.items():
        print(f"{name:40} {statistics.median(measured):10,.0f}/s")


Pair = tuple[Callable[[], object], Callable[[], object]]


def _pairs(debugger: Debugger) -> dict[str, Pair]:
    target = debugger.target

    def shown(move: Callable[[], object]) -> Callable[[], object]:
        def act() -> None:
            move()
            debugger.snapshot()

        return act

    def presented(move: Callable[[], object]) -> Callable[[], object]:
        def act() -> None:
            move()
            snapshot = debugger.snapshot()
            if snapshot.effect is not None:
                sentence(snapshot.effect)
            register_rows(snapshot, debugger.kernel.arch, WIDTH)
            stack_rows(snapshot, debugger.kernel.arch, WIDTH)

        return act

    return {
        "the target alone": (
            lambda: target.resume(Step()),
            lambda: target.resume(Step(Direction.BACKWARD)),
        ),
        "tracked": (debugger.step, debugger.step_back),
        "tracked, whole snapshot": (shown(debugger.step), shown(debugger.step_back)),
        "tracked, whole snapshot, presented": (
            presented(debugger.step),
            presented(debugger.step_back),
        ),
    }


if __name__ == "__main__":
    main()
