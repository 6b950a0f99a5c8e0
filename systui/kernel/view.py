"""What a debugger knows of the kernel and the program under it, composed on first use."""


from dataclasses import dataclass, field

from systui.arch.spec import Architecture
from systui.kernel.image import Image
from systui.kernel.lines import Lines
from systui.kernel.sources import Sources
from systui.kernel.syscalls import SyscallTable
from systui.model.code import Location


@dataclass
class ProgramView:
    """The user's program: its symbols and lines at run-time addresses."""

    image: Image
    sources: Sources
    slide: int = 0
    lines: Lines | None = None
    """None where the program has no line table or it shall not be read."""

    def locate(self, address: int) -> Location:
        """What `address` is called."""
        return _locate(self.image, self.lines, self.slide, address)


@dataclass
class KernelView:
    """The kernel image's symbols, lines, call table and path at run-time addresses."""

    image: Image
    sources: Sources
    table: SyscallTable
    arch: Architecture
    slide: int = 0
    lines: Lines | None = None
    """None where the image has no line table or it shall not be read."""
    _locations: dict[int, Location] = field(default_factory=dict, repr=False)

    def locate(self, address: int) -> Location:
        """What `address` is called; looked up once."""
        found = self._locations.get(address)
        if found is None:
            found = self._locations[address] = _locate(
                self.image, self.lines, self.slide, address
            )
        return found


def _locate(image: Image, lines: Lines | None, slide: int, address: int) -> Location:
    named = image.locate(address - slide)
    source = None if lines is None else lines.at(address - slide)
    if named is None:
        return Location(address, source=source)
    symbol, offset = named
    return Location(address, symbol.name, offset, source)
