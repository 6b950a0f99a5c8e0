"""Source and disassembly as rows."""

from made_snapshot import SOURCE, snapshot

from systui.model.code import SourceText
from systui.present.source import Marks, SourceRows, disassembly_rows, place
from systui.present.syntax import coloured


def roles(file: str, *lines: str) -> list[list[tuple[str, str]]]:
    return [[(span.text, span.role) for span in line] for line in coloured(SourceText(file, lines))]


def test_marks_stand_by_their_lines() -> None:
    rows = SourceRows(SOURCE)
    marks = Marks(current=12, ran=11, breaks={14})
    assert [rows.row(line, marks).text[:2] for line in (10, 11, 12, 14)] == [
        "  ",
        " ✓",
        " ▶",
        "● ",
    ]
    assert [rows.row(line, marks).base for line in (10, 11, 12)] == ["", "ran", "current"]
    assert rows.row(12, marks).tag == 12


def test_disassembly_keeps_the_current_instruction_in_sight() -> None:
    stop = snapshot(3)
    for count in range(1, 50):
        rows = disassembly_rows(stop, Marks(stop.stop.pc), count)
        assert len(rows) == min(count, 40)
        assert any("▶" in row.text for row in rows)
    assert disassembly_rows(snapshot(code=()), Marks(), 5) == ()


def test_a_place_is_file_and_line() -> None:
    assert place(snapshot(2).location) == "entry_64.S:12"


def test_assembly_is_coloured() -> None:
    assert roles("a.S", "\tpushq\t%rdi\t/* x */") == [
        [
            (" ", "code"),
            ("       pushq", "code.keyword"),
            ("   ", "code"),
            ("%rdi", "code.register"),
            ("    ", "code"),
            ("/* x */", "code.comment"),
        ]
    ]


def test_comments_run_over_lines() -> None:
    found = roles("a.c", "int x; /* one", "two", "three */ int y; // z", '"/* no */" 1')
    assert found[1] == [("two", "code.comment")]
    assert found[2][0] == ("three */", "code.comment")
    assert found[2][-1] == ("// z", "code.comment")
    assert found[3] == [('"/* no */"', "code.string"), (" ", "code"), ("1", "code.number")]


def test_colouring_keeps_every_character() -> None:
    lines = (*tuple(SOURCE.lines[:5]), "#define A 'x'", "1:\tjmp 1b", "", "\x1b[0m", "/*", "*/x")
    for file in ("a.c", "a.S"):
        for spans, line in zip(coloured(SourceText(file, lines)), lines, strict=True):
            text = "".join(span.text for span in spans)
            assert text == line.expandtabs(8).replace("\x1b", "␛")
