"""C programs built for 32 bits, against this machine: output, status, order of calls."""

import platform
import re
import subprocess
from pathlib import Path

import pytest
from corpus_runs import can_trace, kernel, native, start, straced
from trace_lines import Compared, compared, traced
from trace_lines import straced as strace_lines

from systui.examples import path as example
from systui.kernel.subcalls import sub_call
from systui.kernel.syscalls import bundled
from systui.minikernel.eras import BY_NAME as ERAS
from systui.minikernel.eras import TODAY, Era
from systui.model.errors import BadInputError
from systui.model.stop import Channel, MemoryRange, Output, Reason, Space
from systui.target.protocol import Run

PROGRAMS = Path(__file__).parent / "programs"
TASKS = PROGRAMS.parent / "tasks"
"""Programs of several tasks."""
_SOURCES = {file.stem: file for each in (PROGRAMS, TASKS) for file in sorted(each.glob("*.c"))}
_WIDE = {"errors", "faulthandler", "floatsignal"}
"""They have instructions or registers of 64 bits in them."""
_HEAVY = {"mapfuzz"}
"""Thousands of calls whose buffers strace shows as addresses."""
BUILT = tuple(sorted({*_SOURCES} - _WIDE - _HEAVY))
_NEWER = {"batches", "descriptors", "identity", "processes"}
OF_THE_AGE = tuple(name for name in BUILT if name not in _NEWER)
"""A 32-bit kernel of 3.18's age runs them too; what is left out asks for newer calls."""
_ORDER_BY_CHANCE = {"spinning", "threads"}
"""Natively, which thread finds a lock taken, and where a signal comes, is a matter of moments."""
OLDER = ERAS["3.18-i386"]
_LINES = 0.96
"""Share of strace's lines that are ours too, at least."""
_ENTRIES = ("entry_INT80_compat", "entry_SYSENTER_compat")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every program of the list; skipped where 32-bit programs cannot be built or run."""
    if platform.machine() != "x86_64":
        pytest.skip("the native side needs an x86_64 machine")
    directory = tmp_path_factory.mktemp("compat")
    made = {}
    for name in BUILT:
        program = directory / name
        command: list[str | Path] = ["gcc", "-m32", "-static", "-O1", "-w", "-o", program]
        command += ["-pthread", _SOURCES[name], "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip("gcc builds no 32-bit programs here (gcc-multilib does)")
        made[name] = program
    try:
        subprocess.run([made["hello"]], capture_output=True, check=False)
    except OSError:
        pytest.skip("this kernel runs no 32-bit programs")
    return made


def _arguments(name: str) -> list[str]:
    return ["one", "two", "--three=", ""] if name == "arguments" else []


def _runs() -> list[tuple[str, Era]]:
    return [(name, TODAY) for name in BUILT] + [(name, OLDER) for name in OF_THE_AGE]


@pytest.mark.parametrize(("name", "era"), _runs(), ids=lambda each: getattr(each, "image", each))
def test_runs_as_natively(name: str, era: Era, built: dict[str, Path], tmp_path: Path) -> None:
    program, arguments = built[name], _arguments(name)
    directory = tmp_path / "there"
    directory.mkdir()
    there = native([program, *arguments], b"", directory)
    output: list[Output] = []
    target = start(program, arguments, b"", era=era)
    target.subscribe(output.append)
    stop = target.resume(Run())
    target.close()
    assert stop.reason is Reason.EXIT, stop.detail
    here = {
        channel: b"".join(piece.data for piece in output if piece.channel is channel)
        for channel in (Channel.STDOUT, Channel.STDERR)
    }
    assert here[Channel.STDOUT] == there.stdout
    assert here[Channel.STDERR] == there.stderr
    assert stop.exit_status == there.status


def test_a_dynamic_program_runs_with_its_interpreter_below_the_root(
    built: dict[str, Path], tmp_path: Path
) -> None:
    assert built
    program = tmp_path / "hello"
    source = PROGRAMS / "hello.c"
    subprocess.run(["gcc", "-m32", "-O1", "-w", "-o", program, source], check=True)
    output: list[Output] = []
    try:
        target = start(program, [], b"", root=Path("/"))
    except BadInputError as refused:
        pytest.skip(f"no 32-bit libraries here: {refused}")
    target.subscribe(output.append)
    stop = target.resume(Run())
    target.close()
    there = native([program], b"", tmp_path)
    said = b"".join(each.data for each in output if each.channel is Channel.STDOUT)
    assert (said, stop.exit_status) == (there.stdout, there.status)


@pytest.mark.skipif(not can_trace(), reason="strace is not here or may not trace")
def test_threads_get_their_segment_by_clone3(built: dict[str, Path], tmp_path: Path) -> None:
    """Its tls is a segment's description where 32-bit code calls."""
    directory = tmp_path / "threads"
    directory.mkdir()
    lines = (
        strace_lines(built["threads"], (), directory, b""),
        traced(built["threads"], (), b"", None),
    )
    theirs, ours = ([line for line in each if re.search(r"\bclone3?\(", line)] for each in lines)
    assert len(ours) == len(theirs) > 0
    assert all(re.search(r"entry_number=12, .* = \d+$", line) for line in ours)


