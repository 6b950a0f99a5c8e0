"""Folders with sockets in them: gone when closed, and swept up after whoever was killed."""

import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from systui.target.gdb.private import PrivateFolder, sweep

_HOLDER = """
import signal
from systui.target.gdb.private import PrivateFolder
folder = PrivateFolder()
(folder.path / "gdb").touch()
print(folder.path, flush=True)
signal.pause()
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_nobody_else_gets_in_and_nothing_is_left(elsewhere: Path) -> None:
    folder = PrivateFolder()
    assert folder.path.parent == elsewhere
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.close()
    folder.close()
    assert not list(elsewhere.iterdir())


def test_what_a_killed_session_left_goes_with_the_next(elsewhere: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        left = Path(holder.stdout.readline().strip())
        living = PrivateFolder()
        assert left.exists()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert left.exists()
    next_one = PrivateFolder()
    assert set(elsewhere.iterdir()) == {living.path, next_one.path}
    living.close()
    next_one.close()


def test_what_is_not_certain_to_be_ours_stays(elsewhere: Path) -> None:
    valued = elsewhere / "valued"
    valued.mkdir(mode=0o700)
    (valued / "owner").touch()
    (elsewhere / "systui-guest-link").symlink_to(valued)
    for name, mode in (("open", 0o755), ("nobody-s", 0o700), ("linked", 0o700)):
        folder = elsewhere / f"systui-guest-{name}"
        folder.mkdir()
        folder.chmod(mode)
    (elsewhere / "systui-guest-open" / "owner").touch()
    (elsewhere / "systui-guest-linked" / "owner").symlink_to(valued / "owner")
    (elsewhere / "systui-guest-file").touch()
    before = set(elsewhere.rglob("*"))
    sweep()
    assert set(elsewhere.rglob("*")) == before
