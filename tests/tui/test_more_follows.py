"""A pane that holds more than it shows has a bar at its right, and what it says fits beside it."""

from typing import cast

import pytest
from driving import Driver, opened
from rich.style import Style

from systui.tui.panes.base import RowsPane
from systui.tui.picture import lines


@pytest.mark.parametrize(("key", "name"), [("l", "ledger"), ("y", "way")])
async def test_a_bar_where_more_follows_and_none_where_all_is_seen(key: str, name: str) -> None:
    async with opened(follow="43", size=(80, 24)) as driver:
        await driver.press("4", key)
        pane = cast(RowsPane, driver.app.main.desk.panes[name])
        assert len(pane.rows) > pane.size.height
        assert pane.columns == pane.size.width - 1
        assert len(last_column(driver, pane)) > 1
        if name == "ledger":
            assert "›" not in driver.text.partition("ledger")[2].partition("\n")[2]
        await driver.pilot.resize_terminal(80, 120)
        await driver.press("z")
        assert len(pane.rows) <= pane.size.height
        assert pane.columns == pane.size.width
        assert len(last_column(driver, pane)) == 1


def last_column(driver: Driver, pane: RowsPane) -> set[object]:
    """The grounds of the cells at the right of `pane`: a bar's is another than what it is in."""
    seen = lines(driver.app)[pane.region.y : pane.region.bottom]
    styles = [line[-1].style or Style() for line in seen]
    return {style.color if style.reverse else style.bgcolor for style in styles}
