"""Putting a replay together: the recording, and what decodes it with the names it carries."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from systui import examples, minikernel
from systui.arch import BY_NAME
from systui.cli.kernels import Bundled
from systui.kernel import syscalls
from systui.kernel.image import Image
from systui.kernel.named import Texts
from systui.kernel.sources import Sources
from systui.kernel.syscalls import SyscallTable
from systui.kernel.view import KernelView, ProgramView
from systui.minikernel.eras import EVERY, Era
from systui.model.code import SourceText
from systui.model.errors import BadInputError
from systui.session.debugger import Debugger
from systui.target.recorded.container import open_container
from systui.target.recorded.format import DamageError, load, read_header
from systui.target.recorded.target import RecordedTarget
from systui.target.recording.facts import file_hash
from systui.words import _

_SUFFIXES = (".jsonl", ".jsonl.zst")
_PLACES = (
    Path(__file__).parents[1] / "_data" / "sessions",
    Path(__file__).parents[2] / "sessions",
)
"""Where an installed systui and a checkout keep the shipped recordings."""


class Replaying:
    """Opens one recording, as often as it is asked for."""

    def __init__(self, path: Path, sources: Sequence[Path]) -> None:
        self._path = path
        self._sources = sources

    @cached_property
    def table(self) -> SyscallTable:
        """The calls of the architecture that was recorded; BadInputError."""
        target = RecordedTarget.open(self._path)
        try:
            return _table(target, _era(target))
        finally:
            target.close()

    def start(self) -> Debugger:
        """A debugger that stands at the first recorded stop; BadInputError."""
        target = RecordedTarget.open(self._path)
        try:
            return self._over(target)
        except BaseException:
            target.close()
            raise

    def _over(self, target: RecordedTarget) -> Debugger:
        info = target.info
        kernel, program = target.kernel_names, target.program_names
        era = _era(target)
        own = Sources([] if era is None else [minikernel.sources()])
        view = KernelView(
            kernel,
            Either(Sources(self._sources), kernel, own),
            _table(target, era),
            BY_NAME[info.arch],
            info.slide,
            kernel,
            built=target.built,
        )
        texts = Either(Sources(self._sources), program, _example_sources(target))
        own_program = ProgramView(program, texts, info.program_slide, program)
        debugger = Debugger(target, view, own_program)
        if target.whole:
            view.path.work_out()
        return debugger


class Either:
    """Source text out of the first of several places that has it."""

    def __init__(self, *places: Texts) -> None:
        self._places = places

    def text(self, file: str) -> SourceText | None:
        """The text of `file`; None where no place has it."""
        return next((found for each in self._places if (found := each.text(file))), None)


def _era(target: RecordedTarget) -> Era | None:
    """The miniature kernel that was recorded, if it was just one of these."""
    return next((era for era in EVERY if _build_id(era.path) == target.info.build_id), None)


def _table(target: RecordedTarget, era: Era | None) -> SyscallTable:
    """The calls that the recorded program makes: an older age has fewer."""
    narrow = BY_NAME[target.info.arch].compat_cs
    if narrow is not None and target.registers().get("cs") == narrow:
        return syscalls.bundled("i386")
    return syscalls.bundled(target.info.arch) if era is None else Bundled(era).table()


def _example_sources(target: RecordedTarget) -> Sources:
    """systui's own, where one of its examples was recorded."""
    header, directory = target.header, examples.path("")
    known = header.program_hash is not None and any(
        each.name == header.program and file_hash(each) == header.program_hash
        for each in directory.iterdir()
    )
    return Sources([directory] if known else [])


def _build_id(path: Path) -> str:
    """The image's build id; BadInputError where it has none."""
    kernel = Image.open(path)
    try:
        return kernel.build_id or ""
    finally:
        kernel.close()


def find(name: str) -> Path:
    """The recording that `name` names: a file, else a shipped one; BadInputError."""
    path = Path(name)
    if os.path.exists(name) or "/" in name:  # noqa: PTH110  a name too long is no file's
        return path
    for directory in _PLACES:
        for suffix in ("", *_SUFFIXES):
            found = str(directory / (name + suffix))
            if os.path.isfile(found):  # noqa: PTH113  the same
                return Path(found)
    raise BadInputError(
        _("{path}: there is no such file and no shipped recording of that name").format(path=name)
    )


def shipped() -> list[tuple[str, str]]:
    """Names of the shipped recordings, each with the command that made it."""
    for directory in _PLACES:
        if directory.is_dir():
            files = sorted(directory.iterdir(), key=lambda file: _bare(file.name))
            return [
                (_bare(file.name), _made(file)) for file in files if file.name.endswith(_SUFFIXES)
            ]
    return []


def _bare(name: str) -> str:
    return next((name[: -len(each)] for each in _SUFFIXES if name.endswith(each)), name)


def _made(path: Path) -> str:
    container = open_container(path)
    try:
        return read_header(load(next(container.lines(0), b""))).command or ""
    except DamageError:
        return ""
    finally:
        container.close()
