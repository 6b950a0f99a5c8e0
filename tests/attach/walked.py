"""Walks of systui on guests, as their JSON tells them."""

import json
import subprocess
import sys
from typing import Any

_MAIN = "import sys; from systui.cli import main; sys.exit(main())"


def systui(
    *arguments: object, limit: float = 600, piped: str = ""
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _MAIN, *map(str, arguments)],
        capture_output=True,
        input=piped,
        text=True,
        timeout=limit,
    )


def stops_of(printed: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in printed.splitlines()]
    return [line for line in lines if "phase" in line]


def landmarks(stops: list[dict[str, Any]]) -> list[str]:
    return [stop["landmark"] for stop in stops]


def in_order(wanted: tuple[str, ...], seen: list[str]) -> bool:
    rest = iter(seen)
    return all(name in rest for name in wanted)


_HANDLED = ("do_syscall", "dispatch", "handler", "handler_return", "exit_work")
BY_GATE = (
    *("user_syscall", "entry", "frame_complete", "kernel_stack", *_HANDLED, "restore"),
    *("iret_path", "iret", "user_return"),
)
"""A 64-bit kernel's `int $0x80`: the frame that the CPU began is filled where it is, and then moved
to the thread's stack.
"""
BY_INSTRUCTION = (
    *("user_syscall", "entry", "kernel_stack", "frame_complete", *_HANDLED, "sysret_check"),
    *("restore", "sysret", "user_return"),
)
"""Its 32-bit SYSCALL and SYSENTER."""


def at(stops: list[dict[str, Any]], landmark: str) -> dict[str, Any]:
    return next(stop for stop in stops if stop["landmark"] == landmark)
