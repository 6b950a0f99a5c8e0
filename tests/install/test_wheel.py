"""What `pipx install` gives: the wheel alone, in an empty environment, far from the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=600
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel and the sdist, the wheel made from the sdist's own tree."""
    out = tmp_path_factory.mktemp("dist")
    done = _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, CHECKOUT, cwd=out)
    assert done.returncode == 0, done.stderr[-2000:]
    return out


def test_the_wheel_carries_themes_sessions_and_the_kernel_with_its_sources(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("themes/", "sessions/", "minikernel.elf", "entry_64.S", "accept_43"):
        assert any(part in name for name in names), part
    assert not [name for name in names if name.startswith("tests/")]


def test_the_wheel_alone_follows_a_call(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert _run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path).returncode == 0
    python = tmp_path / "env/bin/python"
    done = _run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    program = CHECKOUT / "systui/examples/accept_43"
    done = _run(
        tmp_path / "env/bin/systui",
        *("emulate", "--follow", "43", "--headless"),
        program,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "ENOTSOCK" in done.stdout or "EBADF" in done.stdout
    assert "Hello accept" in done.stdout
    listed = _run(tmp_path / "env/bin/systui", "replay", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr[-2000:]
    assert "accept_43-debian-6.1" in listed.stdout
    replay = ("replay", "accept_43-debian-6.1", "--follow", "accept", "--headless")
    replayed = _run(tmp_path / "env/bin/systui", *replay, cwd=tmp_path)
    assert replayed.returncode == 0, replayed.stderr[-2000:]
    assert "ENOTSOCK" in replayed.stdout