def test_a_trace_begins_with_the_program_s_execve(built: dict[str, Path]) -> None:
    """Its first stack holds words of 32 bits."""
    for name in ("hello", "robust"):
        lines = traced(built[name], (), b"", None)
        assert lines[0].partition("execve(")[1]
        assert lines[0].endswith(" = 0")


@pytest.mark.skipif(not can_trace(), reason="strace is not here or may not trace")
def test_most_lines_are_strace_s(built: dict[str, Path], tmp_path: Path) -> None:
    """Structures of 32-bit programs, and the calls behind socketcall."""
    total = Compared()
    for name, program in built.items():
        if name in _ORDER_BY_CHANCE:
            continue
        directory = tmp_path / name
        directory.mkdir()
        there = strace_lines(program, (), directory, b"")
        one = compared(there, traced(program, (), b"", None))
        total.equal, total.lines = total.equal + one.equal, total.lines + one.lines
        total.shown += [name, *one.shown]
    assert total.ratio >= _LINES, "\n".join(total.shown)


@pytest.mark.skipif(not can_trace(), reason="strace is not here or may not trace")
def test_calls_of_32_bits_by_a_64_bit_program_are_strace_s(tmp_path: Path) -> None:
    """Their numbers and structures are those of the gate, not of the program."""
    directory = tmp_path / "int80"
    directory.mkdir()
    there = strace_lines(example("int80"), (), directory, b"")
    assert not compared(there, traced(example("int80"), (), b"", None)).shown


@pytest.mark.parametrize("era", [TODAY, OLDER], ids=lambda era: era.image)
def test_the_tcp_pair_runs_by_socketcall(era: Era, built: dict[str, Path], tmp_path: Path) -> None:
    """The lab's server and client, each call of theirs one of socketcall's, in the same order."""
    assert built
    program = tmp_path / "tcppair"
    command: list[str | Path] = ["gcc", "-m32", "-static", "-O1", "-w", "-o", program]
    subprocess.run([*command, _SOURCES["tcppair"]], check=True)
    there = native([program], b"", tmp_path)
    target = start(program, [], b"", era=era)
    output: list[Output] = []
    target.subscribe(output.append)
    entry = kernel(era).symbol("__ia32_compat_sys_socketcall" if era is TODAY else "sys_socketcall")
    assert entry is not None
    made: list[tuple[int, str]] = []
    while True:
        stop = target.resume(Run(addresses=frozenset({entry.address})))
        if stop.reason is not Reason.BREAKPOINT:
            break
        # Given pt_regs' address, or called where it lies behind the return address.
        registers = target.registers()
        frame = registers["rdi"] if era is TODAY else registers["esp"] + 4
        at = MemoryRange(Space.KERNEL, frame + (40 if era is TODAY else 0), 4)
        (raw,) = target.read_memory([at])
        assert raw is not None
        known = sub_call("socketcall", int.from_bytes(raw, "little"))
        assert known is not None
        made.append((frame, known.name))
    target.close()
    assert stop.reason is Reason.EXIT, stop.detail
    assert b"".join(each.data for each in output) == there.stdout
    frames = list(dict.fromkeys(frame for frame, _name in made))
    assert len(frames) == 2, "two tasks, told apart by where their pt_regs lie"
    lab = {"socket", "bind", "listen", "accept", "recv", "send", "connect"}
    tasks = [[each for where, each in made if where == frame and each in lab] for frame in frames]
    server = next(names for names in tasks if "bind" in names)
    client = next(names for names in tasks if "connect" in names)
    asked = [name for name, after in zip(server, [*server[1:], ""], strict=True) if name != after]
    assert asked == ["socket", "bind", "listen", "accept", "recv", "send", "accept"]
    assert client == ["socket", "connect", "send", "recv"]


@pytest.mark.skipif(not can_trace(), reason="strace is not here or may not trace")
@pytest.mark.parametrize("name", ["hello", "directories", "pipes"])
def test_makes_the_calls_that_strace_sees(
    name: str, built: dict[str, Path], tmp_path: Path
) -> None:
    directory = tmp_path / "there"
    directory.mkdir()
    there = [called.name for called in straced([built[name]], b"", directory)]
    entries = {symbol.address for each in _ENTRIES if (symbol := kernel().symbol(each))}
    table, here = bundled("i386"), []
    target = start(built[name], [], b"")
    while target.resume(Run(addresses=frozenset(entries))).reason is Reason.BREAKPOINT:
        row = table.by_number(target.registers()["rax"])
        here.append("?" if row is None else row.name)
    target.close()
    assert [each.replace("mmap of memory", "mmap2") for each in there] == here
