"""Source text: finds the file that a line table names under the directories the user gave.

What a line table says comes from an untrusted image: nothing outside the given directories is
ever opened, whatever it names and wherever a symbolic link points.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from stat import S_ISREG

from systui.kernel.harmless import harmless
from systui.model.code import SourceText

_LARGEST_FILE = 1 << 22
_LONGEST_LINE = 2000
_MOST_INDEXED = 50_000
"""Directory entries looked at when a file is not where its path says; some 0.3 s."""
_MOST_CACHED = 256


class Sources:
    """Source files under some directories. Nothing here raises: what is not found is None."""

    def __init__(self, directories: Sequence[Path]) -> None:
        """`directories` are searched in this order; one that does not exist holds nothing."""
        self.directories = tuple(directories)
        self._roots = tuple(Path(os.path.realpath(each)) for each in self.directories)
        self._texts: dict[str, SourceText | None] = {}
        self._by_name: dict[str, list[Path]] | None = None

    def text(self, file: str) -> SourceText | None:
        """The text of `file` as a line table spells it, whatever directory it was built in.

        None where no given directory has it, and for a file that is no text or above 4 MiB.
        Control characters are replaced by visible ones; very long lines are cut.
        """
        if file not in self._texts:
            if len(self._texts) >= _MOST_CACHED:
                self._texts.clear()
            self._texts[file] = self._find(file)
        return self._texts[file]

    def _find(self, file: str) -> SourceText | None:
        parts = [part for part in file.split("/") if part not in ("", ".")]
        if not parts or ".." in parts or "\0" in file:
            return None
        anywhere = len(parts) == 1 or file.startswith("/")
        for candidate in self._candidates(parts, anywhere):
            lines = self._read(candidate)
            if lines is not None:
                return SourceText(file, lines)
        return None

    def _candidates(self, parts: list[str], anywhere: bool) -> Iterator[Path]:
        """Where `parts` may lie, best first.

        First the path below each directory, with leading parts cut off as `patch -p` does; then
        any file in the directories that has the whole path at its end. The name alone counts
        only for a name alone and (`anywhere`) for an absolute path, whose front says where it was
        built: `net/socket.c` must not be answered with somebody's own `socket.c`.
        """
        shortest = 1 if anywhere else 2
        for cut in range(len(parts) - shortest + 1):
            for root in self._roots:
                yield root.joinpath(*parts[cut:])
        scored = [
            (_shared_end(candidate.parts, parts), candidate)
            for candidate in self._index().get(parts[-1], ())
        ]
        if anywhere:
            scored.sort(key=lambda each: (-each[0], len(each[1].parts), each[1]))
            if scored and (scored[0][0] > 1 or len(parts) == 1 or len(scored) == 1):
                yield scored[0][1]
        else:
            yield from (candidate for score, candidate in scored if score == len(parts))

    def _index(self) -> dict[str, list[Path]]:
        """Files by name in all directories, as far as the limit allows; links are not followed."""
        if self._by_name is not None:
            return self._by_name
        by_name: dict[str, list[Path]] = {}
        left = _MOST_INDEXED
        waiting = list(self._roots)
        for directory in waiting:
            try:
                entries = list(os.scandir(directory))
            except OSError:
                continue
            left -= len(entries)
            if left < 0:
                break
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        waiting.append(directory / entry.name)
                else:
                    by_name.setdefault(entry.name, []).append(directory / entry.name)
        self._by_name = by_name
        return by_name

    def _read(self, path: Path) -> tuple[str, ...] | None:
        try:
            real = Path(os.path.realpath(path, strict=True))
            if not any(real.is_relative_to(root) for root in self._roots):
                return None
            with os.fdopen(
                os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb"
            ) as stream:
                status = os.fstat(stream.fileno())
                if not S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE:
                    return None
                data = stream.read(_LARGEST_FILE + 1)
        except (OSError, ValueError):
            return None
        if b"\0" in data or len(data) > _LARGEST_FILE:
            return None
        return _harmless_lines(data)


def _shared_end(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts two paths have in common, counted from their ends."""
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        count += 1
    return count


def _harmless_lines(data: bytes) -> tuple[str, ...]:
    """The lines of `data`, split where compilers count lines, safe to put on a terminal."""
    text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    # Of nearly all files that can be told at once, which takes a tenth of the time.
    if (
        "".join(lines).replace("\t", "").isprintable()
        and max(map(len, lines), default=0) <= _LONGEST_LINE
    ):
        return tuple(lines)
    return tuple(
        harmless(line.removesuffix("\r"))
        if len(line) <= _LONGEST_LINE
        else harmless(line[:_LONGEST_LINE]) + "…"
        for line in lines
    )
