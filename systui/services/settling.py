"""What a program finds when it begins: its tree, its directory, and descriptors 0, 1 and 2."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from systui.services.content import Content
from systui.services.errors import Refused
from systui.services.nodes import S_IFREG, Node, Tree, split
from systui.services.openfile import (
    O_LARGEFILE,
    O_RDONLY,
    O_RDWR,
    O_WRONLY,
    OpenFile,
    open_new,
)
from systui.services.options import MIB
from systui.services.proc import ProcTree
from systui.services.trees import TERMINAL, builtin, devices
from systui.services.vfs import ROOT, FileSystem

if TYPE_CHECKING:
    from systui.services.system import System


def file_system(system: "System", now: Callable[[], int]) -> FileSystem:
    """The trees that the program sees, put together."""
    options = system.options
    main: Tree = system.host or builtin(options.start_time)
    terminal = options.stdin is None or options.stdout_terminal or options.stderr_terminal
    dev = devices(options.start_time, terminal)
    limit = options.overlay + len(options.image) + MIB
    proc = ProcTree(system)
    return FileSystem(main, dev, proc, limit, now)


def settle(system: "System") -> None:
    """Put the program into the tree, the task into its directory, and open 0, 1 and 2."""
    directory, name = split(system.options.program)
    parent = _directory(system, directory)
    if system.files.child(parent, name) is None:
        node = Node(S_IFREG | 0o755, 0, Content.of(system.options.image))
        system.files.make(system.task, parent, name, node)
    try:
        found = system.files.find(system.task, ROOT, system.options.directory)
    except Refused:
        found = ROOT
    system.task.cwd = found if system.files.get(found).is_directory else ROOT
    _open_streams(system)


def _directory(system: "System", path: str) -> str | int:
    """The directory at `path`, made where it is missing."""
    at: str | int = ROOT
    for name in [part for part in path.split("/") if part]:
        below = system.files.child(at, name)
        if below is None:
            below = system.files.make(system.task, at, name, Node(0o040755, 0))
        at = below
    return at


def _open_streams(system: "System") -> None:
    flags = O_LARGEFILE
    terminal = OpenFile("tty", flags | O_RDWR, "stdout", TERMINAL)
    pipe = OpenFile("input", flags | O_RDONLY, 0, "pipe:[1]")
    open_new(system.task, terminal if system.options.stdin is None else pipe, False)
    streams = (
        ("stdout", system.options.stdout_terminal),
        ("stderr", system.options.stderr_terminal),
    )
    for number, (name, is_terminal) in enumerate(streams, 2):
        out = OpenFile("output", flags | O_WRONLY, name, f"pipe:[{number}]")
        open_new(system.task, terminal._replace(key=name) if is_terminal else out, False)
