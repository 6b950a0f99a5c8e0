"""Test programs, compiled once for each source and way of linking."""

import hashlib
import os
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import systui.minikernel
from systui.kernel.image import Image

HERE = Path(__file__).parent
TASKS = HERE.parent / "corpus" / "tasks"
WAYS = {
    "static": ("gcc", "-static", "-no-pie"),
    "static-pie": ("gcc", "-static-pie"),
    "musl": ("musl-gcc", "-static"),
    "dynamic": ("gcc",),
    "static32": ("gcc", "-m32", "-static"),
    "bare32": ("gcc", "-m32", "-static", "-no-pie", "-nostdlib", "-ffreestanding"),
    "bare": ("gcc", "-static", "-no-pie", "-nostdlib", "-ffreestanding"),
}


@lru_cache
def built(name: str, way: str = "bare") -> Path:
    """The program made from `name`.c or `name`.S here, or among the corpus's several tasks."""
    places = (HERE / f"{name}.c", HERE / f"{name}.S", TASKS / f"{name}.c")
    source = next(path for path in places if path.exists())
    command = [*WAYS[way], "-g", "-O1", "-fno-stack-protector"]
    key = hashlib.sha256(source.read_bytes() + repr(command).encode()).hexdigest()[:16]
    target = Path(tempfile.gettempdir()) / f"systui-test-programs-{os.getuid()}" / key / name
    if not target.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{os.getpid()}")
        subprocess.run([*command, "-o", str(fresh), str(source)], check=True)
        fresh.replace(target)
    return target


@lru_cache
def image(name: str, way: str = "bare") -> Image:
    """The program's ELF image, for its symbols."""
    return Image.open(built(name, way))


@lru_cache
def kernel() -> Image:
    """The bundled kernel."""
    return Image.open(systui.minikernel.path())


def address(name: str, symbol: str, way: str = "bare") -> int:
    """Where `symbol` of a program lies."""
    found = image(name, way).symbol(symbol)
    assert found is not None, symbol
    return found.address


KERNELS: dict[str | None, Image] = {}
"""Kernels other than the bundled one, by build-id, while tests run on them."""


def kernel_address(symbol: str, build_id: str | None = None) -> int:
    """Where `symbol` of the kernel with `build_id` lies; of the bundled one where it is unknown."""
    found = KERNELS.get(build_id, kernel()).symbol(symbol)
    assert found is not None, symbol
    return found.address
