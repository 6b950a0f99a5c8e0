"""One call in a booted kernel, instruction by instruction: QEMU, stepped by gdb in batch mode."""

import os
import re
import socket
import subprocess
import tempfile
from pathlib import Path

from kernels import Kernel

_STEPPER = """
set pagination off
set confirm off
set architecture {architecture}
target remote {stub}
hbreak *{entry:#x} if ${result} == {number}
continue
delete
python
import sys
for count in range({most}):
    pc = int(gdb.parse_and_eval("$pc")) & {mask:#x}
    if pc < {half:#x}:
        print("STEP returned", hex(int(gdb.parse_and_eval("${result}")) & {mask:#x}))
        break
    if pc == {frame:#x}:
        gdb.execute("x/17wx $eax")
    print("STEP", hex(pc))
    gdb.execute("stepi", to_string=True)
end
kill
"""
_WIDE = {"architecture": "i386:x86-64", "result": "rax", "half": 1 << 47, "mask": (1 << 64) - 1}
_NARROW = {"architecture": "i386", "result": "eax", "half": 0xC000_0000, "mask": (1 << 32) - 1}
_BOOT_LIMIT = 240
_MOST_STEPS = 20_000


class Stepped:
    """The way of a call: addresses in the order of execution, and what it returned."""

    def __init__(self, addresses: list[int], result: int, frame: list[int]) -> None:
        self.addresses = addresses
        self.result = result
        self.frame = frame
        """The 17 words that eax points to, where they were asked for."""


def stepped(
    kernel: Kernel, program: Path, number: int, entry: int, append: str, *, frame: int = 0
) -> Stepped:
    """Boot `kernel` with `program` as its first process and step through its call `number`.

    `frame`: where eax points to a 32-bit kernel's pt_regs.
    """
    width, machine = (_NARROW, "i386") if frame else (_WIDE, "x86_64")
    with tempfile.TemporaryDirectory(prefix="systui-boot-") as name:
        folder = Path(name)
        image, stub, script = folder / "initramfs", folder / "gdb.sock", folder / "step.gdb"
        image.write_bytes(_archive(program.read_bytes()))
        script.write_text(
            _STEPPER.format(
                stub=stub,
                entry=entry,
                number=number,
                most=_MOST_STEPS,
                **{"frame": frame, **width},
            )
        )
        guest = subprocess.Popen(
            [
                *(f"qemu-system-{machine}", "-M", "q35,accel=tcg", "-m", "256", "-nographic"),
                *("-no-reboot", "-monitor", "none", "-serial", "null", "-S"),
                *("-kernel", str(kernel.bzimage), "-initrd", str(image)),
                *("-append", f"nokaslr console=ttyS0 quiet {append}"),
                *(
                    "-chardev",
                    f"socket,path={stub},server=on,wait=off,id=gdb",
                    "-gdb",
                    "chardev:gdb",
                ),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(stub, guest)
            done = subprocess.run(
                ["gdb", "-q", "-nx", "-batch", "-x", str(script)],
                capture_output=True,
                text=True,
                timeout=_BOOT_LIMIT,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
            )
        finally:
            guest.kill()
            guest.wait()
    words = [line.split() for line in done.stdout.splitlines() if line.startswith("STEP ")]
    assert words, f"gdb said: {done.stdout[-500:]} {done.stderr[-500:]}"
    assert words[-1][1] == "returned", f"the call did not return: {done.stderr[-500:]}"
    saved = [int(word, 16) for word in re.findall(r"\b0x[0-9a-f]{8}(?=\s|$)", _memory(done.stdout))]
    return Stepped([int(each[1], 16) for each in words[:-1]], int(words[-1][2], 16), saved)


def _memory(said: str) -> str:
    """What gdb's `x` has shown, without the addresses before it."""
    return "\n".join(line.partition(":\t")[2] for line in said.splitlines())


def _wait_for(stub: Path, guest: "subprocess.Popen[bytes]") -> None:
    """Until QEMU listens; its socket file says so."""
    while guest.poll() is None:
        if stub.exists():
            return
        with socket.socket() as idle:
            idle.settimeout(0.05)
            try:
                guest.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError("QEMU ended at once")


def _archive(program: bytes) -> bytes:
    """A cpio archive (newc) with `program` as /init and the console's device node."""
    entries = [
        _entry("dev", 0o040755, b""),
        _entry("dev/console", 0o020600, b"", device=(5, 1)),
        _entry("init", 0o100755, program),
        _entry("TRAILER!!!", 0, b""),
    ]
    return b"".join(entries)


def _entry(name: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)) -> bytes:
    fields = (0, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return _aligned(head) + _aligned(content)


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
