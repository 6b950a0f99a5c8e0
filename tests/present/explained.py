"""Tables of explanations: every instruction of the bundled kernels' entry and exit paths.

`python tests/present/explained.py` writes `explained.tsv` and an older age's `explained-AGE.tsv`
anew from what is said now; what differs is then to be read and judged by a person, since the
tables are what the tests believe.

A row is: function, instruction, purpose (or kind), the sentence in English, and in Chinese. In
sentences `#` stands for a value, `{call}` for the call's number and name, `{name}` for the name: so
a row holds for every call that comes by.
"""

import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / room) for room in ("session", "programs")]

import debugged  # noqa: E402
import program_builder  # noqa: E402

from systui import words  # noqa: E402
from systui.cli.emulation import Emulation, Wanted  # noqa: E402
from systui.kernel.image import Image  # noqa: E402
from systui.minikernel.eras import BY_NAME, TODAY, Era  # noqa: E402
from systui.model.snapshot import Snapshot  # noqa: E402
from systui.model.stop import Space  # noqa: E402
from systui.present.effect import sentence  # noqa: E402
from systui.session.debugger import Debugger  # noqa: E402

LANGUAGES = ("en", "zh")
TRACED, WORK_QUEUED, RESCHEDULE = 1 << 0, 1 << 1, 1 << 3
"""Of thread_info.flags in older ages (asm/thread_info.h)."""


class Asked(NamedTuple):
    """One call of a test program."""

    call: str
    program: str = "ways"
    built: str = "bare"
    flags: int = 0
    """Set in the task's thread_info before it."""


class Kernel(NamedTuple):
    """A bundled kernel, and the calls that lead every way through it."""

    era: Era
    asked: tuple[Asked, ...]
    isolation: tuple[bool, ...] = (False,)

    @property
    def table(self) -> Path:
        """Where its table lies."""
        name = f"explained-{self.era.name}.tsv" if self.era.name else "explained.tsv"
        return Path(__file__).parent / name


CALLS = ("socket", "bind", "kill", "9999", "400", "rt_sigreturn")
"""Calls of the program `ways`: one that succeeds, one whose handler faults, one that comes back by
IRET to a signal's handler, the one that comes back from there, and a number without a handler."""
_FLAGS = (TRACED, WORK_QUEUED, RESCHEDULE)
KERNELS = {
    "today": Kernel(TODAY, tuple(map(Asked, CALLS)), (True, False)),
    "3.10": Kernel(
        BY_NAME["3.10"],
        (*map(Asked, CALLS), *(Asked("socket", flags=flags) for flags in _FLAGS)),
    ),
    "3.18-i386": Kernel(
        BY_NAME["3.18-i386"],
        (
            *(Asked(call, "link_32", "bare32") for call in ("link", "i386:358", "getpid")),
            *(Asked("getpid", "link_32", "bare32", flags) for flags in _FLAGS),
            *(Asked("write", "sysenter", "bare32", flags) for flags in (0, TRACED)),
            Asked("read", "interrupted", "static32"),
        ),
    ),
}
_C_FUNCTIONS = frozenset(
    (
        *("do_syscall_64", "do_syscall_x64", "syscall_enter_from_user_mode"),
        *("syscall_exit_to_user_mode", "exit_to_user_mode_prepare", "exit_to_user_mode_loop"),
        "irqentry_exit",
        *("syscall_trace_enter", "syscall_trace_leave", "do_notify_resume", "do_signal"),
    )
)
_PERCPU = re.compile(r"%gs:(0x)?[0-9a-f]+")
_ADDRESS = re.compile(r"0x[0-9a-f]{5,}")
_VALUE = re.compile(r"\b0x[0-9a-f]+\b")
_OFFSET = re.compile(r"\+0x[0-9a-f]+")


class Told(NamedTuple):
    """One instruction that ran and what was said of it."""

    row: tuple[str, ...]
    """Function, instruction, kind, and a sentence for each language, as in the table."""
    said: str
    """The English sentence as a person sees it."""
    before: Snapshot
    after: Snapshot


def walked(kernel: Kernel, *, pti: bool = False) -> Iterator[Told]:
    """What was said of the path's instructions on the ways of the kernel's calls."""
    image = Image.open(kernel.era.path)
    start, end = (image.symbol(f"__entry_text_{end}") for end in ("start", "end"))
    assert start is not None
    assert end is not None
    text = range(start.address, end.address)
    for asked in kernel.asked:
        stops = debugged.walk(_at(kernel.era, asked, image, pti))
        for before, after in pairwise(stops):
            function = before.location.symbol or ""
            if before.stop.pc in text or function in _C_FUNCTIONS:
                yield _told(function, before, after)


def _at(era: Era, asked: Asked, image: Image, pti: bool) -> Debugger:
    """A debugger at the instruction that makes the call."""
    program = program_builder.built(asked.program, asked.built)
    wanted = Wanted(program, era=era.name or None, pti=pti)
    debugger = Emulation(wanted).start(lambda _count: b"")
    debugged.go_to(debugger, asked.call)
    if asked.flags:
        stack = image.symbol("init_thread_union")
        assert stack is not None
        address = stack.address + 2 * (image.bits // 8)
        debugger.write_memory(Space.KERNEL, address, 4, asked.flags)
    return debugger


def _told(function: str, before: Snapshot, after: Snapshot) -> Told:
    effect = after.effect
    assert effect is not None
    said = {}
    for language in LANGUAGES:
        words.use(language)
        said[language] = sentence(effect)
    words.use("en")
    kind = str(effect.parts.get("purpose") or effect.kind)
    instruction = _linked(effect.instruction)
    texts = (skeleton(said[language], effect.instruction, before) for language in LANGUAGES)
    return Told((function, instruction, kind, *texts), said["en"], before, after)


def _linked(text: str) -> str:
    """`text` without what linking decides: addresses and per-CPU offsets."""
    return _ADDRESS.sub("…", _PERCPU.sub("%gs:…", text))


def skeleton(text: str, instruction: str, stop: Snapshot) -> str:
    """`text` behind the instruction, without values."""
    text = text.removeprefix(instruction)
    call = stop.call
    if call is not None:
        text = text.replace(f"{call.number} ({call.name})", "{call}")
        text = re.sub(rf"\b{re.escape(call.name)}\b", "{name}", text)
    return _VALUE.sub("#", _OFFSET.sub("", text))


def read(kernel: Kernel) -> list[tuple[str, ...]]:
    """The table's rows."""
    lines = kernel.table.read_text("utf-8").splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]


def _write(kernel: Kernel) -> None:
    rows = dict.fromkeys(told.row for pti in kernel.isolation for told in walked(kernel, pti=pti))
    heading = ("function", "instruction", "purpose or kind", *LANGUAGES)
    lines = ["\t".join(row) for row in (heading, *rows)]
    kernel.table.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    for each in KERNELS.values():
        _write(each)
