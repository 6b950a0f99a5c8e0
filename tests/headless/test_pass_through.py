"""`--headless` alone: the program's output, input and status are its own."""

import shlex
import signal
import subprocess

import pytest
from run_systui import COMMAND, behaviour, emulate, environment


def test_output_and_status_are_the_program_s() -> None:
    ran = emulate(behaviour(), "one", "two")
    assert (ran.stdout, ran.stderr, ran.returncode) == (b"one\ntwo\n", b"", 0)


@pytest.mark.parametrize("status", [1, 7, 139, 255])
def test_a_status_is_passed_on_without_a_word(status: int) -> None:
    ran = emulate(behaviour(), "status", str(status))
    assert (ran.stdout, ran.stderr, ran.returncode) == (b"", b"", status)


def test_input_reaches_the_program_and_every_byte_comes_back() -> None:
    data = bytes(range(256)) * 20
    ran = emulate(behaviour(), "copy", stdin=data)
    assert (ran.stdout, ran.returncode) == (data, 0)
    assert ran.stderr == b"\xff\0to stderr\n"


def test_arguments_after_the_program_are_its_own() -> None:
    ran = emulate(behaviour(), "a", "--", "-x", "--follow", "43")
    assert ran.stdout == b"a\n--\n-x\n--follow\n43\n"
    assert ran.stderr == (
        b"systui: --follow stands after PROGRAM, so it goes to the program; "
        b"systui's own options stand before it\n"
    )


def test_a_signal_says_which_where_and_at_which_instruction() -> None:
    ran = emulate(behaviour(), "segv")
    words = ran.stderr.decode()
    assert ran.returncode == 128 + signal.SIGSEGV
    assert words.startswith("systui: the program was killed by SIGSEGV at main+0x")
    assert "behaviour.c:" in words
    assert "movl $1, 8" in words
    assert words.endswith("it may not access 0x8\n")


def test_abort() -> None:
    ran = emulate(behaviour(), "abort")
    assert ran.returncode == 128 + signal.SIGABRT
    assert b"killed by SIGABRT" in ran.stderr


def test_what_waits_for_ever_is_said() -> None:
    ran = emulate(behaviour(), "pause")
    assert ran.returncode == 1
    assert b"cannot go on: waiting for a signal" in ran.stderr


def test_a_closed_pipe_ends_quietly() -> None:
    with subprocess.Popen(
        [*COMMAND, "emulate", "--headless", behaviour(), "chatter"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(8) == b"chatter\n"
        running.stdout.close()
        assert running.wait(20) == 128 + signal.SIGPIPE
        assert running.stderr.read() == b""


@pytest.mark.parametrize("behaves", ["looping", "waiting"])
def test_ctrl_c(behaves: str) -> None:
    with subprocess.Popen(
        [*COMMAND, "emulate", "--headless", behaviour(), behaves],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == behaves.encode() + b"\n"
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 130
        assert running.stderr.read() == b"systui: interrupted\n"


def test_limits_can_be_set() -> None:
    ran = emulate("--max-instructions", "100000", behaviour(), "looping")
    assert ran.returncode == 1
    assert ran.stderr == (
        b"systui: stopped: 100,000 instructions ran without a stop; "
        b"--max-instructions, --max-memory allow more\n"
    )


def shell(line: str) -> "subprocess.CompletedProcess[bytes]":
    """Run systui by a shell that redirects it; `$S` is the command up to the program."""
    command = " ".join(map(shlex.quote, (*COMMAND, "emulate", "--headless")))
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("$S", command)],
        capture_output=True,
        env=environment(),
        timeout=60,
    )


def test_a_closed_standard_input_is_at_its_end() -> None:
    """And is never a file that systui itself has open."""
    ran = shell(f"$S {behaviour()} copy <&-")
    assert (ran.stdout, ran.returncode) == (b"", 0)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_outputs_take_nothing(closed: str) -> None:
    ran = shell(f"$S {behaviour()} status 9 {closed}")
    assert (ran.stdout, ran.stderr, ran.returncode) == (b"", b"", 9)


@pytest.mark.parametrize("follow", ["", "--follow write"])
def test_a_full_disk_is_one_line(follow: str) -> None:
    ran = shell(f"$S {follow} {behaviour()} words >/dev/full")
    assert ran.stderr == b"systui: [Errno 28] No space left on device\n"
    assert ran.returncode == 2
