"""Moments that cannot be forced: what a real gdb said, played by a stand-in for it.

The words are those of transcripts/*.mi, which capture.py takes from the real ones.
"""

import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from promptness import LIMIT, soon, uncrowded

from systui.model.errors import TargetGoneError
from systui.target.gdb.running import Running
from systui.target.gdb.transport import Gdb

_PLAYER = f"#!{sys.executable}" + textwrap.dedent('''
    """Says `running` after -exec-continue, `after-N` after the Nth SIGINT, ^done to the rest."""
    import os, re, signal, sys
    from pathlib import Path

    here, count = Path(__file__).parent, 0

    def play(name):
        if (here / name).exists():
            os.write(1, (here / name).read_bytes())
        if (here / f"{name}-dies").exists():
            os._exit(3)

    def interrupted(*_signal):
        global count
        count += 1
        play(f"after-{count}")

    signal.signal(signal.SIGINT, interrupted)
    for line in sys.stdin.buffer:
        token = re.match(rb"\\d*", line)[0]
        if b"-gdb-exit" in line:
            break
        if b"-exec-continue" in line:
            os.write(1, token + b"^running\\n")
            play("running")
            continue
        if b"show version" in line:
            os.write(1, b'~"GNU gdb (GDB) 13.1"\\n')
        os.write(1, token + b"^done\\n")
''')

Play = Callable[..., Running]


def after(name: str, mark: bytes) -> bytes:
    """What the real gdb said in transcript `name` after the last `mark`."""
    said = (Path(__file__).parent / "transcripts" / f"{name}.mi").read_bytes()
    assert mark in said
    return said.rpartition(mark)[2]


def stopped() -> bytes:
    """The record of a guest that was interrupted."""
    said = after("running", b"1^connected").splitlines(keepends=True)
    return next(line for line in said if b'reason="signal-received"' in line)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """`play(name=bytes)` is a Running over a gdb that plays them; underscores are dashes."""
    made: list[Gdb] = []

    def halt(wanted: bool) -> None:
        if wanted:
            made[0].process.send_signal(signal.SIGINT)

    def begin(**said: bytes) -> Running:
        player = tmp_path / "gdb"
        player.write_text(_PLAYER)
        player.chmod(0o700)
        for name, words in said.items():
            (tmp_path / name.replace("_", "-")).write_bytes(words)
        made.append(Gdb(str(player)))
        return Running(made[0], halt)

    yield begin
    for gdb in made:
        gdb.close()


def test_qemu_dies_while_the_guest_runs(play: Play) -> None:
    running = play(running=after("running", b"99^running\n"))
    with soon(), pytest.raises(TargetGoneError, match="The guest is gone: QEMU ended"):
        running.proceed()


def test_qemu_died_before_the_guest_was_told_to_run(play: Play) -> None:
    """gdb says that it runs, and then that it cannot."""
    running = play(running=after("firmware", b"99^running\n"))
    with soon(), pytest.raises(TargetGoneError, match="The guest is gone"):
        running.proceed()


def test_gdb_dies_in_the_middle_of_a_record(play: Play) -> None:
    running = play(running=stopped()[:40], running_dies=b"")
    with soon(), pytest.raises(TargetGoneError, match=r"gdb ended unexpectedly \(status 3\)"):
        running.proceed()


def test_a_stop_with_bytes_that_are_no_text(play: Play) -> None:
    running = play(running=stopped().replace(b'"??"', b'"\xff\xfe\xc3"'))
    with soon():
        halt = running.proceed()
    assert halt is not None
    assert (halt.reason, halt.signal, halt.thread) == ("signal-received", "SIGINT", 1)


def test_a_lost_interrupt_is_sent_again(play: Play) -> None:
    running = play(after_2=stopped())
    assert running.proceed(0.2) is None
    with uncrowded(), soon(LIMIT + 0.5):
        assert running.halt().signal == "SIGINT"


def test_a_guest_that_never_stops_is_given_up(play: Play) -> None:
    running = play()
    assert running.proceed(0.2) is None
    with uncrowded(), soon(LIMIT + 0.5), pytest.raises(TargetGoneError, match="not answered"):
        running.halt()


def test_a_gdb_that_talks_instead_of_ending(tmp_path: Path) -> None:
    talker = tmp_path / "gdb"
    talker.write_text(
        _PLAYER.replace("        break\n", "        while True: os.write(1, b'~')\n", 1)
    )
    talker.chmod(0o700)
    gdb = Gdb(str(talker))
    called: list[bool] = []
    with soon():
        gdb.close(lambda: called.append(True))
    assert called == [True]
    assert gdb.process.poll() is not None
