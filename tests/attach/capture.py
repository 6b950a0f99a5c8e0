"""Capture what a real gdb says of a real QEMU: `python tests/attach/capture.py`.

Writes tests/attach/transcripts/*.mi: attaching, stepping, reading, a breakpoint, an interrupt, an
error, and QEMU's death while the guest stands. No kernel is needed: the machine stands in its
firmware.
"""

import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
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
    """Run the session and write the transcripts."""
    with tempfile.TemporaryDirectory() as folder:
        stub = Path(folder) / "stub"
        qemu = subprocess.Popen(
            [
                "qemu-system-x86_64",
                "-S",
                "-display",
                "none",
                "-nodefaults",
                "-gdb",
                f"unix:{stub},server=on,wait=off",
            ]
        )
        while not stub.exists():
            time.sleep(0.05)
        gdb = subprocess.Popen(
            ["gdb", "-nx", "-q", "--interpreter=mi3"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert gdb.stdin is not None
        commands = [f"-target-select remote {stub}", *SESSION]
        for number, command in enumerate(commands, start=1):
            gdb.stdin.write(f"{number}{command}\n".encode())
            gdb.stdin.flush()
            time.sleep(0.3)
        qemu.kill()
        qemu.wait()
        gdb.stdin.write(b"99-exec-step-instruction\n-gdb-exit\n")
        said = gdb.communicate()[0].replace(str(stub).encode(), b"/stub")
    (HERE / "transcripts").mkdir(exist_ok=True)
    (HERE / "transcripts" / "firmware.mi").write_bytes(said)


if __name__ == "__main__":
    main()
