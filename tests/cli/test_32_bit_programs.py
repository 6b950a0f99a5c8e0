"""A 32-bit program on a 64-bit kernel: the names of calls are those of its own table."""

from pathlib import Path

import pytest
from program_builder import built

from systui.cli import main
from systui.cli.emulation import Emulation, Wanted
from systui.follow.call import CallSpec


def test_what_the_screen_and_the_console_are_asked_for_is_a_call_of_the_program() -> None:
    debugger = Emulation(Wanted(built("link_32", "bare32"))).start()
    try:
        assert CallSpec.parse("link", debugger.kernel.table)[:3] == ("i386", 9, "link")
    finally:
        debugger.target.close()


def test_it_is_so_in_the_recording_of_it_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = str(tmp_path / "link.jsonl")
    program = str(built("link_32", "bare32"))
    assert main(["emulate", "--headless", "--record", recording, "--follow", "9", program]) == 0
    capsys.readouterr()
    assert main(["replay", "--headless", "--follow", "link", recording]) == 0
    assert "9 link" in capsys.readouterr().out


def test_its_stack_is_told_in_words_of_four_bytes() -> None:
    debugger = Emulation(Wanted(built("link_32", "bare32"), arguments=("one",))).start()
    try:
        stack = debugger.snapshot().stack
        assert stack.word == 4
        arguments, name, one, end = stack.words[:4]
        assert (arguments, end) == (2, 0)
        assert name is not None
        assert one == name + len(str(built("link_32", "bare32"))) + 1
    finally:
        debugger.target.close()
