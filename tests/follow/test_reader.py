"""Script files: what is read, and the one clear line for what is wrong."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from systui.follow import reader
from systui.follow.script import LANDMARKS, Pace
from systui.model.call import Phase
from systui.model.errors import BadInputError


def parse(text: str) -> object:
    return reader.parse(text.encode(), "mine.toml")


@pytest.mark.parametrize("name", reader.shipped())
def test_shipped_scripts_are_sound(name: str) -> None:
    script = reader.load(reader.find(name))
    assert script.title
    assert script.steps


def test_default_script_says_something_about_the_way() -> None:
    script = reader.load(reader.find("syscall"))
    noted = {landmark for step in script.steps for landmark in step.notes}
    assert {"user_syscall", "entry", "frame_complete", "restore", "user_return"} <= noted


def test_everything_a_step_may_say() -> None:
    script = reader.parse(
        b"""
        title = "All of it"
        call = "accept#2"
        [[step]]
        run_to = ["sysret_path", "iret_path"]
        optional = true
        note = "at {pc}, {ptregs.orig_ax}"
        [[step]]
        step = 3
        inside = true
        [[step]]
        walk = "user_return"
        notes = { sysret = "rcx is {rcx}" }
        [[step]]
        expect = { phase = "user", symbol = "main+0xb", registers = { rax = "0x2b", rbx = -1 },
                   ptregs = { ax = -88 }, unwritten = ["r15"], result = "ENOTSOCK" }
        """.replace(b",\n                   ", b", "),
        "mine.toml",
    )
    first, second, third, fourth = script.steps
    assert script.call == "accept#2"
    assert first.move is not None
    assert first.move.places == ("sysret_path", "iret_path")
    assert first.move.optional
    assert second.move is not None
    assert (second.move.pace, second.move.repeat) == (Pace.INSTRUCTIONS, 3)
    assert third.notes == {"sysret": "rcx is {rcx}"}
    assert fourth.expect is not None
    assert fourth.expect.phase is Phase.USER
    assert fourth.expect.registers == {"rax": 0x2B, "rbx": -1}
    assert fourth.expect.slots == {"ax": -88}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "not TOML"),
        ("title = 'x'", "at least one [[step]]"),
        ("step = 3", "at least one [[step]]"),
        ("step = [3]", "step 1: not a table"),
        ("titel = 'x'\n[[step]]\nnote = 'x'", "'titel' is not known"),
        ("title = 3\n[[step]]\nnote = 'x'", "'title': not a text"),
        ("[[step]]", "neither where to go nor what to expect"),
        ("[[step]]\nrun_too = 'entry'", "step 1: key 'run_too' is not known"),
        ("[[step]]\nrun_to = 'entry'\nwalk = 'exit'", "run_to, walk exclude each other"),
        ("[[step]]\nrun_to = 3", "'run_to': a landmark, a symbol or an address"),
        ("[[step]]\nrun_to = ''", "'run_to': a landmark, a symbol or an address"),
        ("[[step]]\nrun_to = []", "'run_to': a landmark, a symbol or an address"),
        ("[[step]]\nrun_to = ['entry', 3]", "'run_to': a landmark, a symbol or an address"),
        ("[[step]]\nrun_to = '0xzz'", "'run_to': not a number"),
        ("[[step]]\nstep = 0", "'step': a count from 1 on"),
        ("[[step]]\nstep = true", "'step': a landmark"),
        ("[[step]]\nstep = 1\noptional = true", "never optional"),
        ("[[step]]\nnote = 'x'\noptional = true", "'optional' needs a place"),
        ("[[step]]\nrun_to = 'entry'\ninside = 1", "'inside': true or false"),
        ("[[step]]\nnote = '{rxa}'", "no value is called 'rxa'"),
        ("[[step]]\nnote = '{pc.__class__}'", "no value is called 'pc.__class__'"),
        ("[[step]]\nnotes = {entry = 'x'}\nnote='x'", "'notes' needs a place"),
        ("[[step]]\nwalk = 'entry'\nnotes = {entyr = 'x'}", "notes 'entyr' is not known"),
        ("[[step]]\nexpect = 3", "'expect': not a table"),
        ("[[step]]\nexpect = {phase = 'kernel'}", "'kernel' is not known; there are user, entry"),
        ("[[step]]\nexpect = {landmark = 'nowhere'}", "expect.landmark 'nowhere'"),
        ("[[step]]\nexpect = {fase = 'user'}", "'expect.fase' is not known"),
        ("[[step]]\nexpect = {registers = {xax = 1}}", "'expect.registers': no such name: 'xax'"),
        ("[[step]]\nexpect = {registers = {rax = 1.5}}", "'expect.registers.rax': not a number"),
        ("[[step]]\nexpect = {ptregs = {rax = 1}}", "'expect.ptregs': no such name: 'rax'"),
        ("[[step]]\nexpect = {unwritten = 'ax'}", "'expect.unwritten': a list"),
        ("[[step]]\nexpect = {unwritten = ['eax']}", "'expect.unwritten': no such name"),
        ("[[step]]\nexpect = {result = 1.5}", "'expect.result'"),
    ],
)
def test_mistakes_are_one_line_with_file_and_key(text: str, said: str) -> None:
    with pytest.raises(BadInputError) as caught:
        parse(text)
    message = str(caught.value)
    assert message.startswith("script mine.toml")
    assert said in message
    assert "\n" not in message


def test_step_numbers_count_from_one() -> None:
    with pytest.raises(BadInputError, match="step 2"):
        parse("[[step]]\nnote = 'x'\n[[step]]\nnote = 3")


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadInputError):
        reader.parse(data, "x.toml")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(LANDMARKS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_keys = st.sampled_from(
    ("run_to", "walk", "line", "step", "expect", "note", "notes", "optional", "inside", "x")
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(_keys, _values, max_size=4), max_size=4))
def test_any_shape_is_read_or_refused(steps: list[dict[str, object]]) -> None:
    with contextlib.suppress(BadInputError):
        reader._Reader("x.toml").script({"step": steps})


def test_finding(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("[[step]]\nnote = 'x'\n")
    assert reader.load(reader.find(str(mine))).title == "mine"
    assert reader.find("stack") == reader.SHIPPED / "stack.toml"
    with pytest.raises(BadInputError, match="no script 'stak': give a file, or one of exit, stack"):
        reader.find("stak")
    with pytest.raises(BadInputError, match="No such file"):
        reader.load(reader.find("./none.toml"))
    with pytest.raises(BadInputError, match="directory"):
        reader.load(tmp_path)


def test_a_file_too_large_is_no_script(tmp_path: Path) -> None:
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (reader.SIZE_LIMIT + 1))
    with pytest.raises(BadInputError, match="larger than"):
        reader.load(large)
