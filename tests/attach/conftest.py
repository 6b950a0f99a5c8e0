"""One booted guest at a time, and programs for it, built once a run."""

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from guests import Guest, Programs
from i386_kernels import i386_kernel
from kernels import Kernel, kernel
from real_parts import had, needs


def _kernel(series: str) -> Kernel:
    needs("qemu-system-x86_64", "gdb", "gcc")
    return had(series, partial(kernel, series))


@pytest.fixture(scope="session")
def linux_6_1() -> Kernel:
    return _kernel("6.1")


@pytest.fixture(scope="session")
def linux_6_12() -> Kernel:
    return _kernel("6.12")


@pytest.fixture(scope="session")
def linux_i386() -> Kernel:
    needs("qemu-system-i386", "gdb", "gcc")
    return had("6.1 for i386", i386_kernel)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """`programs("name")` is the static build of programs/name.c, of i386/name.c a 32-bit one."""
    folder = tmp_path_factory.mktemp("guest-programs")

    def build(name: str) -> Path:
        built = folder / name
        built.parent.mkdir(exist_ok=True)
        narrow = ["-m32"] if name.startswith("i386/") else []
        if not built.exists():
            source = Path(__file__).parent / "programs" / f"{name}.c"
            subprocess.run(
                ["gcc", *narrow, "-O1", "-g", "-static", "-o", built, source],
                check=True,
                timeout=60,
            )
        return built

    return build


@pytest.fixture
def guest_i386(linux_i386: Kernel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """The same on a 32-bit machine."""
    with Guest(linux_i386, tmp_path_factory.getbasetemp() / "layouts") as made:
        yield made


@pytest.fixture
def guest(linux_6_1: Kernel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """Boots guests of our own and ends whatever a test leaves of them."""
    with Guest(linux_6_1, tmp_path_factory.getbasetemp() / "layouts") as made:
        yield made
