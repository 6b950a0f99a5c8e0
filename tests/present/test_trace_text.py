"""The trace's text: nothing wider than a page, nothing that a terminal would obey."""

from hypothesis import given
from hypothesis import strategies as st

from systui.model.call import Argument, Syscall
from systui.model.stop import Channel, Output
from systui.present import call as call_line
from systui.present.rows import Row, cells
from systui.present.trace import WIDTH, output_rows, paragraph


def texts(rows: object) -> list[str]:
    assert hasattr(rows, "__iter__")
    return [row.text for row in rows if isinstance(row, Row)]


def test_a_long_call_keeps_its_result() -> None:
    argument = Argument("filename", "const char *", 0, '"' + "/a/long/way" * 20 + '"')
    call = Syscall("64", 257, "openat", (argument,), -2, "ENOENT")
    lines = texts(paragraph(call_line.line(call)))
    assert lines[-1].endswith("= -2 ENOENT")
    assert all(cells(line) <= WIDTH for line in lines)


def test_a_call_under_way_has_no_result() -> None:
    call = Syscall("64", 43, "accept", (Argument("fd", "int", 1, "1"),))
    assert call_line.line(call) == "accept(fd=1)"


def test_output_is_marked_by_channel() -> None:
    pieces = [Output(Channel.STDERR, b"oops\n", 1), Output(Channel.STDOUT, b"a\nb", 2)]
    assert texts(output_rows(pieces, "out"))[2:] == ["! oops", "| a", "| b"]


@given(st.binary(max_size=60))
def test_no_control_character_reaches_the_terminal(data: bytes) -> None:
    for line in texts(output_rows([Output(Channel.STDOUT, data, 1)], "out")):
        assert line.isprintable()
