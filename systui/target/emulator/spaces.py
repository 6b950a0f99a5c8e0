"""All address spaces of one machine: made, found by CR3, released, saved and put back."""

from collections.abc import Iterable
from typing import NamedTuple

from systui.services.errors import EAGAIN, Refused
from systui.target.emulator.frames import Frames, SavedFrames
from systui.target.emulator.mmu import SPACES, Mmu
from systui.target.emulator.user_pages import PageMap, UserPages


class SavedSpaces(NamedTuple):
    """Address spaces and what they map, for `Spaces.restore`."""

    maps: tuple[tuple[UserPages, PageMap], ...]
    free: SavedFrames

    @property
    def frames(self) -> frozenset[int]:
        """Frames in use."""
        return frozenset[int]().union(*(pages.frames for _owner, pages in self.maps))


class Spaces:
    """Address spaces by number. The first is the first program's."""

    def __init__(self, mmu: Mmu, frames: Frames) -> None:
        self._mmu = mmu
        self._frames = frames
        self._code: set[int] = set()
        self._live: dict[int, UserPages] = {}
        self.first = self.fresh()

    def fresh(self) -> UserPages:
        """An empty one; Refused(EAGAIN) beyond the most there can be."""
        slot = next((each for each in range(SPACES) if each not in self._live), None)
        if slot is None:
            raise Refused(EAGAIN)
        made = UserPages(self._mmu, self._frames, slot, self._code, self)
        self._live[slot] = made
        return made

    def release(self, pages: UserPages) -> None:
        """Nobody uses it any more: its page tables are given back."""
        del self._live[pages.slot]
        self._mmu.space(pages.slot).clear()

    @property
    def current(self) -> UserPages:
        """The one that the CPU is in."""
        if len(self._live) == 1:
            return next(iter(self._live.values()))
        root = self._mmu.current_root
        for pages in self._live.values():
            if self._mmu.root(pages.slot) == root:
                return pages
        return next(iter(self._live.values()))

    def save(self) -> SavedSpaces:
        """What all of them map; shares structure while nothing changes."""
        maps = tuple((pages, pages.save()) for pages in self._live.values())
        return SavedSpaces(maps, self._frames.save())

    def restore(self, saved: SavedSpaces) -> None:
        """Map as `saved` says. The frames' contents are not its business."""
        self._frames.restore(saved.free)
        wanted = {pages.slot: pages for pages, _map in saved.maps}
        for slot, pages in self._live.items():
            if wanted.get(slot) is not pages:
                pages.leave()
                self._mmu.space(slot).clear()
        self._live = wanted
        for pages, mapped in saved.maps:
            pages.restore(mapped)

    def contents_changed(self, frames: Iterable[int]) -> None:
        """The contents of `frames` were replaced: forget code that was translated from them."""
        if not self._code.isdisjoint(frames):
            self._mmu.cpu.flush_blocks()
