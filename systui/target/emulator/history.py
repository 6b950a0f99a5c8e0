"""Contents of memory through time: what each frame held at each checkpoint, stored once.

A checkpoint stores only the frames that changed since the one before; a frame's content at a
checkpoint is its last stored version at or before it. So checkpoints share all they have in
common, and dropping one hands its versions on to the next.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Container, Iterable
from mmap import mmap
from operator import itemgetter

PAGE = 0x1000
_ZERO = bytes(PAGE)
_position = itemgetter(0)


class MemoryHistory:
    """Versions of frames by position. The caller says which positions exist."""

    def __init__(self, memory: mmap, base: Iterable[int]) -> None:
        """`base`: frames whose content now is their first; all others begin as zeros."""
        self._memory = memory
        self._base = {frame: self._copy(frame) for frame in base}
        self._versions: dict[int, list[tuple[int, bytes]]] = {}
        self._touched: dict[int, set[int]] = {}
        self._positions: list[int] = []
        self._stale: set[int] = set()
        """Frames left as they were because nothing was mapped there."""
        self.stored = 0
        """Versions kept."""

    def _copy(self, frame: int) -> bytes:
        content = bytes(self._memory[frame : frame + PAGE])
        return _ZERO if content == _ZERO else content

    def record(self, position: int, dirty: Iterable[int]) -> None:
        """Memory stands at `position`; `dirty` holds every frame written since the one before."""
        index = bisect_left(self._positions, position)
        following = self._positions[index] if index < len(self._positions) else None
        self._positions.insert(index, position)
        touched = self._touched[position] = set()
        for frame in dirty:
            before = self.content(frame, position)
            now = self._copy(frame)
            if now == before:
                continue
            touched.add(frame)
            self._add(frame, position, now)
            if following is not None and frame not in self._touched[following]:
                self._touched[following].add(frame)
                self._add(frame, following, before)

    def _add(self, frame: int, position: int, content: bytes) -> None:
        insort(self._versions.setdefault(frame, []), (position, content), key=_position)
        self.stored += 1

    def content(self, frame: int, position: int) -> bytes:
        """What `frame` held at `position`, a checkpoint."""
        versions = self._versions.get(frame)
        if versions:
            index = bisect_right(versions, position, key=_position)
            if index:
                return versions[index - 1][1]
        return self._base.get(frame, _ZERO)

    def put_back(
        self, position: int, now: int, dirty: Iterable[int], used: Container[int]
    ) -> set[int]:
        """Make memory what it was at `position`; the frames that changed.

        `now` is the checkpoint that memory was last equal to, `dirty` what was written since.
        Frames outside `used`, and not there from the start, may keep any content.
        """
        low, high = sorted((position, now))
        changed = set(dirty)
        first = bisect_right(self._positions, low)
        for between in self._positions[first : bisect_right(self._positions, high)]:
            changed |= self._touched[between]
        changed |= self._stale
        self._stale = {frame for frame in changed if frame not in used and frame not in self._base}
        return {frame for frame in changed - self._stale if self._write(frame, position)}

    def _write(self, frame: int, position: int) -> bool:
        content = self.content(frame, position)
        if self._memory[frame : frame + PAGE] == content:
            return False
        self._memory[frame : frame + PAGE] = content
        return True

    def touched(self, position: int) -> set[int]:
        """Frames that changed between the checkpoint before `position` and this one."""
        return self._touched[position]

    def drop(self, position: int) -> None:
        """Forget the checkpoint at `position`; later ones keep what they had in common with it."""
        index = bisect_left(self._positions, position)
        following = self._positions[index + 1] if index + 1 < len(self._positions) else None
        del self._positions[index]
        for frame in self._touched.pop(position):
            versions = self._versions[frame]
            at = bisect_left(versions, position, key=_position)
            if following is None or frame in self._touched[following]:
                del versions[at]
                self.stored -= 1
            else:
                versions[at] = (following, versions[at][1])
                self._touched[following].add(frame)
