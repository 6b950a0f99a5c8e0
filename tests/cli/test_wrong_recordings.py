"""Wrong files and names given to `--record`, `replay` and `report`: one line, nothing lost."""

import argparse
import fcntl
import os
import select
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from systui import examples
from systui.cli import main
from systui.cli.recording import wanted
from systui.cli.replaying import find
from systui.kernel.zstd import ZstdCompressor
from systui.model.errors import BadInputError

SHIPPED = find("accept_43")
ACCEPT = Path(examples.__file__).parent / "accept_43"
REPORT = ["report", "--format", "md", "-o"]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of a refusal."""
    assert main(list(arguments)) == 2
    out, line = capsys.readouterr()
    assert out == ""
    assert len(line.splitlines()) == 1
    assert line[:-1].isprintable()
    return line


def test_a_report_does_not_go_over_a_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording, link = tmp_path / "mine.jsonl.zst", tmp_path / "link.md"
    recording.write_bytes(SHIPPED.read_bytes())
    link.symlink_to(recording)
    for each in (recording, link):
        line = refused(capsys, *REPORT, str(each), str(recording))
        assert "is a recording; name another file" in line
    assert recording.read_bytes() == SHIPPED.read_bytes()


def test_a_report_for_nobody_is_not_waited_with(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.md"
    os.mkfifo(pipe)
    done = subprocess.run(
        [sys.executable, "-m", "systui", *REPORT, str(pipe), "accept_43"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == f"systui: {pipe}: cannot be written: No such device or address\n"


def test_a_report_into_a_pipe_that_is_read(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe.md", list[str]()
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, encoding="utf-8") as file:
        reader = Thread(target=lambda: read.append(file.read()))
        written = main([*REPORT, str(pipe), "accept_43"])
        reader.start()
        reader.join(20)
    assert written == 0
    assert "accept" in read[0]


@pytest.mark.parametrize("name", ["x" * 300, "a\x1b[31mb", "a\nb", "é\x07", "./" + "y" * 5000])
def test_names_that_are_none_of_a_file(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["replay", "--headless"], ["report", "--format", "md"]):
        assert "Errno" not in refused(capsys, *command, name)


def test_an_unknown_argument_s_control_characters_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = refused(capsys, "replay", "accept_43", "\x1b]0;title\x07", "a\nb")
    assert "␛]0;title␇ a␊b" in line


def test_nothing_to_find_is_not_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert "name a register" in refused(capsys, "replay", "--headless", "--find", "", "accept_43")
    assert "--headless" in refused(capsys, "replay", "--find", "", "accept_43")


RECORD = ["emulate", "--headless", "--follow", "43", "--record"]


def test_a_recording_does_not_go_over_what_is_packed_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = ZstdCompressor().compress(
        b"the only copy of something" * 100, ZstdCompressor.FLUSH_FRAME
    )
    for name, data in (("backup.tar.zst", packed), ("cut.zst", packed[:20])):
        path = tmp_path / name
        path.write_bytes(data)
        line = refused(capsys, *RECORD, str(path), str(ACCEPT))
        assert "there is a file already that is no recording" in line
        assert path.read_bytes() == data


def test_a_recording_does_not_go_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "a recording goes to a file: name one" in refused(capsys, *RECORD, "-", str(ACCEPT))
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["again.jsonl", "again.jsonl.zst"])
def test_a_recording_goes_over_one_and_never_over_one_under_way(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    for _turn in range(2):
        assert main([*RECORD, str(path), str(ACCEPT)]) == 0
    capsys.readouterr()
    before = path.read_bytes()
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        line = refused(capsys, *RECORD, str(path), str(ACCEPT))
    assert "is being recorded to already: name another file" in line
    assert path.read_bytes() == before


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    done = subprocess.run(
        [sys.executable, "-m", "systui", *RECORD, str(pipe), str(ACCEPT)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == f"systui: {pipe}: not a file\n"


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        (b"\x04", 0, ""),
        (b"\n", 0, ""),
        (b"99\n", 2, "99: there is no such file"),
        (b"\xff\xfe\n", 2, "there is no such file"),
    ],
)
def test_what_is_answered_to_the_offer(typed: bytes, status: int, said: str) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "systui", "replay"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        offered = heard(ours, b"number or name: ")
        os.write(ours, typed)
        answered = heard(ours)
        assert process.wait(60) == status
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"accept_43-debian-6.1" in offered
    assert answered.count(b"systui:") == (1 if said else 0)
    assert said.encode() in answered
    assert b"Traceback" not in answered


def heard(terminal: int, until: bytes = b"") -> bytes:
    """What comes up to `until`, else all there is until nobody holds the terminal any more."""
    found = b""
    while not (until and until in found):
        assert select.select([terminal], [], [], 60)[0], found
        try:
            found += os.read(terminal, 4096)
        except OSError:  # its other end is closed
            return found
    return found


def test_a_place_for_a_recording_is_looked_at_before_a_guest_boots(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl.zst"
    kept.write_bytes(SHIPPED.read_bytes())
    for path in (kept, tmp_path / "fresh.jsonl"):
        options = argparse.Namespace(record=path, record_source=False, headless=True)
        made = wanted(options)
        assert made is not None
        assert made.path == path
    assert kept.read_bytes() == SHIPPED.read_bytes()
    assert [*tmp_path.iterdir()] == [kept]
    options.record = tmp_path / "no" / "where.jsonl"
    with pytest.raises(BadInputError, match=r"where\.jsonl"):
        wanted(options)
