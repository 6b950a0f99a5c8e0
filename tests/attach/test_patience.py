"""A limit that a crowded machine stretches, by what the kernel tells of its CPUs."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from systui.target.gdb import patience
from systui.target.gdb.patience import Patience

LIMIT = 2.0
TICK = 0.05


class World:
    """A clock, and a machine whose tasks wait for CPUs in a share of the time."""

    def __init__(self, proc: Path, tells: str) -> None:
        self.now, self._waited = 100.0, 0.0
        self._tell = {"pressure": self._pressure, "account": self._account}[tells]
        self._file = proc / tells

    def pass_on(self, share: float) -> None:
        self.now += TICK
        self._waited += share * TICK
        self._file.write_text(self._tell())

    def _pressure(self) -> str:
        total = f"avg10=0.00 avg60=0.00 avg300=0.00 total={self._waited * 1e6:.0f}"
        return f"some {total}\nfull {total}\n"

    def _account(self) -> str:
        """Of two CPUs, of which one is idle while nothing waits for it."""
        busy, idle = (round(100 * seconds) for seconds in (self.now, self.now - self._waited))
        return f"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 {busy} 0 0 0 0 0 0 0 0 0\n"

    def lasts(self, waiting: Patience, *shares: float) -> float:
        """Seconds until it is over: the machine is crowded by `shares`, in turn, then no more."""
        began, left = self.now, list(shares)
        while not waiting.over():
            self.pass_on(left.pop(0) if left else 0.0)
        return self.now - began


@pytest.fixture(params=["pressure", "account"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """It tells of that in one of the two ways."""
    made = World(tmp_path, request.param)
    for source in ("pressure", "account"):
        monkeypatch.setattr(patience, f"_{source.upper()}", tmp_path / source)
    monkeypatch.setattr(patience, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def test_on_an_idle_machine_the_limit_is_all(world: World) -> None:
    assert world.lasts(Patience(LIMIT)) == pytest.approx(LIMIT, abs=2 * TICK)


def test_a_crowded_machine_gets_more_time_until_it_is_idle(world: World) -> None:
    crowded = [0.9] * int(4 / TICK)
    assert world.lasts(Patience(LIMIT), *crowded) == pytest.approx(4.25, abs=0.25)


def test_not_for_ever(world: World) -> None:
    crowded = [1.0] * int(60 / TICK)
    assert world.lasts(Patience(LIMIT), *crowded) == pytest.approx(5 * LIMIT, abs=0.3)


@pytest.mark.parametrize(
    "said", [None, "", "some avg10=0.00\n", "some total=many\n", "cpu 1 2\n", "a b c d e f\n"]
)
def test_a_kernel_that_tells_nothing(world: World, said: str | None, tmp_path: Path) -> None:
    for source in () if said is None else ("pressure", "account"):
        (tmp_path / source).write_text(said or "")
    waiting = Patience(LIMIT)
    while not waiting.over():
        world.now += TICK
    assert world.now - 100.0 == pytest.approx(LIMIT, abs=2 * TICK)
