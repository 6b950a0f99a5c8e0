"""What a debugger knows of the kernel and the program under it, composed on first use."""

from collections.abc import Sequence

from systui.arch.spec import Architecture
from systui.kernel.cfi import CallFrames
from systui.kernel.listing import Decode
from systui.kernel.named import Named, NamedLines, Texts
from systui.kernel.path import EntryPath
from systui.kernel.syscalls import SyscallTable, bundled
from systui.model.code import Location
from systui.model.stop import Read


class ProgramView:
    """The user's program: its symbols and lines at run-time addresses.

    `lines` is None where the program has no line table or it shall not be read.
    """

    def __init__(
        self, image: Named, sources: Texts, slide: int = 0, lines: NamedLines | None = None
    ) -> None:
        self.image = image
        self.sources = sources
        self.slide = slide
        self.lines = lines
        self.frames = CallFrames(image)

    def locate(self, address: int) -> Location:
        """What `address` is called."""
        return _locate(self.image, self.lines, self.slide, address)


class KernelView:
    """The kernel image's symbols, lines, call table and path at run-time addresses.

    `lines` is None where the image has no line table or it shall not be read; `built` gives the
    image's bytes at run-time addresses where the kernel rewrites its own code as it runs; None
    where the two are not told apart.
    """

    def __init__(
        self,
        image: Named,
        sources: Texts,
        table: SyscallTable,
        arch: Architecture,
        slide: int = 0,
        lines: NamedLines | None = None,
        *,
        built: Read | None = None,
    ) -> None:
        self.built = built
        self.image = image
        self.sources = sources
        self.table = table
        self.arch = arch
        self.slide = slide
        self.lines = lines
        self.frames = CallFrames(image)
        self._path: EntryPath | None = None
        self._locations: dict[int, Location] = {}

    def read_code(self, decode: Decode, reads: Sequence[Read]) -> EntryPath:
        """Have `path` told from the code that `reads` give; once, by whoever owns the target."""
        self._path = EntryPath(self.image, self.arch, decode, reads, self.slide)
        return self._path

    @property
    def path(self) -> EntryPath:
        """The way of a call through the kernel; RuntimeError before `read_code`."""
        if self._path is None:
            raise RuntimeError("KernelView.path before read_code")
        return self._path

    @property
    def handler_returns(self) -> frozenset[int]:
        """Where a system call's handler returns to."""
        return frozenset[int]().union(*(each.returns for each in self.path.dispatches))

    def calls(self, abi: str) -> SyscallTable:
        """The table of the calls made through `abi`; `table` is of the program's own."""
        compat = abi == "i386"
        if self.arch.bits == 64 and compat is not self.table.is_i386:
            return bundled("i386" if compat else self.arch.name)
        return self.table

    def locate(self, address: int) -> Location:
        """What `address` is called; looked up once."""
        found = self._locations.get(address)
        if found is None:
            found = self._locations[address] = _locate(self.image, self.lines, self.slide, address)
        return found


def _locate(image: Named, lines: NamedLines | None, slide: int, address: int) -> Location:
    named = image.locate(address - slide)
    source = None if lines is None else lines.at(address - slide)
    if named is None:
        return Location(address, source=source)
    symbol, offset = named
    return Location(address, symbol.name, offset, source)
