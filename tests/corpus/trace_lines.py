"""`systui trace` beside strace: the same program, line by line, by task.

`python tests/corpus/trace_lines.py PROGRAM…` prints the lines that differ and counts them by call.
Masked on both sides: addresses, task numbers, times, random bytes, the program's own path.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from corpus_runs import ANSWERED_BY_VDSO, kernel, native, start

from systui.arch.x86_64 import X86_64
from systui.headless.calls import Lines
from systui.kernel.sources import Sources
from systui.kernel.syscalls import bundled
from systui.kernel.view import KernelView
from systui.session.calls import CallWatch
from systui.session.debugger import Debugger

_NATIVE = re.compile(r"^(\d+) +(.*)$")
_OURS = re.compile(r"^(?:\[pid +(\d+)\] )?(.*)$")
_UNFINISHED = re.compile(r"^(.*?),? *<unfinished \.\.\.>$")
_RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
_FIRST = 1000
"""Our first task."""
_WAITERS = 1 << 31
"""In a futex that holds its owner's number: others wait (FUTEX_WAITERS)."""
_ERRNO = re.compile(r"= (?:-1|\?) (E\w+)")
_NAME = re.compile(r"^(\w+)\(")
_MASKS = (
    (re.compile(r"0x[0-9a-f]{4,}"), "ADDRESS"),
    (re.compile(r"\b(tv_n?u?sec|it_\w+|tms_\w+)=-?\d+"), r"\1=TIME"),
    (re.compile(r"^(times\(.*\) += )\d+$"), r"\1TIME"),
    (re.compile(r'"(?:\\x[0-9a-f]{2})+"(?:\.\.\.)?'), "RANDOM"),
    (re.compile(r"si_[us]time=\d+(?: /\* [\d.]+ s \*/)?"), "si_time=TIME"),
    (re.compile(r"^(get(?:ppid|pgrp|pgid|sid)\(.*\) += )(?:\d+|PID\d+)$"), r"\1PID"),
    (re.compile(r"^(execve|readlink|readlinkat)\(.*(/proc/self/exe|vars \*/).*$"), r"\1 OWN PATH"),
    (re.compile(r"/\* (\d+) vars? \*/"), "VARIABLES"),
    # A 32-bit program brings its own way back from handlers where it is given no vDSO.
    (re.compile(r"SA_RESTORER\|"), ""),
    (re.compile(r"sa_flags=SA_RESTORER\b"), "sa_flags=0"),
    (re.compile(r", sa_restorer=ADDRESS"), ""),
    # strace tells the call behind socketcall alone.
    (re.compile(r"^(?:socketcall|ipc)\(\w+\) (?=\w+\()"), ""),
    (re.compile(r" += "), " = "),
    (re.compile(r"htons\((?:3[2-9]|[4-6]\d)\d{3}\)"), "htons(PORT)"),
    (re.compile(r'nodename="[^"]*"'), "nodename=NODE"),
    (re.compile(r'^(getcwd|readlink)\("[^"]*".*$'), r"\1 PATH"),
)


@dataclass
class Compared:
    """One program's lines, both ways."""

    equal: int = 0
    lines: int = 0
    """Of strace."""
    misses: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The share of strace's lines that are ours too."""
        return self.equal / max(1, self.lines)


