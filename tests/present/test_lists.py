"""The table, the ledger, the output, the header and the lines under the source."""

import pytest
from made_snapshot import CALL, snapshot

from systui.kernel.syscalls import bundled
from systui.model.frame import LedgerRow
from systui.model.snapshot import Verdict
from systui.model.stop import Channel, Output, Reason, Stop, Task
from systui.present.effects import effect_rows
from systui.present.header import header_spans
from systui.present.ledger import ledger_rows, verdict_rows
from systui.present.notice import notice
from systui.present.output import output_rows
from systui.present.rows import cells, width
from systui.present.table import table_rows

LEDGER = (
    LedgerRow("rax", 43, "orig_ax", 120, "movq $-9, %rax", 140, "pop %rax", 170, (1 << 64) - 9),
    LedgerRow("rcx", 7, None, None, "CPU", 101, None, None, 0x401660),
    LedgerRow("rdi", 1, "di", 121, None, None, "pop %rdi", 171, 1),
)


@pytest.mark.parametrize("size", [60, 69, 80, 120])
def test_table_rows_fit(size: int) -> None:
    rows = table_rows(bundled("x86_64").rows, "", 43, size)
    assert all(width(row.spans) <= size for row in rows)
    assert [row.tag for row in rows if row.text.startswith("▶")] == [43]


def test_the_search_s_hits_stand_out() -> None:
    table = bundled("x86_64")
    rows = table_rows(table.search("accept"), "ACCept", None, 80)
    assert all(("accept", "match") in row.spans for row in rows)
    (nothing,) = table_rows([row for row in table.rows if row.name == "vserver"], "", None, 80)
    assert "-ENOSYS" in nothing.text


@pytest.mark.parametrize("size", [69, 80, 96, 120])
def test_the_ledger_tells_each_register_s_fate(size: int) -> None:
    heading, rax, rcx, rdi = ledger_rows(LEDGER, size)
    assert all(width(row.spans) <= size for row in (heading, rax, rcx, rdi))
    assert "orig_ax" in rax.text
    assert rax.text.endswith("   -9")
    assert "nowhere" in rcx.text
    assert "CPU" in rcx.text
    assert rdi.spans[-1].role == "number"
    assert rax.spans[-1].role == "changed"
    assert ("orig_ax @120" in rax.text) == (size >= 96)


def test_sysret_s_checks_are_told_as_they_come() -> None:
    assert verdict_rows((), 80) == ()
    checks = ("cx_is_ip", "canonical", "cs", "r11_is_flags", "rf_tf", "ss")
    verdicts = [Verdict(check, check != "rf_tf", 1) for check in checks]
    for count in range(1, 7):
        rows = verdict_rows(verdicts[:count], 80)
        assert all(width(row.spans) <= 80 for row in rows)
        text = " ".join(row.text for row in rows)
        assert text.count("✓") + text.count("✗") == count
    assert "RF, TF ✗" in text
    assert "RCX = RIP ✓" in text


def test_an_empty_ledger_says_why() -> None:
    assert "No system call yet" in "".join(row.text for row in ledger_rows((), 80))


def test_output_is_put_together_by_lines() -> None:
    pieces = ("h\u00e9llo\n".encode()[:2], "h\u00e9llo\n".encode()[2:], b"\x1b[31mred")
    output = [Output(Channel.STDOUT, piece, 1) for piece in pieces]
    output.append(Output(Channel.STDERR, b"bad\r\n\nend\n", 2))
    rows = output_rows(output)
    assert [row.text for row in rows] == [" h\u00e9llo", " ␛[31mredbad", " ", " end"]
    assert rows[1].spans[-1].role == "stderr"


@pytest.mark.parametrize("size", [60, 80, 120, 200])
def test_the_header_fits(size: int) -> None:
    done = CALL._replace(result=-88, errno="ENOTSOCK")
    for call in (None, CALL, done):
        spans = header_spans("accept_43 · emulator · miniature kernel, PTI on", call, "", size)
        assert sum(cells(span.text) for span in spans) <= size
        text = "".join(span.text for span in spans)
        assert text.startswith(" systui  accept_43")
        if call is done:
            assert "-88 ENOTSOCK" in text


def test_what_runs_is_said_in_the_header() -> None:
    text = "".join(span.text for span in header_spans("x", CALL, "running", 80))
    assert text.endswith("running ")


@pytest.mark.parametrize("height", [1, 2, 3])
def test_the_effect_keeps_to_its_lines(height: int) -> None:
    rows = effect_rows(snapshot(6), 40, height)
    assert 1 <= len(rows) <= height
    assert rows[0].text.startswith(" ✓ ")
    assert all(width(row.spans) <= 40 for row in rows)


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (Reason.EXIT, "status 3"),
        (Reason.BLOCKED, "waits for"),
        (Reason.LIMIT, "limit"),
        (Reason.INTERRUPTED, "Interrupted"),
        (Reason.BEGINNING, "earliest"),
        (Reason.SIGNAL, "Signal"),
        (Reason.WATCH, "Watchpoint"),
        (Reason.END_OF_RECORDING, "recording ends"),
    ],
)
def test_an_unusual_stop_says_why(reason: Reason, word: str) -> None:
    stop = Stop(9, reason, 0x1000, Task(1, "x"), exit_status=3 if reason is Reason.EXIT else None)
    assert word in notice(snapshot(stop=stop))
    assert effect_rows(snapshot(stop=stop), 80, 3)[0].text.startswith(" ● ")


def test_an_ordinary_stop_says_nothing() -> None:
    assert notice(snapshot()) == ""


def test_at_the_start_the_keys_are_told() -> None:
    stop = Stop(0, Reason.START, 0x1000, Task(1, "x"))
    assert "F follows" in effect_rows(snapshot(stop=stop, effect=None), 120, 2)[0].text
