"""Recording from the screen, and the screen over a recording."""

import resource
from pathlib import Path

import pytest
from driving import ACCEPT, Driver, text

from systui.cli.emulation import Emulation, Wanted
from systui.cli.recording import Recording
from systui.cli.replaying import Replaying, find
from systui.model.call import Phase
from systui.model.snapshot import Snapshot
from systui.model.stop import Reason
from systui.target.recorded.target import RecordedTarget
from systui.tui.app import SystuiApp


def recordable() -> SystuiApp:
    start = Emulation(Wanted(ACCEPT, recording=Recording(None, "systui emulate accept_43"))).start
    return SystuiApp(start, title="accept_43", follow="accept")


async def test_r_records_from_here_and_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = recordable()
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot)
        shown = await driver.settled()
        assert "● rec" not in driver.text
        await driver.press("R")
        assert driver.app.main.prompt.line.value == "accept_43.jsonl.zst"
        await driver.press("enter")
        assert "recording to accept_43.jsonl.zst" in driver.text
        assert "● rec" in driver.text.splitlines()[0]
        await driver.press("i", "i", "space", "a")
        await pilot.press(*"look", "enter")
        noted = await driver.settled()
        assert "note: look" in driver.text
        last = await driver.press("i")
        assert "note: look" not in driver.text
        await driver.press("R")
        assert " stops to accept_43.jsonl.zst" in driver.text
        assert "● rec" not in driver.text
        await driver.press("a")
        assert "nothing is recorded, so there is no place for a note: R records" in driver.text
    target = RecordedTarget.open(tmp_path / "accept_43.jsonl.zst")
    assert target.whole
    assert target.header.command == "systui emulate accept_43"
    assert target.current_stop().position == shown.stop.position
    assert target.seek(last.stop.position).pc == last.stop.pc
    assert [note.text for note in target.notes] == ["look"]
    target.close()
    again = SystuiApp(Replaying(tmp_path / "accept_43.jsonl.zst", []).start, title="accept_43")
    async with again.run_test(size=(120, 40)) as pilot:
        driver = Driver(again, pilot)
        await driver.settled()
        await pilot.press("g", *str(noted.stop.position), "enter")
        await driver.settled()
        assert "note: look" in driver.text


async def test_it_goes_where_a_person_says_and_never_over_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "accept_43.jsonl.zst").write_bytes(b"mine")
    app = recordable()
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()
        for name, said in (
            ("accept_43.jsonl.zst", "is there already: name another file"),
            ("no/such/place.jsonl", "cannot be written: No such file or directory"),
            ("x" * 300, "cannot be written: File name too long"),
        ):
            await pilot.press("R")
            assert app.main.prompt.line.value == "accept_43-2.jsonl.zst"
            app.main.prompt.line.value = name
            await driver.press("enter")
            assert said in app.main.footer.message
            assert "● rec" not in driver.text
        await driver.press("R", *"own.jsonl", "enter", "i")
        assert "● rec" in driver.text
    assert app.farewell == "recorded to own.jsonl: `systui replay` plays it"
    target = RecordedTarget.open(tmp_path / "own.jsonl")
    assert target.whole
    target.close()
    assert (tmp_path / "accept_43.jsonl.zst").read_bytes() == b"mine"


async def test_a_disk_that_is_full_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = recordable()
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()
        await driver.press("R", *"own.jsonl", "enter", "i")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (Path("own.jsonl").stat().st_size, before[1]))
        try:
            await driver.press("i")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert "the recording ended early: own.jsonl: cannot be written" in driver.text
        assert "● rec" not in driver.text
        await driver.press("i")
        assert "ended early" not in driver.text
    assert app.farewell == ""


async def test_what_cannot_be_recorded_says_so() -> None:
    app = SystuiApp(Replaying(find("accept_43"), []).start, title="accept_43")
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()
        await driver.press("R")
        assert "this is a recording already" in driver.text
        await driver.press("a")
        assert "notes are written while something is recorded" in driver.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_recording_on_the_screen(size: tuple[int, int]) -> None:
    app = SystuiApp(Replaying(find("accept_43"), []).start, title="accept_43", follow="accept")
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()
        shown = await driver.press("2", "i", "i", "i")
        assert shown.phase is Phase.ENTRY
        assert "recording" in text(app) or size[0] < 120
        assert "entry_SYSCALL_64" in driver.text
        before = shown.stop
        shown = await driver.press("i", "I")
        assert shown.stop.pc == before.pc
        shown = await driver.press("c")
        assert shown.stop.reason in (Reason.EXIT, Reason.END_OF_RECORDING)
        shown = await driver.press("C")
        assert shown.stop.reason is Reason.BEGINNING


@pytest.mark.parametrize("recorded", [False, True])
async def test_a_search_and_the_same_again(recorded: bool) -> None:
    start = Replaying(find("accept_43"), []).start if recorded else Emulation(Wanted(ACCEPT)).start
    app = SystuiApp(start, title="accept_43", follow="accept")
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()

        async def searched(key: str, *typed: str) -> Snapshot:
            await pilot.press(key, *typed, "enter")
            return await driver.settled()

        first = await searched("]", *"pt_regs.ax")
        assert first.frame is not None
        assert first.frame.just_written == "ax"
        second = await searched("]")
        assert second.stop.position > first.stop.position
        back = await searched("[")
        assert back.stop.position == first.stop.position
        await searched("[", *"nonsense")
        assert "not to be searched for" in driver.text
        await pilot.press("escape")
        last = await searched("[")
        if recorded:  # nothing was recorded of earlier calls
            assert "not before step" in driver.text
            assert last.stop.position == first.stop.position
        else:
            assert last.stop.position < first.stop.position
            assert last.frame is not None
            assert last.frame.just_written == "ax"
