"""What was worked out about large images, kept in the user's cache directory for the next time.

A file holds a digest of what the content was made from, and of the content: whatever does not
match is as good as absent. Nothing here raises; without a cache all is worked out anew.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

_MAGIC = b"systui cache 1\n\0"
_DIGEST = 32
_LARGEST = 1 << 26
_MOST_FILES = 48
"""Older files than that many newest ones go; a kernel has two or three, of 1 to 8 MB each."""


_MOST_IN_A_FOLDER = {"lines": 512}
"""Likewise, of those below `folder`; a unit's lines take some 50 KB."""


def folder() -> Path:
    """Where the files lie."""
    from platformdirs import user_cache_path

    return user_cache_path("systui") / "kernels"


def kept(name: str, inputs: Iterable[bytes], make: Callable[[], bytes]) -> bytes:
    """What `make` returns, from the cache if it was made from the same `inputs` before.

    `name` becomes the file's name, below `folder`. What `make` raises passes through.
    """
    made_from = b"".join(blake2b(each, digest_size=_DIGEST).digest() for each in inputs)
    path = folder() / name
    content = _read(path, made_from)
    if content is None:
        content = make()
        if len(content) <= _LARGEST:
            with suppress(OSError):
                _write(path, made_from, content)
    return content


def _seal(made_from: bytes, content: bytes) -> bytes:
    return blake2b(made_from + content, digest_size=_DIGEST).digest()


def _read(path: Path, made_from: bytes) -> bytes | None:
    start = len(_MAGIC) + _DIGEST
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + start + 1)
    except OSError:
        return None
    content = data[start:]
    if data[:start] != _MAGIC + _seal(made_from, content):
        return None
    return content


def _write(path: Path, made_from: bytes, content: bytes) -> None:
    """Beside the final place, then renamed: there is never half a file."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(_MAGIC + _seal(made_from, content) + content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
    _drop_old(path.parent)


def _drop_old(place: Path) -> None:
    files = [(each.stat().st_mtime_ns, each) for each in place.iterdir() if each.is_file()]
    for _changed, path in sorted(files)[: -_MOST_IN_A_FOLDER.get(place.name, _MOST_FILES)]:
        path.unlink()
