"""Capture what a real gdb says of a real QEMU: `python tests/attach/capture.py`.

Writes tests/attach/transcripts/*.mi. firmware: attaching, stepping, reading, a breakpoint, an
error, and QEMU's death while the guest stands; running: an interrupt, and QEMU's death while it
runs. No kernel is needed: the machine stands in its firmware.
"""

import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PAUSE = 0.3
SESSION = [
    "-gdb-version",
    "-data-list-register-names",
    "-data-list-register-values --skip-unavailable x 0 1 2 7 16 17",
    "-data-read-memory-bytes $pc 16",
    "-data-read-memory-bytes 0xffffffffff000000 8",
    "-exec-step-instruction",
    "-exec-step-instruction",
    "-break-insert -h *0xf0000",
    '-interpreter-exec console "info registers rip"',
    "-data-evaluate-expression no_such_name",
    "-no-such-command",
]


def main() -> None:
    """Run the sessions and write the transcripts."""
    (HERE / "transcripts").mkdir(exist_ok=True)
    with session() as (gdb, qemu):
        for number, command in enumerate(SESSION, start=2):
            tell(gdb, f"{number}{command}")
        end(qemu)
        tell(gdb, "99-exec-step-instruction")
        keep("firmware", gdb)
    with session() as (gdb, qemu):
        tell(gdb, "2-exec-continue")
        gdb.send_signal(signal.SIGINT)
        time.sleep(PAUSE)
        tell(gdb, "99-exec-continue")
        end(qemu)
        time.sleep(PAUSE)
        keep("running", gdb)


@contextmanager
def session() -> Iterator[tuple["subprocess.Popen[bytes]", "subprocess.Popen[bytes]"]]:
    """A gdb that is attached to a QEMU which stands in its firmware."""
    with tempfile.TemporaryDirectory() as folder:
        stub = Path(folder) / "stub"
        machine = ("-S", "-display", "none", "-nodefaults")
        listening = ("-gdb", f"unix:{stub},server=on,wait=off")
        qemu = subprocess.Popen(["qemu-system-x86_64", *machine, *listening])
        while not stub.exists():
            time.sleep(0.05)
        gdb = subprocess.Popen(
            ["gdb", "-nx", "-q", "--interpreter=mi3"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        tell(gdb, f"1-target-select remote {stub}")
        yield gdb, qemu


def tell(gdb: "subprocess.Popen[bytes]", command: str) -> None:
    assert gdb.stdin is not None
    gdb.stdin.write(f"{command}\n".encode())
    gdb.stdin.flush()
    time.sleep(PAUSE)


def end(qemu: "subprocess.Popen[bytes]") -> None:
    qemu.kill()
    qemu.wait()


def keep(name: str, gdb: "subprocess.Popen[bytes]") -> None:
    """Write what `gdb` has said, without the path of its socket."""
    said = gdb.communicate(b"-gdb-exit\n")[0]
    said = re.sub(rb"/[^\s\"]*/stub\b", b"/stub", said)
    (HERE / "transcripts" / f"{name}.mi").write_bytes(said)


if __name__ == "__main__":
    main()
