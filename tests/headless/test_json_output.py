"""The program's output among JSON lines: every byte, and characters never torn."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from systui.headless.lines import JsonPrinter
from systui.model.stop import Channel, Output, Reason, Stop, Task

END = Stop(9, Reason.EXIT, 0, Task(1, "x"), exit_status=0)


def printed(
    capsys: pytest.CaptureFixture[str], pieces: list[tuple[Channel, bytes]]
) -> list[dict[str, object]]:
    printer = JsonPrinter()
    capsys.readouterr()
    for position, (channel, data) in enumerate(pieces):
        printer.output(Output(channel, data, position))
    printer.end(END, "")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_text_comes_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, [(Channel.STDOUT, "héllo\n".encode())]) == [
        {"output": "héllo\n", "channel": "stdout", "index": 0}
    ]


def test_a_character_in_two_pieces_is_put_together(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = "a核".encode()[:2], "a核".encode()[2:]
    objects = printed(capsys, [(Channel.STDOUT, first), (Channel.STDOUT, second)])
    assert [piece["output"] for piece in objects] == ["a", "核"]


def test_channels_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    half = "核".encode()
    objects = printed(
        capsys,
        [(Channel.STDOUT, half[:1]), (Channel.STDERR, b"!"), (Channel.STDOUT, half[1:])],
    )
    assert [(piece["channel"], piece["output"]) for piece in objects] == [
        ("stderr", "!"),
        ("stdout", "核"),
    ]


def test_other_bytes_come_in_base64_too(capsys: pytest.CaptureFixture[str]) -> None:
    (piece,) = printed(capsys, [(Channel.STDERR, b"\xff\x00ok")])
    assert piece["output"] == "\ufffd\0ok"
    assert base64.b64decode(str(piece["base64"])) == b"\xff\x00ok"


def test_what_was_held_back_comes_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    (piece,) = printed(capsys, [(Channel.STDOUT, b"\xe6\xa0")])
    assert base64.b64decode(str(piece["base64"])) == b"\xe6\xa0"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=6), max_size=8))
def test_no_byte_is_lost(capsys: pytest.CaptureFixture[str], pieces: list[bytes]) -> None:
    objects = printed(capsys, [(Channel.STDOUT, data) for data in pieces])
    exact = b"".join(
        base64.b64decode(str(piece["base64"]))
        if "base64" in piece
        else str(piece["output"]).encode()
        for piece in objects
    )
    assert exact == b"".join(pieces)
