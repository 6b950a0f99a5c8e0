"""gdb's machine interface as text: records wherever they are cut, and nothing smuggled in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from systui.model.errors import BadInputError
from systui.target.gdb import mi

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.mi"))


def records(pieces: list[bytes]) -> list[mi.Record]:
    splitter = mi.Splitter()
    return [record for piece in pieces for record in splitter.feed(piece)]


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
@given(data=st.data())
def test_records_are_the_same_wherever_the_output_is_cut(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=40)))
    ends = [*cuts, len(whole)]
    pieces = [whole[start:end] for start, end in zip([0, *cuts], ends, strict=True)]
    assert records(pieces) == records([whole])


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_of_the_real_ones_is_understood(path: Path) -> None:
    found = records([path.read_bytes()])
    assert {record.kind for record in found} >= {"^", "*", "="}
    assert any(record.name == "connected" for record in found)
    stops = [record for record in found if record.name == "stopped"]
    assert all("frame" in record.results for record in stops)


@given(st.binary(max_size=400))
def test_any_bytes_are_records_or_nothing(data: bytes) -> None:
    for record in records([data, b"\n"]):
        assert isinstance(record.text, str)
        assert isinstance(record.results, dict)


@given(st.text(max_size=60))
def test_quoted_text_is_one_argument_on_one_line(text: str) -> None:
    quoted = mi.quote(text)
    assert quoted.isascii()
    assert quoted.isprintable()
    inside = quoted[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in inside


@given(st.text(min_size=1, max_size=60))
def test_a_path_is_one_word_or_refused(name: str) -> None:
    try:
        word = mi.cli_path(Path("/folder") / name.lstrip("/"))
    except (BadInputError, ValueError):
        return
    assert word.startswith("/")
    assert all(char.isprintable() or not char.isascii() for char in word)
    bare = word.replace("\\\\", "")
    for index, char in enumerate(bare):
        if char in " \"'|;$`!":
            assert bare[index - 1] == "\\"


@pytest.mark.parametrize("line", ["a\nb", "x\r", "\x00", "p 1\x1b[2J"])
def test_a_gdb_line_holds_no_control_characters(line: str) -> None:
    with pytest.raises(BadInputError):
        mi.cli_line(line)


@pytest.mark.parametrize(
    "line", ["c", "conti 5", "si", "stepi", "n", "detach", "q", "quit", "k", "reverse-stepi", "r"]
)
def test_a_line_for_gdb_does_not_move_the_guest(line: str) -> None:
    with pytest.raises(BadInputError, match="systui's own to do"):
        mi.cli_line(line)


@pytest.mark.parametrize(
    "line", ["info registers", "p $rip", "x/4i $pc", "set $x = 1", "bt", "ptype"]
)
def test_other_lines_reach_gdb(line: str) -> None:
    assert mi.cli_line(line) == f'-interpreter-exec console "{line}"'


def test_lines_that_would_move_the_guest_are_told_from_others() -> None:
    from systui.target.gdb.mi import moves

    for line in ("c", "continue", "cont 3", "si 5", "detach", "reverse-step", "kill", "q", "run"):
        assert moves(line)
    for line in (
        "info threads",
        "p $rax",
        "show version",
        "x/4i $pc",
        "maintenance info",
        "bt",
        "",
    ):
        assert not moves(line)
