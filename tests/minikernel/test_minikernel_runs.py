"""What the kernel's own code answers, beside what the host's kernel answers to the same program."""

import platform
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from systui import minikernel
from systui.kernel.image import Image
from systui.minikernel import tables
from systui.model.stop import Channel, Reason
from systui.services.system import System
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run

HERE = Path(__file__).parent
FREESTANDING = ("-nostdlib", "-ffreestanding", "-fno-stack-protector")

LINUX = HERE / "judged.txt"
"""What judged.c writes on Linux 6.18."""
ORDER_SINCE = (6, 12)
"""Older ones look at some arguments in another order (setsockopt, readv, open)."""

REFUSED_INSIDE = frozenset(
    (
        *("close", "lseek", "mprotect", "munmap", "pread64", "pwrite64", "readv", "dup"),
        *("nanosleep", "accept", "ftruncate", "fchdir", "getdents64", "tgkill", "mkdirat"),
        *("faccessat", "accept4", "dup3", "pipe2", "listen", "shutdown", "symlink", "rename"),
    )
)
"""Calls that judged.c makes only with arguments that the handler in C refuses by itself."""
ASKED = {"shutdown": 1}
"""Those of them that it makes once with arguments that only the service can judge."""

WAYS = (
    *("none", "int3", "ud2", "divide", "hlt", "null", "read", "kernel", "far", "jump", "text"),
    *("step", "step-syscall", "frame-rip", "frame-cs", "frame-ss", "frame-tf", "frame-rcx"),
)
WITHOUT_ISOLATION = ("none", "null", "kernel", "step-syscall", "frame-rip", "frame-cs", "frame-tf")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that the programs beside this file are compiled into."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed: the programs cannot be built")
    directory = tmp_path_factory.mktemp("programs")
    for name, flags in (("judged", FREESTANDING), ("faults", ())):
        subprocess.run(
            ["gcc", "-O1", "-static", *flags, "-o", directory / name, HERE / f"{name}.c"],
            check=True,
        )
    return directory


def emulated(program: Path, *arguments: str, pti: bool = True) -> tuple[str, int | None]:
    """Standard output and exit status of a run on the miniature kernel."""
    target = EmulatorTarget.start(
        Image.open(minikernel.path()), program, arguments, EmulatorOptions(stdin=b"", pti=pti)
    )
    pieces: list[bytes] = []
    target.subscribe(
        lambda output: pieces.append(output.data) if output.channel is Channel.STDOUT else None
    )
    stop = target.resume(Run())
    target.close()
    assert stop.reason is Reason.EXIT, stop
    return b"".join(pieces).decode(), stop.exit_status


def test_arguments_are_judged_as_linux_does(
    compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {row.number: row.name for row in tables.rows()}
    served: Counter[str] = Counter()
    call = System.call

    def counted(system: System, number: int, *rest: object) -> object:
        served[names.get(number, "")] += 1
        return call(system, number, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(System, "call", counted)
    output, status = emulated(compiled / "judged")
    assert status == 0
    assert output.splitlines() == LINUX.read_text(encoding="utf-8").splitlines()
    assert {name: served[name] for name in REFUSED_INSIDE if served[name]} == ASKED


def test_what_linux_does_is_what_the_host_does(compiled: Path) -> None:
    release = platform.release()
    if tuple(int(part) for part in re.findall(r"\d+", release)[:2]) < ORDER_SINCE:
        pytest.skip(f"the order of some checks is younger than this host's Linux {release}")
    native = subprocess.run([compiled / "judged"], capture_output=True, text=True, check=True)
    assert native.stdout.splitlines() == LINUX.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("way", WAYS)
def test_faults_become_the_signals_that_linux_sends(compiled: Path, way: str) -> None:
    program = compiled / "faults"
    native = subprocess.run([program, way], capture_output=True, text=True, check=False)
    assert emulated(program, way) == (native.stdout, native.returncode)


@pytest.mark.parametrize("way", WITHOUT_ISOLATION)
def test_the_same_without_page_table_isolation(compiled: Path, way: str) -> None:
    program = compiled / "faults"
    native = subprocess.run([program, way], capture_output=True, text=True, check=False)
    assert emulated(program, way, pti=False) == (native.stdout, native.returncode)
