"""What tests on real kernels need, had or said loudly to be missing."""

import os
import shutil
from typing import NoReturn

import pytest
from kernels import Kernel, UnavailableError, kernel

LOUD = "NOT TESTED ON A REAL KERNEL"
"""Begins the reason of each test that was left out for want of one; repeated after the run."""


def left_out(reason: str) -> NoReturn:
    """Leave the test out; on CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(f"{LOUD}: {reason}")


def needs(*tools: str) -> None:
    """Leave the test out unless all `tools` are installed."""
    for tool in tools:
        if shutil.which(tool) is None:
            left_out(f"{tool} is not installed")


def real_kernel(series: str) -> Kernel:
    """Debian's kernel of `series`."""
    try:
        return kernel(series)
    except UnavailableError as error:
        left_out(f"Linux {series} cannot be had here: {error}")