def _joined(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    """Each task's lines, calls that were broken off put together again."""
    found: dict[int, list[str]] = {}
    broken: dict[int, tuple[int, str]] = {}
    for pid, text in rows:
        lines = found.setdefault(pid, [])
        unfinished, resumed = _UNFINISHED.match(text), _RESUMED.match(text)
        if unfinished is not None:
            broken[pid] = len(lines), unfinished[1]
            lines.append(text)
        elif resumed is not None and pid in broken:
            at, head = broken.pop(pid)
            rest = resumed[2].lstrip(", ")
            comma = "" if head.endswith(("(", ", ")) or rest.startswith(")") else ", "
            comma = " " if rest.startswith("=>") else comma
            lines[at] = head + comma + rest
        else:
            lines.append(text)
    return dict(sorted(found.items()))


def _masked(tasks: dict[int, list[str]]) -> list[list[str]]:
    pids = {str(pid): f"PID{index}" for index, pid in enumerate(tasks)}
    pids |= {str(_FIRST + index): f"PID{index}" for index in range(len(tasks))}
    pids |= {str(int(pid) | _WAITERS): f"{name}|WAITERS" for pid, name in pids.items()}
    named = re.compile(r"\b(" + "|".join(pids) + r")\b")
    return [
        [_mask(named.sub(lambda found: pids[found[1]], line)) for line in lines if _counts(line)]
        for lines in tasks.values()
    ]


def _mask(line: str) -> str:
    for pattern, text in _MASKS:
        line = pattern.sub(text, line)
    return line


def _counts(line: str) -> bool:
    name = _NAME.match(line)
    return name is None or name[1] not in ANSWERED_BY_VDSO


def straced(program: Path, arguments: Sequence[str], directory: Path, stdin: bytes) -> list[str]:
    """strace -f's lines, the task's number before each."""
    log = directory.parent / f"{directory.name}.trace"
    command = ["strace", "-f", "-q", "-o", str(log), str(program), *arguments]
    native(command, stdin, directory)
    return log.read_text(errors="replace").splitlines()


def traced(program: Path, arguments: Sequence[str], stdin: bytes, root: Path | None) -> list[str]:
    """Ours."""
    target = start(program, arguments, stdin, root)
    view = KernelView(kernel(), Sources(()), bundled("x86_64"), X86_64)
    debugger = Debugger(target, view, None)
    lines: list[str] = []
    shown = Lines(lines.append, lambda _call: True, all_tasks=True)
    for event in CallWatch(target, debugger.kernel).events():
        shown.event(event)
    target.close()
    return lines


def tasks(native_lines: Sequence[str], our_lines: Sequence[str]) -> list[list[list[str]]]:
    """Theirs and ours: each task's lines, by the order of their numbers, masked."""
    theirs = [(int(found[1]), found[2]) for line in native_lines if (found := _NATIVE.match(line))]
    ours = []
    for line in our_lines:
        found = _OURS.match(line)
        assert found is not None
        ours.append((int(found[1] or _FIRST), found[2]))
    return [_masked(_joined(theirs)), _masked(_joined(ours))]


def order(lines: Sequence[str]) -> list[tuple[str, str]]:
    """A task's calls with their errno; those that a signal cut short are made again, or not."""
    found = []
    for line in lines:
        name, error = _NAME.match(line), _ERRNO.search(line)
        if name and not line.endswith("= ?") and not (error and error[1].startswith("ERESTART")):
            found.append((name[1], error[1] if error else ""))
    return found


def agree(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """A task's calls come in the same order; one that was killed made the same ones before."""
    left, right = order(theirs), order(ours)
    if any("killed by" in line for line in (*theirs[-1:], *ours[-1:])):
        length = min(len(left), len(right))
        left, right = left[:length], right[:length]
    return left == right


def compared(native_lines: Sequence[str], our_lines: Sequence[str]) -> Compared:
    """Line by line and task by task."""
    left, right = tasks(native_lines, our_lines)
    result = Compared()
    for index, lines in enumerate(left):
        _add(result, lines, right[index] if index < len(right) else [])
    return result


def _add(result: Compared, theirs: list[str], ours: list[str]) -> None:
    result.lines += len(theirs)
    matcher = SequenceMatcher(None, theirs, ours, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            result.equal += b - a
            continue
        for line in theirs[a:b]:
            name = _NAME.match(line)
            result.misses[name[1] if name else line.split(" ")[0]] += 1
        result.shown += [f"- {line}" for line in theirs[a:b]]
        result.shown += [f"+ {line}" for line in ours[c:d]]


def main(programs: Sequence[str]) -> None:
    """Print what differs."""
    import tempfile

    total = Compared()
    for name in programs:
        with tempfile.TemporaryDirectory() as place:
            directory = Path(place) / "work"
            directory.mkdir()
            theirs = straced(Path(name), (), directory, b"")
            one = compared(theirs, traced(Path(name), (), b"", None))
        print(f"{Path(name).name}: {one.equal} of {one.lines}")
        print("\n".join(f"    {line}" for line in one.shown))
        total.equal, total.lines = total.equal + one.equal, total.lines + one.lines
        total.misses.update(one.misses)
    print(f"all: {total.equal} of {total.lines} ({100 * total.ratio:.1f} %)")
    print(", ".join(f"{name} {count}" for name, count in total.misses.most_common()))


if __name__ == "__main__":
    main(sys.argv[1:])
