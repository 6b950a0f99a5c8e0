"""What addresses are called, told once a segment, and whatever else the images were asked."""

from collections.abc import Iterator

from systui.arch.spec import Architecture
from systui.model.code import Symbol
from systui.target.recorded.format import dump, row
from systui.target.recording.constants import Views
from systui.target.recording.noted import Notes, line_fact, place_fact


class Naming:
    """The names of one recording."""

    def __init__(self, views: Views, arch: Architecture) -> None:
        self._views = views
        self._kernel_start = arch.kernel_start
        self._sides: list[tuple[str, Notes]] = [("kernel", views.kernel)]
        if views.program is not None:
            self._sides.append(("program", views.program))
        self._said: set[int] = set()
        self._reaches: dict[int, int] = {}
        """By a symbol's address, how far what the segment said of it reaches."""
        self._located: dict[int, tuple[Symbol, int] | None] = {}

    def begin(self) -> None:
        """Another segment: nothing was said."""
        self._said = set()
        self._reaches = {}

    def ask_entry_text(self) -> None:
        """Have every label of the entry code among the names."""
        kernel = self._views.kernel
        start, end = kernel.symbol("__entry_text_start"), kernel.symbol("__entry_text_end")
        if start is not None and end is not None:
            kernel.ask_all(start.address, end.address)

    def start_of(self, pc: int) -> int | None:
        """The run-time address of the symbol that pc belongs to."""
        _side, notes, slide = self._side(pc)
        found = None if notes is None else self._locate(notes, pc - slide)
        return None if found is None else found[0].address + slide

    def parts(self, pc: int) -> list[str]:
        """The part of a stop's line that says what pc is called; once a segment."""
        if pc in self._said:
            return []
        self._said.add(pc)
        side, notes, slide = self._side(pc)
        if notes is None:
            return []
        facts = []
        address = pc - slide
        found = self._locate(notes, address)
        if found is not None:
            symbol = found[0]
            if self._reaches.get(symbol.address, -1) < address:
                self._reaches[symbol.address] = max(address, symbol.address + symbol.size - 1)
                facts.append(f'"places":[{row(place_fact(symbol, address))}]')
        line = notes.at(address)
        notes.told(address, found)
        if line is not None:
            facts.append(f'"lines":[{row(line_fact(address, line))}]')
        return [f'"facts":{{"{side}":{{{",".join(facts)}}}}}'] if facts else []

    def fresh(self) -> Iterator[bytes]:
        """Lines of what the images were asked since this was asked last."""
        for side, notes in self._sides:
            for facts in notes.fresh():
                yield dump({"facts": {side: facts}})

    def everything(self) -> Iterator[bytes]:
        """Lines of all they were asked, but for the lines of code."""
        for side, notes in self._sides:
            for facts in notes.everything():
                yield dump({"facts": {side: facts}})

    def _side(self, address: int) -> tuple[str, Notes | None, int]:
        views = self._views
        if address >= self._kernel_start:
            return "kernel", views.kernel, views.kernel_slide
        return "program", views.program, views.program_slide

    def _locate(self, notes: Notes, address: int) -> tuple[Symbol, int] | None:
        """What the image answers; looked up once. The two images' addresses never meet."""
        try:
            return self._located[address]
        except KeyError:
            found = self._located[address] = notes.locate(address)
            return found
