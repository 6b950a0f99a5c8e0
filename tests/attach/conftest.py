"""One booted guest at a time, and programs for it, built once a run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from guests import Guest, Programs
from kernels import Kernel, UnavailableError, kernel


def _left_out(reason: str) -> None:
    """Say loudly that real parts are missing; on CI that is a failure."""
    print(f"\nNOT TESTED ON A REAL KERNEL: {reason}", file=sys.stderr)
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _needs(what: str) -> None:
    if shutil.which(what) is None:
        _left_out(f"{what} is not installed")


def _kernel(series: str) -> Kernel:
    for tool in ("qemu-system-x86_64", "gdb", "gcc"):
        _needs(tool)
    try:
        return kernel(series)
    except UnavailableError as error:
        _left_out(f"Linux {series} cannot be had here: {error}")
        raise


@pytest.fixture(scope="session")
def linux_6_1() -> Kernel:
    return _kernel("6.1")


@pytest.fixture(scope="session")
def linux_6_12() -> Kernel:
    return _kernel("6.12")


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """`programs("name")` is the static build of programs/name.c."""
    folder = tmp_path_factory.mktemp("guest-programs")

    def build(name: str) -> Path:
        built = folder / name
        if not built.exists():
            source = Path(__file__).parent / "programs" / f"{name}.c"
            subprocess.run(
                ["gcc", "-O1", "-g", "-static", "-o", built, source], check=True, timeout=60
            )
        return built

    return build


@pytest.fixture
def guest(linux_6_1: Kernel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """Boots guests of our own and ends whatever a test leaves of them."""
    with Guest(linux_6_1, tmp_path_factory.getbasetemp() / "layouts") as made:
        yield made
