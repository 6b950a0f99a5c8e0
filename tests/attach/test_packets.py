"""The remote serial protocol as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from systui.target.gdb import packets
from systui.target.gdb.packets import Halt, Place, ThreadName

PRINTED = """\
 Name         Nr  Rel Offset    Size  Type            Rmt Nr  g/G Offset
 rax           0    0      0       8 int64_t               0           0
 rsp           7    7     56       8 *1                    7          56
 eflags       17   17    136       4 x64_eflags           17         136
 st0          24   24    164      10 _i387_ext            33         236
 al          168  168   1396       1 int8_t
''          169  169   1397       0 int0_t
"""


def test_a_packet_carries_its_sum() -> None:
    assert packets.framed(["g", "m10,4"]) == b"+$g#67+$m10,4#2e"


@given(st.lists(st.text("0123456789abcdefOKE", max_size=30), max_size=8), st.data())
def test_replies_are_the_same_wherever_they_are_cut(said: list[str], data: st.DataObject) -> None:
    sent = packets.framed(said)
    cut = data.draw(st.integers(0, len(sent)))
    first, rest = packets.split(sent[:cut])
    second, rest = packets.split(rest + sent[cut:])
    assert first + second == said


@given(st.binary(max_size=200))
def test_any_bytes_are_replies_or_nothing(data: bytes) -> None:
    replies, rest = packets.split(data)
    assert all(isinstance(reply, str) for reply in replies)
    assert data.endswith(rest)
    for reply in replies:
        packets.stop_in(reply)
        packets.threads_in(reply)


def test_repeated_characters_are_counted() -> None:
    assert packets.split(b"$0* 1#00") == (["00001"], b"")


@pytest.mark.parametrize(
    ("reply", "halt", "process"),
    [
        ("T05thread:p01.02;", Halt("end-stepping-range", 2), "01"),
        ("T02thread:p01.01;", Halt("signal-received", 1, "SIGINT"), "01"),
        ("T05thread:03;watch:ffff88;", Halt("watchpoint-trigger", 3), None),
        ("S05", Halt("end-stepping-range", 1), None),
    ],
)
def test_a_stop_is_told_apart(reply: str, halt: Halt, process: str | None) -> None:
    assert packets.stop_in(reply) == (halt, ThreadName(process))


def test_other_replies_are_no_stops() -> None:
    for reply in ("OK", "E14", "", "W00", "Txx", "10203040"):
        assert packets.stop_in(reply) is None


def test_registers_lie_where_gdb_says() -> None:
    places = packets.register_places(PRINTED, {"rax": "rax", "rflags": "eflags", "cr9": "cr9"})
    assert places == {"rax": Place(0, 16), "rflags": Place(272, 280)}
    reply = "2b" + "00" * 135 + "46020000"
    assert packets.register_values(reply, places) == {"rax": 0x2B, "rflags": 0x246}
    assert packets.register_values("xx" * 8 + reply[16:], places) == {"rflags": 0x246}
    assert packets.register_values(reply[:100], places) == {"rax": 0x2B}


def test_memory_that_is_not_all_there_is_none() -> None:
    assert packets.contents("01020304", 4) == b"\1\2\3\4"
    assert packets.contents("0102", 4) is None
    assert packets.contents("E14", 4) is None
    assert packets.contents("zz", 1) is None


def test_what_gdb_chose_is_noticed() -> None:
    assert packets.selected(b"+$Hgp1.1#00+$g#67$Hgp1.2#11") == "Hgp1.2"
    assert packets.selected(b"+$g#67") is None


@pytest.mark.parametrize(
    ("received", "choice"),
    [
        (b"$T05thread:p01.02;#00", "Hgp01.02"),
        (b"$O41#12$T05thread:01;awatch:ffff;#00", "Hg01"),
        (b"$T05thread:p01.01;#00$T02thread:p01.02;#00", "Hgp01.02"),
        (b"$OK#9a", None),
        (b"$0123456789#00", None),
    ],
)
def test_a_stop_chooses_its_thread(received: bytes, choice: str | None) -> None:
    assert packets.stopped(received) == choice


@pytest.mark.parametrize(
    ("reply", "threads"),
    [("m01,0a", [1, 10]), ("mp01.02", [2]), ("m1,-1,x", [1]), ("m", []), ("l", []), ("", [])],
)
def test_the_threads_of_a_list(reply: str, threads: list[int]) -> None:
    assert packets.threads_in(reply) == threads
