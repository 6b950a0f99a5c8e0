"""The panes, unchanged, on a real kernel."""

import own_kernels
import pytest
from driving import Driver, text

from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example
from systui.model.call import Phase
from systui.tui.app import SystuiApp

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("series", own_kernels.SERIES)
async def test_the_screen_follows_a_call_through_it(series: str) -> None:
    start = Emulation(Wanted(example("accept_43"), kernel=own_kernels.vmlinux(series))).start
    app = SystuiApp(start, title="accept_43", follow="43")
    way = ("user", "entry", "dispatch", "handler", "exit_work", "restore")
    async with app.run_test(size=(140, 45)) as pilot:
        driver = Driver(app, pilot)
        begin = await driver.settled()
        assert begin.call is not None
        assert begin.call.name == "accept"
        for number in (2, 4, 6, 1):
            shown = await driver.press(str(number))
            assert shown.phase is Phase(way[number - 1])
        assert "entry_64.S" in text(app) or "accept_43.c" in text(app)
        again = await driver.press("r")
        assert again.stop.position <= begin.stop.position
