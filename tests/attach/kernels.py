"""Real kernels for the tests, from Debian's packages, without installing any.

`kernel("6.1")` downloads the newest cloud kernel of that series and its debug symbols with
`apt-get download`, unpacks the three files that matter into the user's cache directory and keeps
them there. `python tests/attach/kernels.py 6.1 6.12` does the same ahead of a test run. Progress
goes to stderr; several processes may ask at once; what a broken download left is never used.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FLAVOUR = "cloud-amd64"
_DOWNLOAD_LIMIT = 1200
"""Seconds for one package; the largest has 300 MB."""


class UnavailableError(Exception):
    """The kernel cannot be had here; the message says why."""


@dataclass(frozen=True)
class Kernel:
    """One released kernel: what a boot loader takes, and what a debugger reads."""

    release: str
    bzimage: Path
    vmlinux: Path
    system_map: Path


def kernel(series: str) -> Kernel:
    """Return the newest kernel of `series` (`6.1`); UnavailableError where it cannot be had."""
    place = cache()
    place.mkdir(parents=True, exist_ok=True)
    with locked(place / f"{series}.lock"):
        release = _newest(series) or _kept(place, series) or _newest_listed_anew(series)
        if release is None:
            raise UnavailableError(
                f"no linux-image-{series}.*-{_FLAVOUR} with a -dbg package is known to apt-cache"
            )
        if not (place / release).is_dir():
            _fetch(release, place)
    folder = place / release
    return Kernel(release, folder / "vmlinuz", folder / "vmlinux", folder / "System.map")


def cache() -> Path:
    """Where kernels are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "systui-tests" / "kernels"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _kept(cache: Path, series: str) -> str | None:
    """Without a package list, what an earlier run has fetched is as good."""
    releases = [path.name for path in cache.glob(f"{series}.*-{_FLAVOUR}") if path.is_dir()]
    return max(releases, key=order, default=None)


def _newest(series: str) -> str | None:
    """The highest release of `series` that has both the image and its symbols."""
    listed = run(["apt-cache", "--names-only", "search", f"^linux-image-{series}"]).split()
    pattern = re.compile(rf"linux-image-({re.escape(series)}\.[0-9].*-{_FLAVOUR})")
    found = {match[1] for name in listed if (match := pattern.fullmatch(name))}
    return max(
        (one for one in found if f"linux-image-{one}-dbg" in listed), key=order, default=None
    )


def _newest_listed_anew(series: str) -> str | None:
    """Where no package list was ever fetched, or an old one, only root can change it."""
    if os.geteuid() != 0:
        return None
    say("fetching the list of packages …")
    run(["apt-get", "-qq", "update"], limit=_DOWNLOAD_LIMIT)
    return _newest(series)


def order(release: str) -> list[int]:
    """What releases are sorted by."""
    return [int(number) for number in re.findall(r"\d+", release)]


def _fetch(release: str, cache: Path) -> None:
    """Unpack into a folder beside the final one and rename it: there is no half a kernel."""
    with tempfile.TemporaryDirectory(dir=cache, prefix=".part-") as name:
        work = Path(name)
        result = work / "result"
        result.mkdir()
        wanted = {
            f"linux-image-{release}": {f"./boot/vmlinuz-{release}": "vmlinuz"},
            f"linux-image-{release}-dbg": {
                f"./usr/lib/debug/boot/vmlinux-{release}": "vmlinux",
                f"./usr/lib/debug/boot/System.map-{release}": "System.map",
            },
        }
        for package, members in wanted.items():
            say(f"fetching {package} …")
            archive = download(package, work)
            say(f"unpacking {package} ({archive.stat().st_size >> 20} MB) …")
            unpack(archive, list(members), work)
            for member, target in members.items():
                shutil.move(work / member, result / target)
            archive.unlink()
        result.rename(cache / release)
    say(f"Linux {release} is in {cache / release}")


def download(package: str, work: Path, options: Sequence[str] = ()) -> Path:
    """The archive of a Debian package, in `work`; `options` are for apt-get."""
    run(["apt-get", "-qq", *options, "download", package], cwd=work, limit=_DOWNLOAD_LIMIT)
    archives = list(work.glob("*.deb"))
    if len(archives) != 1:
        raise UnavailableError(f"apt-get download {package} left {len(archives)} packages")
    return archives[0]


def unpack(archive: Path, members: list[str], work: Path) -> None:
    """Take `members` out of a Debian package."""
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE
    ) as unpacked:
        extracted = subprocess.run(
            ["tar", "-x", "-f", "-", "-C", str(work), *members], stdin=unpacked.stdout, check=False
        )
    if extracted.returncode != 0 or unpacked.returncode != 0:
        raise UnavailableError(f"{archive.name} does not hold {', '.join(members)}")


def run(command: list[str], cwd: Path | None = None, limit: float = 60) -> str:
    """What `command` prints; UnavailableError with the reason where it fails."""
    try:
        done = subprocess.run(
            command, cwd=cwd, timeout=limit, capture_output=True, text=True, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise UnavailableError(f"{' '.join(command)}: {reason[-1] if reason else 'failed'}")
    return done.stdout


def say(text: str) -> None:
    """Tell the person who waits."""
    print(f"[kernels] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    missing = 0
    for wanted_series in sys.argv[1:]:
        try:
            print(kernel(wanted_series))
        except UnavailableError as error:
            say(f"Linux {wanted_series}: {error}")
            missing += 1
    sys.exit(missing)
