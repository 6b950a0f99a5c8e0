"""Debian's own i386 kernel for the tests, whatever the architecture of this machine.

Packages are looked up in lists of their own beside the kept kernels, so nothing of the system's is
changed. The package of debug symbols has 765 MB; the System.map and the vmlinux lie at its
beginning, and it is read no further: 76 MB. That they belong to the kernel is what systui itself
checks, by the build-id. `python tests/attach/i386_kernels.py` does it ahead of a test run.
"""

import lzma
import re
import shutil
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path
from typing import IO

from kernels import Kernel, UnavailableError, cache, download, locked, order, run, say, unpack

_SERIES, _FLAVOUR = "6.1", "686-pae"
_LIMIT = 600
"""Seconds for the lists of packages."""
_QUIET = 60
"""Seconds without a byte after which a download is given up."""
_MAGIC, _HEADER = b"!<arch>\n", 60
_PIECE = 1 << 20
_NAME = re.compile(rf"^linux-image-({re.escape(_SERIES)}\.[0-9.-]+-{_FLAVOUR})-dbg ", re.MULTILINE)


def i386_kernel() -> Kernel:
    """The newest one; UnavailableError where it cannot be had."""
    place = cache()
    place.mkdir(parents=True, exist_ok=True)
    with locked(place / f"{_SERIES}-{_FLAVOUR}.lock"):
        kept = [path.name for path in place.glob(f"{_SERIES}.*-{_FLAVOUR}") if path.is_dir()]
        release = max(kept, key=order, default=None) or _fetch(place)
    folder = place / release
    return Kernel(release, folder / "vmlinuz", folder / "vmlinux", folder / "System.map")


def _fetch(place: Path) -> str:
    """Unpack into a folder beside the final one and rename it: there is no half a kernel."""
    with tempfile.TemporaryDirectory(dir=place, prefix=".part-") as name:
        work = Path(name)
        result = work / "result"
        result.mkdir()
        apt = _apt(work / "apt")
        release = _newest(apt)
        say(f"fetching linux-image-{release} …")
        archive = download(f"linux-image-{release}", work, apt)
        member = f"./boot/vmlinuz-{release}"
        unpack(archive, [member], work)
        shutil.move(work / member, result / "vmlinuz")
        say("fetching its symbols …")
        asked = run(["apt-get", *apt, "download", "--print-uris", f"linux-image-{release}-dbg"])
        _symbols(asked.split("'")[1], release, result)
        result.rename(place / release)
    say(f"Linux {release} is in {place / release}")
    return release


def _apt(folder: Path) -> list[str]:
    """Options by which apt's commands see i386 packages, listed in `folder`."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    return [
        *("-o", "APT::Architecture=i386", "-o", "APT::Architectures=i386"),
        *("-o", f"Dir::State::lists={folder / 'lists'}", "-o", f"Dir::Cache={folder / 'cache'}"),
        *("-o", "Dir::State::status=/dev/null", "-o", "Acquire::Languages=none"),
    ]


def _newest(apt: list[str]) -> str:
    say("fetching the list of i386 packages …")
    reason = "none is listed"
    try:
        run(["apt-get", "-qq", *apt, "update"], limit=_LIMIT)
    except UnavailableError as error:  # one source out of several may be what failed
        reason = str(error)
    listed = run(["apt-cache", *apt, "--names-only", "search", f"^linux-image-{_SERIES}"])
    release = max(_NAME.findall(listed), key=order, default=None)
    if release is None:
        raise UnavailableError(f"linux-image-{_SERIES}.*-{_FLAVOUR}: {reason}")
    return str(release)


def _symbols(address: str, release: str, result: Path) -> None:
    """Read a package from `address` until both files are there."""
    wanted = {f"System.map-{release}": "System.map", f"vmlinux-{release}": "vmlinux"}
    try:
        with (
            urllib.request.urlopen(address, timeout=_QUIET) as stream,
            tarfile.open(fileobj=lzma.LZMAFile(_data(stream)), mode="r|") as files,
        ):
            for file in files:
                name = wanted.pop(Path(file.name).name, None)
                content = None if name is None else files.extractfile(file)
                if name is not None and content is not None:
                    with (result / name).open("wb") as kept:
                        shutil.copyfileobj(content, kept, _PIECE)
                if not wanted:
                    return
    except (OSError, EOFError, lzma.LZMAError, tarfile.TarError) as error:
        raise UnavailableError(f"{address}: {error}") from error
    raise UnavailableError(f"{address} does not hold {', '.join(wanted)}")


def _data(stream: IO[bytes]) -> IO[bytes]:
    """A Debian package's stream, at the beginning of its files: deb(5)."""
    if stream.read(len(_MAGIC)) != _MAGIC:
        raise UnavailableError("what was sent is no package")
    while True:
        header = stream.read(_HEADER)
        if header.startswith(b"data.tar.xz"):
            return stream
        if len(header) < _HEADER:
            raise UnavailableError("the package is packed otherwise than by xz")
        size = int(header[48:58])
        stream.read(size + size % 2)


if __name__ == "__main__":
    try:
        print(i386_kernel())
    except UnavailableError as error:
        say(f"Linux {_SERIES} for i386: {error}")
        sys.exit(1)
