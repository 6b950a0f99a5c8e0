"""A follow script on the screen: one of its stops a key, with its sentences."""

from driving import Open

from systui.follow import reader

MINE = b"""
title = "Mine"
[[step]]
run_to = "main"
note = "here main begins"
[[step]]
run_to = "entry"
expect = { phase = "user" }
"""


async def test_space_walks_the_call_with_a_sentence_for_each_phase(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        assert "User mode: the program has put" in driver.text
        await driver.press("space")
        assert "Entry: the CPU is in ring 0" in driver.text


async def test_a_sentence_goes_with_its_stop(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        await driver.press("i")
        assert "User mode: the program" not in driver.text


async def test_after_the_walk_space_leads_to_the_next_call(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        for _index in range(40):
            shown = await driver.press("space")
            if shown.landmark is not None and shown.landmark.name == "user_return":
                break
        shown = await driver.press("space")
        assert shown.landmark is not None
        assert shown.landmark.name == "user_syscall"


async def test_a_script_without_a_call_begins_at_once(open_app: Open) -> None:
    script = reader.parse(MINE, "mine.toml")
    async with open_app(script=script) as driver:
        shown = await driver.settled()
        assert shown.location.symbol == "main"
        assert "here main begins" in driver.text
        await driver.press("space")
        assert "expected phase user, found entry" in driver.text
