"""The key that writes the screen as a file."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from driving import Driver, Open

from systui.tui.picture import save


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def taken(driver: Driver) -> None:
    await driver.press("P")
    await driver.app.workers.wait_for_complete()
    await driver.settled()


async def test_each_picture_is_a_new_file_and_its_place_is_said(open_app: Open, here: Path) -> None:
    (here / "accept_43-1.svg").write_text("mine")
    async with open_app(follow="43", size=(80, 24)) as driver:
        await taken(driver)
        assert "picture in accept_43-2.svg" in driver.text
        await taken(driver)
    assert (here / "accept_43-1.svg").read_text() == "mine"
    assert sorted(path.name for path in here.iterdir()) == [f"accept_43-{n}.svg" for n in (1, 2, 3)]
    text = "".join(ET.parse(here / "accept_43-2.svg").getroot().itertext())
    assert "syscall" in text
    assert "http" not in (here / "accept_43-2.svg").read_text().replace("http://www.w3.org/", "")


async def test_where_it_cannot_be_written_that_is_said(
    open_app: Open, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(size=(80, 24)) as driver:
        gone = here / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        await taken(driver)
        assert "no picture: " in driver.text


def test_a_link_to_nowhere_is_not_followed(here: Path) -> None:
    (here / "it-1.svg").symlink_to(here / "elsewhere")
    assert save("<svg/>", "../bin/it") == Path("it-2.svg")
    assert not (here / "elsewhere").exists()
