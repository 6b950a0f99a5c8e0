"""Where the fields lie that the stub cannot tell: asked of gdb once for each kernel build.

gdb needs seconds to read a kernel's debug information, so it is a gdb of its own that is asked,
and what it said is kept in the user's cache under the kernel's build-id.
"""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from systui.kernel.image import Image
from systui.target.gdb.mi import cli_path
from systui.target.gdb.process import end, spawn

_LIMIT = 120.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Byte offsets in this kernel's structures; None where its debug information lacks them."""

    pid: int | None = None
    """task_struct.pid, told from tgid"""
    comm: int | None = None
    """task_struct.comm"""
    state: int | None = None
    """task_struct.__state (before 5.14: state)"""
    stack: int | None = None
    """task_struct.stack"""
    tasks: int | None = None
    """task_struct.tasks, the list of all processes"""
    mm: int | None = None
    """task_struct.mm"""
    real_parent: int | None = None
    """task_struct.real_parent"""
    start_code: int | None = None
    """mm_struct.start_code"""
    current: int | None = None
    """pcpu_hot.current_task (6.2 to 6.14)"""


PID_SIZE = 4
"""Bytes of a task's number; the one of its process follows it."""
_EXPRESSIONS = {
    # `tgid` follows `pid` in every Linux; gdb takes 15 s to classify the common word `pid`.
    "pid": ("init_task", ("tgid",)),
    "comm": ("init_task", ("comm",)),
    "state": ("init_task", ("__state", "state")),
    "stack": ("init_task", ("stack",)),
    "tasks": ("init_task", ("tasks",)),
    "mm": ("init_task", ("mm",)),
    "real_parent": ("init_task", ("real_parent",)),
    "start_code": ("init_mm", ("start_code",)),
    "current": ("pcpu_hot", ("current_task",)),
}
"""Which object, and which of its fields. Through an object gdb reads one unit's types only."""


def find_layout(image: Image, gdb: str, cache: Path) -> Callable[[], Layout]:
    """Begin to find the layout of the kernel `image`: in `cache`, else from the program `gdb`.

    Returns what waits for it. Fields that cannot be told are None; nothing is raised for that.
    """
    kept = cache / f"{image.build_id}.json" if image.build_id else None
    if kept is not None:
        with suppress(OSError, ValueError, TypeError, KeyError):
            known = _checked(json.loads(kept.read_text()))
            return lambda: known
    if image.section(".debug_info") is None:
        return Layout
    answer = _ask(image, gdb)

    def wait() -> Layout:
        layout = answer()
        if kept is not None and layout.pid is not None:
            with suppress(OSError):
                cache.mkdir(parents=True, exist_ok=True)
                partial = kept.with_suffix(f".{os.getpid()}")
                partial.write_text(json.dumps(asdict(layout)))
                partial.replace(kept)
        return layout

    return wait


def _checked(data: Mapping[str, object]) -> Layout:
    """What was kept; KeyError where an older systui kept less."""
    values = {field.name: data[field.name] for field in fields(Layout)}
    if any(not (value is None or isinstance(value, int)) for value in values.values()):
        raise ValueError(values)
    return Layout(**values)  # type: ignore[arg-type]


_Question = tuple[str, int, str]
"""Field, address of the object it is asked of, gdb's expression for the field's address."""


def _ask(image: Image, gdb: str) -> Callable[[], Layout]:
    questions: list[_Question] = [
        (name, symbol.address, f"(long)&{thing}.{field}")
        for name, (thing, names) in _EXPRESSIONS.items()
        if (symbol := image.symbol(thing)) is not None
        for field in names
    ]
    quiet = ["-iex", "set auto-load off", "-iex", "set debuginfod enabled off"]
    commands = [*quiet, "-ex", f"file {cli_path(image.path)}"]
    for index, (_name, _base, expression) in enumerate(questions):
        for command in (f"output {index}", "echo :", f"output {expression}", "echo \\n"):
            commands += ["-ex", command]
    process = spawn([gdb, "-nx", "-q", "-batch", *commands], signal.SIGKILL, stdout=subprocess.PIPE)

    def wait() -> Layout:
        try:
            printed = process.communicate(timeout=_LIMIT)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            return Layout()
        finally:
            end(process)
        return _layout(printed, questions, (1 << image.bits) - 1)

    return wait


def _layout(printed: str, questions: list[_Question], mask: int) -> Layout:
    found: dict[str, int] = {}
    for index, value in re.findall(r"^(\d+):(-?\d+)$", printed, re.MULTILINE):
        name, base, _expression = questions[int(index)]
        found.setdefault(name, int(value) - base & mask)
    if "pid" in found:
        found["pid"] -= PID_SIZE
    return Layout(**found)
