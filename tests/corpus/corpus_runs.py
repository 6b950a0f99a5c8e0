"""One program run natively, under strace, and in the emulator, all with the same surroundings."""

import ctypes
import errno
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from systui.kernel.image import Image
from systui.kernel.syscalls import bundled
from systui.minikernel.eras import BY_NAME, TODAY, Era
from systui.model.stop import Channel, Output, Reason, Registers
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/home/user", "LANG": "C", "GREETING": "hi"}
ANSWERED_BY_VDSO = frozenset(
    (
        *("clock_gettime", "gettimeofday", "time", "getcpu", "clock_getres"),
        *("clock_gettime64", "clock_getres_time64"),
    )
)
ANONYMOUS = "mmap of memory"
ERAS = [each for each in BY_NAME.values() if each.architecture == "x86_64"]
"""Older ages whose kernels run the same programs."""
_MAP_FIXED, _MAP_ANONYMOUS = 0x10, 0x20
_NO_RANDOMIZE = 0x0040000
_LINE = re.compile(r"^(\w+)\(.*= (\?|-?\d+|0x[0-9a-f]+)(?: (E[A-Z0-9]+))?")
_ERRNO_MAX = 4095
_PATIENCE = 30
"""Seconds that a program may take."""


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    stdout: bytes
    stderr: bytes
    status: int
    """128 + n for a signal."""


@dataclass(frozen=True)
class Called:
    """A call and how it ended: an errno's name, "" for success, "?" where it did not return."""

    name: str
    errno: str

    def agrees(self, other: "Called") -> bool:
        """The same call with the same outcome, as far as both are known."""
        same = self.errno == other.errno or "?" in {self.errno, other.errno}
        return self.name == other.name and same


def _fixed_layout() -> None:
    ctypes.CDLL(None).personality(_NO_RANDOMIZE)


def native(command: Sequence[str | Path], stdin: bytes, directory: Path) -> Ran:
    """The command on this machine, its address space not randomised."""
    with subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=directory,
        env=ENVIRONMENT,
        preexec_fn=_fixed_layout,  # noqa: PLW1509  # no other thread is at work here
        process_group=0,
    ) as started:
        try:
            stdout, stderr = started.communicate(stdin, timeout=_PATIENCE)
        except BaseException:
            # strace alone would leave what it traces running.
            os.killpg(started.pid, signal.SIGKILL)
            raise
    code = started.returncode
    return Ran(stdout, stderr, code if code >= 0 else 128 - code)


def straced(command: Sequence[str | Path], stdin: bytes, directory: Path) -> list[Called]:
    """The calls that strace sees, from after execve."""
    log = directory.parent / f"{directory.name}.strace"
    native(["strace", "-qq", "-o", log, "-e", "signal=none", *command], stdin, directory)
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = _LINE.match(line)
        if match:
            name, result, error = match.groups()
            unknown = result == "?" or name == "rt_sigreturn"
            if name == "mmap" and "MAP_ANONYMOUS" in line and "MAP_FIXED" not in line:
                name = ANONYMOUS
            found.append(Called(name, "?" if unknown else error or ""))
    return without_vdso(found[1:])


@cache
def can_trace() -> bool:
    """strace is there and may be used."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    return tried.returncode == 0


def without_vdso(calls: list[Called]) -> list[Called]:
    """The calls that a program makes whether or not it is given a vDSO.

    Left out: what is answered within the vDSO where there is one, and the pages that a dynamic
    loader takes for its own lists: it fills them differently when it has a vDSO to enter.
    """
    kept = [called for called in calls if called.name not in ANSWERED_BY_VDSO]
    names = [called.name for called in kept]
    if "access" not in names[:3]:
        return kept
    loaded = names.index("arch_prctl")
    return [called for called in kept[:loaded] if called.name != ANONYMOUS] + kept[loaded:]


@cache
def kernel(era: Era = TODAY) -> Image:
    """A bundled kernel."""
    return Image.open(era.path)


@cache
def _names() -> dict[int, str]:
    return {row.number: row.name for row in bundled("x86_64").rows if row.abi != "x32"}


def start(
    program: Path,
    arguments: Sequence[str],
    stdin: bytes,
    root: Path | None = None,
    era: Era = TODAY,
) -> EmulatorTarget:
    """The program in the emulator, its streams pipes."""
    options = EmulatorOptions(
        environment=ENVIRONMENT,
        root=root,
        stdin=stdin,
        stdout_terminal=False,
        stderr_terminal=False,
    )
    return EmulatorTarget.start(kernel(era), program, arguments, options)


def emulated(target: EmulatorTarget, era: Era = TODAY) -> tuple[Ran, list[Called]]:
    """Run the program to its end, seeing each `syscall` instruction and what came back."""
    output: list[Output] = []
    target.subscribe(output.append)
    entry = kernel(era).symbol(era.entry)
    assert entry is not None
    calls: list[list[str]] = []
    after: frozenset[int] = frozenset()
    while True:
        stop = target.resume(Run(addresses=after | {entry.address}))
        if stop.reason is not Reason.BREAKPOINT:
            break
        registers = target.registers()
        if stop.pc == entry.address:
            calls.append([_name(registers), "?"])
            returns = calls[-1][0] != "rt_sigreturn"
            after = frozenset({registers["rcx"]} if returns else ())
        else:
            calls[-1][1] = _errno(registers["rax"])
            after = frozenset()
    assert stop.exit_status is not None, f"{stop.reason}: {stop.detail}"
    target.close()
    parts = {
        channel: b"".join(piece.data for piece in output if piece.channel is channel)
        for channel in (Channel.STDOUT, Channel.STDERR)
    }
    ran = Ran(parts[Channel.STDOUT], parts[Channel.STDERR], stop.exit_status)
    return ran, without_vdso([Called(*call) for call in calls])


def _name(registers: Registers) -> str:
    number = registers["rax"]
    name = _names().get(number, f"syscall_{number:#x}")
    anywhere = registers["r10"] & (_MAP_FIXED | _MAP_ANONYMOUS) == _MAP_ANONYMOUS
    return ANONYMOUS if name == "mmap" and anywhere else name


def _errno(result: int) -> str:
    value = (1 << 64) - result
    return ERRNO_NAMES.get(value, str(value)) if 0 < value <= _ERRNO_MAX else ""


ERRNO_NAMES = {**errno.errorcode, 11: "EAGAIN", 35: "EDEADLK", 95: "EOPNOTSUPP"}


def first_difference(one: list[Called], other: list[Called]) -> str | None:
    """Where two lists of calls part, for a person; None when they agree."""
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if not left.agrees(right):
            before = [called.name for called in one[max(0, index - 3) : index]]
            return f"call {index} after {before}: native {left}, here {right}"
    if len(one) != len(other):
        longer, side = (one, "native") if len(one) > len(other) else (other, "here")
        return f"only {side}: {[str(c) for c in longer[min(len(one), len(other)) :][:5]]}"
    return None
