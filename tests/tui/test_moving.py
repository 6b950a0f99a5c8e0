"""Keys that move the debugger, on the real emulator."""

import pytest
from driving import Open

from systui.model.call import Phase
from systui.model.stop import Reason

pytestmark = pytest.mark.slow


async def test_a_followed_call_stops_at_the_program_s_instruction(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        shown = await driver.settled()
        assert shown.instruction is not None
        assert shown.instruction.mnemonic == "syscall"
        assert shown.call is not None
        assert shown.call.name == "accept"
        assert "accept_43.c:6" in driver.text
        assert "43 accept(fd=1" in driver.text


async def test_steps_build_pt_regs_and_going_back_takes_it_down(open_app: Open) -> None:
    async with open_app(follow="accept") as driver:
        begin = await driver.settled()
        counts = []
        for _turn in range(20):
            shown = await driver.press("s")
            frame = shown.frame
            counts.append(sum(s.written.value == "written" for s in frame.slots) if frame else 0)
        assert counts == sorted(counts)
        assert counts[-1] > 8
        assert f"pt_regs {counts[-1]} of 21" in driver.text
        while shown.stop.position > begin.stop.position:
            shown = await driver.press("I")
        assert shown.registers == begin.registers
        assert shown.stop.position == begin.stop.position


async def test_function_keys_do_the_same(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        first = await driver.press("f11")
        second = await driver.press("f10")
        assert second.stop.position > first.stop.position
        assert (await driver.press("shift+f10")).stop.position == first.stop.position


async def test_phases_by_number_in_any_order(open_app: Open) -> None:
    way = ("user", "entry", "dispatch", "handler", "exit_work", "restore")
    async with open_app(follow="43") as driver:
        begin = await driver.settled()
        seen = {}
        for number in (4, 2, 6, 3, 5, 1):
            shown = await driver.press(str(number))
            assert shown.phase is Phase(way[number - 1])
            assert shown.call is not None
            assert shown.call.name == "accept"
            seen[number] = shown.stop.position
        assert [seen[number] for number in sorted(seen)] == sorted(seen.values())
        assert seen[1] == begin.stop.position
        back = await driver.press("7")
        assert back.phase is Phase.USER
        assert back.call is not None
        assert back.call.errno == "ENOTSOCK" or back.call.result is not None
        assert (await driver.press("4")).stop.position == seen[4]


async def test_landmarks_forwards_and_back(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        names = []
        for _turn in range(6):
            shown = await driver.press("space")
            assert shown.landmark is not None
            names.append(shown.landmark.name)
        assert names[:4] == ["entry", "kernel_cr3", "kernel_stack", "frame_complete"]
        for name in reversed(names[:-1]):
            shown = await driver.press("backspace")
            assert shown.landmark is not None
            assert shown.landmark.name == name


async def test_the_end_is_said_and_can_be_left_again(open_app: Open) -> None:
    async with open_app() as driver:
        ended = await driver.press("c")
        assert ended.stop.reason is Reason.EXIT
        assert "status 0" in driver.text
        assert "r runs it again" in driver.text
        await driver.press("o")
        assert "Hello accept" in driver.text
        back = await driver.press("S")
        assert back.stop.reason is not Reason.EXIT
        assert back.stop.position < ended.stop.position
        again = await driver.press("r")
        assert again.stop.position == 0
        assert "Hello accept" not in driver.text
        assert (await driver.press("c")).stop.position == ended.stop.position


async def test_going_to_a_position(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        begin = await driver.settled()
        wanted = begin.stop.position - 1000
        shown = await driver.press("g", *str(wanted), "enter")
        assert shown.stop.position == wanted
        await driver.press("g", *"99999999999", "enter")
        assert f"there are 0 to {begin.latest:,}" in driver.text
        await driver.press("g", *"abc", "enter")
        assert "not a step number" in driver.text
        assert (await driver.press("escape")).stop.position == wanted


async def test_a_breakpoint_stops_continue(open_app: Open) -> None:
    async with open_app() as driver:
        await driver.press("b", *"do_syscall_64", "enter")
        assert "breakpoint at do_syscall_64" in driver.text
        shown = await driver.press("c")
        assert shown.location.name == "do_syscall_64"
        assert "●▶" in driver.text
        first = shown.stop.position
        assert (await driver.press("c")).stop.position > first
        assert (await driver.press("C")).stop.position == first
        await driver.press("b", *"no_such_symbol", "enter")
        assert "no_such_symbol" in driver.text


async def test_a_burst_of_keys_loses_none_and_queues_none(open_app: Open) -> None:
    async with open_app(follow="43") as driver:
        begin = (await driver.settled()).stop.position
        for _turn in range(25):
            driver.app.action_do("instruction")
        shown = await driver.settled()
        assert shown.stop.position == begin + 25
        for _turn in range(25):
            driver.app.action_do("instruction_back")
        assert (await driver.settled()).stop.position == begin
