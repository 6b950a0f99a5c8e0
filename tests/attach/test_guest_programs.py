"""Programs of every build in a guest: with symbols and breakpoints wherever they were loaded."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from guests import Guest, Programs
from walked import stops_of, systui

from systui.arch.x86_64 import X86_64
from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.target.protocol import Run

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "systui" / "examples" / "accept_43.c"


def built(folder: Path, *flags: str) -> Path:
    program = folder / "lab"
    subprocess.run(["gcc", "-g", "-o", program, SOURCE, *flags], check=True, timeout=60)
    return program


def with_libraries(program: Path, root: Path) -> Path:
    """A directory with the loader and the libraries that `program` asks for."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    for word in listed.split():
        if word.startswith("/"):
            copy = root / word.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(word, copy)
    return root


@pytest.mark.parametrize("flags", [("-static-pie",), ("-pie", "-fPIE")])
def test_a_position_independent_program(
    flags: tuple[str, ...], guest: Guest, tmp_path: Path
) -> None:
    kernel, program = guest.kernel, built(tmp_path, *flags)
    more: tuple[object, ...] = ()
    if "-pie" in flags:
        more = ("--rootfs", with_libraries(program, tmp_path / "root"))
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", program, "--follow", "accept", "--headless", "--json", *more),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    assert stops[0]["landmark"] == "user_syscall"
    assert stops[0]["symbol"].startswith("main+")
    assert stops[0]["source"]["file"].endswith("accept_43.c")
    assert stops[-1]["symbol"].startswith("main+")
    assert stops[-1]["syscall"]["ret"] == -88


def test_a_program_that_the_guest_does_not_start(
    guest: Guest, programs: Programs, tmp_path: Path
) -> None:
    """Its segments lie where no program's may."""
    kernel, program = guest.kernel, tmp_path / "nowhere"
    elf = bytearray(programs("spinner").read_bytes())
    first, count = struct.unpack_from("<Q", elf, 32)[0], struct.unpack_from("<H", elf, 56)[0]
    for header in range(first, first + 56 * count, 56):
        struct.pack_into("<Q", elf, header + 16, X86_64.kernel_start)
    program.write_bytes(elf)
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", program, "--follow", "getppid", "--headless"),
    )
    assert done.returncode == 2
    assert done.stderr.startswith("systui: nowhere: the guest does not come to its first instruc")
    assert done.stderr.count("\n") == 1


def test_attached_to_while_it_runs(guest: Guest, programs: Programs, tmp_path: Path) -> None:
    program = tmp_path / "spinner"
    source = Path(__file__).parent / "programs" / "spinner.c"
    subprocess.run(["gcc", "-O1", "-static-pie", "-o", program, source], check=True, timeout=60)
    target = guest.attach(guest.machine(program), program)
    assert target.info.program_slide
    main = Image.open(program).symbol("accept")
    assert main is not None
    place = main.address + target.info.program_slide
    assert target.resume(Run(addresses=frozenset((place,)))).pc == place
    with pytest.raises(BadInputError, match="does not run in the guest yet"):
        other = guest.machine(programs("spinner"))
        guest.attach(other, built(tmp_path, "-static-pie"))


def test_what_the_kernel_patched_is_said(guest: Guest) -> None:
    """Page-table isolation is an alternative: the code that runs is not what was built."""
    kernel = guest.kernel
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux, "--append", "pti=on"),
        *("--program", ROOT / "systui" / "examples" / "accept_43", "--follow", "accept"),
        *("--headless", "--json", "--steps", "instructions"),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    entry = [stop for stop in stops if stop["symbol"].startswith("entry_SYSCALL_64")]
    patched = [stop for stop in entry if stop["built"]]
    assert any(stop["instruction"] == "nop" and "jmp" in stop["built"] for stop in patched)
    assert len(patched) < len(entry) / 2
    assert all(stop["task"]["name"] == "accept_43" and stop["cpu"] == 0 for stop in stops)
    traced = next(stop for stop in stops if stop["symbol"] == "__x64_sys_accept")
    assert traced["built"].startswith("callq")  # ftrace's call, which is off
