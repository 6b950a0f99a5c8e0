"""`systui doctor`: what is installed, what each target needs, what is missing and how to get it."""

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from systui import __version__
from systui.present.rows import pad
from systui.settings import state
from systui.settings.config import Settings
from systui.words import _

STATUS_MISSING = 1
_TIME_LIMIT = 5.0
"""Seconds that a tool may take to say its version."""
_OLDEST_PYTHON = (3, 11)
_VERSION = re.compile(r"\d+(?:\.\d+)+")

_PACKAGES = ("textual", "unicorn", "capstone", "pyelftools", "pygdbmi", "platformdirs", "lz4")
_TOOLS = {
    "gdb": "gdb",
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-system-i386": "qemu-system-x86",
    "gcc": "gcc",
}
"""Programs, and the Debian package that has each."""


class Need(NamedTuple):
    """One of a target's needs: alternatives, any of which will do, and what for."""

    parts: tuple[str, ...]
    required: bool = True


_TARGETS: dict[str, tuple[Need, ...]] = {
    "emulate": (
        Need(("unicorn",)),
        Need(("capstone",)),
        Need(("textual",)),
        Need(("gcc",), required=False),
    ),
    "attach": (
        Need(("capstone",)),
        Need(("textual",)),
        Need(("pygdbmi",)),
        Need(("gdb",)),
        Need(("qemu-system-x86_64", "qemu-system-i386"), required=False),
    ),
    "replay": (Need(("textual",)),),
}


