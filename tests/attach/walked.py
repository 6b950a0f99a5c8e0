"""Walks of systui on guests, as their JSON tells them."""

import json
import subprocess
import sys
from typing import Any

_MAIN = "import sys; from systui.cli import main; sys.exit(main())"


def systui(
    *arguments: object, limit: float = 120, piped: str = ""
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
