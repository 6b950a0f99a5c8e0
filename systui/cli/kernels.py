"""Which kernel an emulated machine runs: the bundled one, or the user's own image.

What is heavy is imported when it is used: the screen paints before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from systui import minikernel
from systui.kernel.image import Image
from systui.minikernel.eras import TODAY, Era
from systui.model.errors import BadInputError
from systui.words import _

if TYPE_CHECKING:
    from systui.kernel.named import Named, NamedLines
    from systui.kernel.syscalls import SyscallTable
    from systui.kernel.view import KernelView


_TRAMPOLINE = "entry_SYSCALL_64_trampoline"
"""Where `syscall` arrives under isolation in 4.14 to 4.19 (arch/x86/entry/entry_64.S)."""


class Bundled:
    """A miniature kernel: today's, page-table isolation on, or one in an older age's shape."""

    def __init__(self, era: Era = TODAY) -> None:
        self._era = era
        self._table: SyscallTable | None = None

    @property
    def pti(self) -> bool:
        """Whether it is run with page-table isolation unless something else is said."""
        return not self.era

    @property
    def era(self) -> str:
        """The Linux version whose shape it has; empty for today's."""
        return self._era.name

    def open(self) -> Image:
        """Its image."""
        return Image.open(self._era.path)

    def check_isolation(self) -> None:
        """BadInputError where its entry code cannot switch page tables."""
        if self.era:
            raise BadInputError(
                _(
                    "--pti: kernels of {era}'s age knew no page-table isolation; leave out "
                    "--pti, or --era"
                ).format(era=self.era)
            )

    def unpatched(self, _alternatives: bool) -> str:
        """Nothing is left as compiled; but what an age's kernel is, is said."""
        if not self.era:
            return ""
        return _(
            "this is systui's own miniature kernel in the shape of {era}: "
            "names and ways are of that age, the code is not Linux's"
        ).format(era=self.era)

    def table(self) -> SyscallTable:
        """Its call table: Linux's current one, or what an age's kernel has of it."""
        from systui.kernel import syscalls

        if not self.era:
            return syscalls.bundled("x86_64")
        if self._table is None:
            self._table = _read_table(self.open())
        return self._table

    def view(self, image: Named, lines: NamedLines, table: SyscallTable) -> KernelView:
        """What the debugger knows of it; `table` has the calls that the program makes."""
        return _view(image, [minikernel.sources()], table, lines)


class Own:
    """A kernel of the user's, its code as compiled."""

    pti = False
    era = ""

    def __init__(
        self, path: Path, sources: Sequence[Path] = (), symbols: Path | None = None
    ) -> None:
        """`symbols`: its System.map, where it has no symbols itself."""
        self._path = path
        self._symbols = symbols
        self._sources = sources
        self._table: SyscallTable | None = None
        self._image: Image | None = None

    def open(self) -> Image:
        """Its image, opened once; BadInputError where it is none that systui can run."""
        if self._image is None:
            self._image = self._opened()
        return self._image

    def _opened(self) -> Image:
        from systui.kernel.opening import open_kernel

        return open_kernel(self._path, self._symbols)

    def check_isolation(self) -> None:
        """BadInputError where its entry code cannot switch page tables, or not here."""
        from systui.target.emulator.boot import patched_for_pti

        if self.open().symbol(_TRAMPOLINE) is not None:
            raise BadInputError(
                _(
                    "{path}: enters through {name} under page-table isolation, which systui does "
                    "not set up; run it without --pti"
                ).format(path=self._path, name=_TRAMPOLINE)
            )
        if not patched_for_pti(self.open()):
            raise BadInputError(
                _("{path}: its entry code has no page-table isolation to switch on").format(
                    path=self._path
                )
            )

    def unpatched(self, alternatives: bool) -> str:
        """Which of the places that booting patches stay as compiled, for a person."""
        from systui.target.emulator.patch_sites import left_as_compiled

        found = left_as_compiled(self.open(), alternatives)
        listed = ", ".join(f"{each.number:,} {_kind_of_place(each.kind)}" for each in found)
        return _("left as compiled in {kernel}: {places}").format(
            kernel=self._path.name, places=listed or _("nothing")
        )

    def table(self) -> SyscallTable:
        """Its own call table."""
        if self._table is None:
            self._table = _read_table(self.open())
        return self._table

    def view(self, image: Named, lines: NamedLines, table: SyscallTable) -> KernelView:
        """The same; source text comes from the user's directories."""
        return _view(image, self._sources, table, lines)


def _kind_of_place(kind: str) -> str:
    """What a kind of patched place is called."""
    return {
        "alternatives": _("alternatives"),
        "paravirt calls": _("paravirt calls"),
        "retpolines": _("retpolines"),
        "return sites": _("return sites"),
        "call sites": _("call sites"),
        "lock prefixes": _("lock prefixes"),
        "sealed endbr": _("sealed endbr"),
        "jump labels": _("jump labels"),
        "static calls": _("static calls"),
        "tracer calls": _("tracer calls"),
    }.get(kind, kind)


Choice = Bundled | Own


def _read_table(image: Image) -> SyscallTable:
    from systui.decode.disassembly import Disassembler
    from systui.kernel.imagetable import from_image

    return from_image(image, image.read, decode=Disassembler(image.bits).operations)


def _view(
    image: Named, directories: Sequence[Path], table: SyscallTable, lines: NamedLines
) -> KernelView:
    from systui.arch import BY_NAME
    from systui.kernel.sources import Sources
    from systui.kernel.view import KernelView

    arch = next(each for each in BY_NAME.values() if each.bits == image.bits)
    return KernelView(image, Sources(directories), table, arch, lines=lines)
