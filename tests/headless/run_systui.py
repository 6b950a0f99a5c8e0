"""The command as a shell runs it."""

import contextlib
import io
import os
import subprocess
import sys

from program_builder import built

from systui.cli import main

COMMAND = (sys.executable, "-c", "import sys; from systui.cli import main; sys.exit(main())")
BEHAVIOUR = "behaviour"


def environment() -> dict[str, str]:
    """A plain one: no language, no colours asked for."""
    return {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": os.pathsep.join(sys.path)}


def systui(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run `systui` with `arguments`."""
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, env=environment(), timeout=60
    )


def emulate(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run `systui emulate --headless` with `arguments`."""
    return systui("emulate", "--headless", *arguments, stdin=stdin)


def traced(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The same in this process, for what prints a trace: all of it goes through `sys.stdout`."""
    out, error = io.StringIO(), io.StringIO()
    command = ["emulate", "--headless", "--lang", "en", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        status = main(command)
    return subprocess.CompletedProcess(
        command, status, out.getvalue().encode(), error.getvalue().encode()
    )


def behaviour() -> str:
    """The path of the program with many behaviours."""
    return str(built(BEHAVIOUR, "static"))
