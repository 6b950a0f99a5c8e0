"""What a step paints: the lines that differ, never the whole screen."""

from typing import Any

import pytest
from driving import Driver, Open
from textual._compositor import ChopsUpdate

from systui.tui.app import SystuiApp

pytestmark = pytest.mark.slow

Spans = set[tuple[int, int, int]]
"""Line, first cell and the one after the last."""


class Painted:
    """What went to the terminal since the last look; None for a whole screen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.frames: list[Spans | None] = []
        display = SystuiApp._display

        def watched(app: SystuiApp, screen: Any, frame: Any) -> None:
            self.frames.append(set(frame.spans) if isinstance(frame, ChopsUpdate) else None)
            display(app, screen, frame)

        monkeypatch.setattr(SystuiApp, "_display", watched)

    async def by(self, driver: Driver, key: str) -> Spans:
        """What pressing `key` painted."""
        self.frames.clear()
        await driver.press(key)
        assert None not in self.frames, "the whole screen was painted"
        return {span for frame in self.frames for span in frame or ()}


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Painted:
    return Painted(monkeypatch)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_a_push_paints_the_lines_that_it_changes(
    open_app: Open, painted: Painted, size: tuple[int, int]
) -> None:
    async with open_app(follow="43", size=size) as driver:
        await driver.press("2", *["s"] * 14)
        for key in ("i", "i", "I", "s", "S"):
            spans = await painted.by(driver, key)
            cells = sum(end - begin for _line, begin, end in spans)
            assert cells < size[0] * size[1] * 2 // 3, key


async def test_a_push_paints_its_slot_and_the_one_before_and_no_other(
    open_app: Open, painted: Painted
) -> None:
    async with open_app(follow="43") as driver:
        await driver.press("2", *["s"] * 14)
        top = driver.app.main.desk.region.y
        box = driver.app.main.desk.plan.boxes["stack"]
        spans = await painted.by(driver, "i")
        lines = {line - top for line, begin, _end in spans if begin >= box.x}
        slots = sorted(line for line in lines if box.y <= line < box.y + box.height)
        assert len(slots) == 2
        assert slots[1] == slots[0] + 1
        registers = driver.app.main.desk.plan.boxes["registers"]
        changed = [y for y in lines if registers.y <= y < registers.y + registers.height]
        assert len(changed) <= 3  # rsp, rip, the flags


async def test_a_key_without_a_meaning_paints_nothing(open_app: Open, painted: Painted) -> None:
    async with open_app(follow="43") as driver:
        # The call table asks for its row's origin once all is at rest.
        await driver.until(lambda: driver.app.main.table.handler.row is not None)
        await driver.settled()
        assert not await painted.by(driver, "end")
