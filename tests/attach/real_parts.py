"""What tests on real kernels need, had or said loudly to be missing."""

import os
import shutil
from collections.abc import Callable
from typing import NoReturn

import pytest
from kernels import Kernel, UnavailableError

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


def had(name: str, find: Callable[[], Kernel]) -> Kernel:
    """The kernel that `find` finds, which is `name` in words."""
    try:
        return find()
    except UnavailableError as error:
        left_out(f"Linux {name} cannot be had here: {error}")