class Found(NamedTuple):
    """One part as it was found here."""

    name: str
    kind: str
    """`python`, `package` or `tool`."""
    version: str | None
    """None where it is missing; `?` where it would not say."""
    detail: str = ""
    """Where it lies, or what is wrong with it."""

    @property
    def present(self) -> bool:
        """It is installed."""
        return self.version is not None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui doctor`."""
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))


def run(options: argparse.Namespace) -> int:
    """Print the report; 1 where what `emulate` needs is missing, else 0."""
    found = examine()
    settings = _settings(options.settings, options.settings_problem)
    missing = {target: _missing(needs, found, True) for target, needs in _TARGETS.items()}
    if options.json:
        print(json.dumps(_as_data(found, missing, settings), indent=2))
    else:
        print("\n".join(_report(found, missing, settings)))
    return STATUS_MISSING if missing["emulate"] or not found["Python"].present else 0


def examine() -> dict[str, Found]:
    """Look for Python, the packages and the tools; imports none of them."""
    parts = [_python(), *map(_package, _PACKAGES), *map(_tool, _TOOLS)]
    return {part.name: part for part in parts}


def _python() -> Found:
    if sys.version_info < _OLDEST_PYTHON:
        wanted = ".".join(map(str, _OLDEST_PYTHON))
        return Found(
            "Python", "python", None, _("{version} or newer is needed").format(version=wanted)
        )
    return Found("Python", "python", platform.python_version(), sys.executable or "")


def _package(name: str) -> Found:
    try:
        return Found(name, "package", metadata.version(name))
    except metadata.PackageNotFoundError:
        return Found(name, "package", None)


def _tool(name: str) -> Found:
    path = shutil.which(name)
    if path is None:
        return Found(name, "tool", None)
    try:
        said = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Found(name, "tool", "?", _("{path} does not answer --version").format(path=path))
    except OSError as error:
        reason = error.strerror
        return Found(
            name, "tool", None, _("{path} does not run: {reason}").format(path=path, reason=reason)
        )
    lines = said.stdout.splitlines()
    versions = _VERSION.findall(re.sub(r"\(.*?\)", "", lines[0])) if lines else []
    return Found(name, "tool", versions[0] if versions else "?", path)


def _missing(needs: Sequence[Need], found: dict[str, Found], required: bool) -> list[str]:
    """The parts that are needed and of whose alternatives none is here."""
    return [
        need.parts[0]
        for need in needs
        if need.required is required and not any(found[part].present for part in need.parts)
    ]


def _help(found: dict[str, Found]) -> list[str]:
    """The command lines that install what is missing, one for each kind."""
    tools = [name for name, part in found.items() if part.kind == "tool" and not part.present]
    packages = [name for name, part in found.items() if part.kind == "package" and not part.present]
    lines = []
    if tools:
        lines.append("apt install " + " ".join(dict.fromkeys(_TOOLS[name] for name in tools)))
    if packages:
        lines.append(f"{Path(sys.executable).name} -m pip install " + " ".join(packages))
    return lines


def _settings(settings: Settings, problem: Exception | None) -> dict[str, object]:
    """Which settings file is used, what is wrong with it, and which themes there are."""
    own = sorted(path.stem for path in settings.themes.glob("*.toml"))
    return {
        "file": str(settings.path),
        "found": settings.found,
        "problem": None if problem is None else str(problem),
        "own_themes": own,
        "state": str(state.path()),
    }


def _as_data(
    found: dict[str, Found], missing: dict[str, list[str]], settings: dict[str, object]
) -> dict[str, object]:
    return {
        "systui": __version__,
        "platform": platform.platform(),
        "parts": [
            {"name": each.name, "kind": each.kind, "version": each.version, "detail": each.detail}
            for each in found.values()
        ],
        "targets": {
            target: {
                "available": _available(target),
                "ready": _available(target) and not missing[target],
                "missing": missing[target],
                "optional": _missing(needs, found, False),
            }
            for target, needs in _TARGETS.items()
        },
        "install": _help(found),
        "settings": settings,
    }


def _report(
    found: dict[str, Found], missing: dict[str, list[str]], settings: dict[str, object]
) -> list[str]:
    lines = [f"systui {__version__}, {platform.platform()}", "", _("Installed:")]
    size = max(map(len, found))
    for part in found.values():
        state = part.version or _("missing")
        lines.append(f"  {part.name:{size}}  {pad(state, 10)}  {part.detail}".rstrip())
    lines += ["", _("What works:")]
    for target, purpose in _purposes().items():
        lines.append(f"  {target:8}  {_state(target, missing[target])}  {purpose}")
        extras = [_extra(name) for name in _missing(_TARGETS[target], found, False)]
        lines += [f"            {extra}" for extra in extras]
    lines += ["", _("Settings:"), *_told_settings(settings)]
    commands = _help(found)
    if commands:
        lines += ["", _("What is missing comes with:"), *(f"  {line}" for line in commands)]
    return lines


def _told_settings(settings: dict[str, object]) -> list[str]:
    if settings["problem"]:
        state_of = _("wrong")
    else:
        state_of = _("used") if settings["found"] else _("not there")
    lines = [f"  {settings['file']}  {state_of}"]
    if settings["problem"]:
        lines.append(f"    {settings['problem']}")
    own = settings["own_themes"]
    if isinstance(own, list) and own:
        lines.append("  " + _("your themes: {names}").format(names=", ".join(own)))
    lines.append(f"  {settings['state']}  " + _("what you arranged on the screen"))
    return lines


def _purposes() -> dict[str, str]:
    return {
        "emulate": _("follow a program's call in the built-in emulator"),
        "attach": _("follow it on a real kernel behind QEMU's gdbstub"),
        "replay": _("look at a recording"),
    }


def _available(target: str) -> bool:
    """This version of systui has the command."""
    return find_spec(f"systui.cli.{target}") is not None


def _state(target: str, missing: Sequence[str]) -> str:
    parts = ", ".join(missing)
    if not _available(target):
        if missing:
            return _("not in this version, would need {parts}:").format(parts=parts)
        return _("not in this version, though its needs are met:")
    if missing:
        return _("not ready, needs {parts}:").format(parts=parts)
    return _("ready:")


def _extra(name: str) -> str:
    if name == "gcc":
        return _("without gcc: only programs that are built already")
    return _("without QEMU on this machine: only a gdbstub elsewhere")
