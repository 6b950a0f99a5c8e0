"""Truncated, damaged and made-up recordings: a clear line, or what of them is sound."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from hostile_play import plain, play
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from systui.cli import main
from systui.kernel.zstd import ZstdCompressor
from systui.model.errors import BadInputError
from systui.model.stop import Reason
from systui.target.protocol import Step
from systui.target.recorded.target import RecordedTarget

SESSION = Path(__file__).parents[2] / "sessions" / "accept_43.jsonl.zst"
PACKED = SESSION.read_bytes()
PLAIN = plain(SESSION)
LINES = PLAIN.splitlines(keepends=True)
RELAXED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _packed(data: bytes) -> bytes:
    return ZstdCompressor().compress(data, ZstdCompressor.FLUSH_FRAME)


def _file(tmp_path: Path, data: bytes, name: str = "hostile.jsonl") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@RELAXED
@given(cut=st.integers(0, len(PLAIN)))
def test_a_plain_file_cut_anywhere(tmp_path: Path, cut: int) -> None:
    play(_file(tmp_path, PLAIN[:cut]))


@RELAXED
@given(cut=st.integers(0, len(PACKED)))
def test_a_packed_file_cut_anywhere(tmp_path: Path, cut: int) -> None:
    play(_file(tmp_path, PACKED[:cut], "hostile.jsonl.zst"))


def test_what_was_recorded_before_the_cut_is_played(tmp_path: Path) -> None:
    stops = [at for at, line in enumerate(LINES) if line.startswith((b'{"r"', b'{"key"', b'{"p"'))]
    cut = stops[100]
    target = RecordedTarget.open(_file(tmp_path, b"".join(LINES[:cut]) + LINES[cut][:20]))
    assert not target.whole
    count = 1
    while target.resume(Step()).reason is not Reason.END_OF_RECORDING:
        count += 1
    assert count == 100
    target.close()


@RELAXED
@given(places=st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), max_size=8))
def test_bytes_changed(tmp_path: Path, places: list[tuple[int, int]]) -> None:
    data = bytearray(PLAIN)
    for at, value in places:
        data[at] = value
    play(_file(tmp_path, bytes(data)))


@RELAXED
@given(places=st.lists(st.tuples(st.integers(0, len(PACKED) - 1), st.integers(0, 255)), max_size=8))
def test_packed_bytes_changed(tmp_path: Path, places: list[tuple[int, int]]) -> None:
    data = bytearray(PACKED)
    for at, value in places:
        data[at] = value
    play(_file(tmp_path, bytes(data), "hostile.jsonl.zst"))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["ffffffffffffffff", "0", "10", "step", "../../etc/passwd", "\x1b[2J"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def _replaced(value: object, chooser: random.Random, other: object) -> object:
    """`value` with one part replaced."""
    if isinstance(value, dict) and value and chooser.random() < 0.9:
        key = chooser.choice(sorted(value))
        return {**value, key: _replaced(value[key], chooser, other)}
    if isinstance(value, list) and value and chooser.random() < 0.9:
        at = chooser.randrange(len(value))
        return [*value[:at], _replaced(value[at], chooser, other), *value[at + 1 :]]
    return other


@settings(parent=RELAXED, max_examples=150)
@given(seed=st.integers(0, 1 << 32), other=JSON, often=st.integers(1, 6))
def test_values_of_the_wrong_kind(tmp_path: Path, seed: int, other: object, often: int) -> None:
    chooser = random.Random(seed)
    lines = list(LINES)
    for _time in range(often):
        # The header and the key stops decide most: they are chosen as often as all the rest.
        keys = [at for at, line in enumerate(lines) if line.startswith((b'{"sys', b'{"key'))]
        at = chooser.choice(keys) if chooser.random() < 0.5 else chooser.randrange(len(lines))
        try:
            value = json.loads(lines[at])
        except ValueError:
            continue
        lines[at] = json.dumps(_replaced(value, chooser, other)).encode() + b"\n"
    play(_file(tmp_path, b"".join(lines)))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: b"", "not a systui recording"),
        (lambda: b"\x7fELF" + bytes(100), "not a systui recording"),
        (lambda: b'{"systui":"recording"\n', "damaged"),
        (lambda: LINES[0].replace(b'"version":1', b'"version":2'), "version 2"),
        (lambda: LINES[0].replace(b"x86_64", b"vax"), "architecture"),
        (lambda: LINES[0], "no stop"),
        (lambda: LINES[0] + b'{"key":0,"p":0,"r":{}}\n', "no stop"),
        (lambda: _packed(bytes(1 << 28)), "damaged"),
    ],
)
def test_what_cannot_be_played_says_why(
    tmp_path: Path, make: Callable[[], bytes], why: str
) -> None:
    with pytest.raises(BadInputError, match=why):
        RecordedTarget.open(_file(tmp_path, make()))


def test_a_directory_a_pipe_and_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "none"):
        assert main(["replay", "--headless", str(path)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def _key() -> bytes:
    return next(line for line in LINES if line.startswith(b'{"key"'))


@pytest.mark.parametrize(
    "tail",
    [
        b'{"r":{"rax":"' + b"f" * (8 << 20) + b'"}}\n',
        b"[" * (1 << 19) + b"\n",
        b"\n" * 1_000_000,
        b'{"r":{}}\n' * 1_000_000,
        b'{"void":0}\n' * 100_000,
        b'{"key":0,"p":5,"r":{}}\n' * 300_000,
        b'{"facts":{}}\n' * 300_000,
        b'{"out":["stdout",0,""]}\n' * 300_000,
    ],
    ids=["long", "deep", "blank", "stops", "voids", "keys", "facts", "output"],
)
@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True])
def test_much_of_nothing_is_soon_read(tmp_path: Path, tail: bytes, packed: bool) -> None:
    data = LINES[0] + _key() + tail
    start = process_time()
    if packed:
        play(_file(tmp_path, _packed(data), "much.jsonl.zst"))
    else:
        play(_file(tmp_path, data))
    assert process_time() - start < 20


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = ZstdCompressor()
    data = bomb.compress(LINES[0] + _key())
    for _ in range(256):
        data += bomb.compress(bytes(1 << 24))
    data += bomb.flush()
    assert len(data) < 1 << 20
    start = process_time()
    assert play(_file(tmp_path, data, "bomb.jsonl.zst")) > 0
    assert process_time() - start < 5


def test_escapes_and_markup_in_names_reach_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = PLAIN.replace(b"entry_SYSCALL_64", b"\\u001b]0;x\\u0007<b>[red]").replace(
        b"entry_64.S", b"../../../etc/passwd\\u001b[2J"
    )
    assert main(["replay", "--headless", str(_file(tmp_path, data))]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "root:" not in out


@pytest.mark.parametrize("name", ["r11", "rbx", "rsp", "cs", "gs_base", "cr3"])
def test_a_register_that_is_missing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "without.jsonl"
    said = []
    for line in PLAIN.splitlines():
        values = json.loads(line)
        values.get("r", {}).pop(name, None)
        said.append(json.dumps(values))
    path.write_text("\n".join(said) + "\n", encoding="ascii")
    play(path)


def test_entry_code_without_an_end(tmp_path: Path) -> None:
    data = plain(SESSION.with_name("link-3.18-i386.jsonl.zst"))
    named = b'"__entry_text_end":["'
    start = data.index(named) + len(named)
    place = data[start : data.index(b'"', start)]
    path = _file(tmp_path, data.replace(named + place, named + b"f" * 16))
    command = [sys.executable, "-m", "systui", "report", str(path), "--format", "md"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("# link")
