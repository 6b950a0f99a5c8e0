"""A call followed on real kernels, held against what plain gdb says of the same stop."""

import os
import re
import struct
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from guests import Guest, Programs, drop, runs
from kernels import Kernel
from walked import in_order, landmarks, stops_of, systui

from systui.kernel.image import Image
from systui.model.stop import MemoryRange, Reason, Space
from systui.target.gdb.attach import BootOptions, boot
from systui.target.protocol import Breakpoint, Direction, Run, Step

pytestmark = pytest.mark.slow
ACCEPT_43 = Path(__file__).parents[2] / "systui" / "examples" / "accept_43"
ENOTSOCK = -88
MANY = 4000
WAY = (
    *("user_syscall", "entry", "kernel_stack", "frame_complete", "do_syscall", "dispatch"),
    *("handler", "handler_return", "exit_work", "restore", "sysret_path", "trampoline"),
    *("sysret", "user_return"),
)


@pytest.mark.parametrize("series", ["linux_6_1", "linux_6_12"])
@pytest.mark.parametrize("append", ["pti=on", "pti=off nokaslr"])
def test_the_labs_call_all_the_way(
    series: str, append: str, request: pytest.FixtureRequest
) -> None:
    kernel: Kernel = request.getfixturevalue(series)
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", ACCEPT_43, "--append", append),
        *("--follow", "accept", "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    seen = [stop["landmark"] for stop in stops]
    isolated = ("kernel_cr3", "user_cr3")
    assert in_order(WAY, seen), seen
    assert all((name in seen) == ("pti=on" in append) for name in isolated)
    phases = list(dict.fromkeys(stop["phase"] for stop in stops))
    assert phases == ["user", "entry", "dispatch", "handler", "exit_work", "restore"]
    frame = next(stop for stop in stops if stop["landmark"] == "handler")["ptregs"]["fields"]
    assert int(frame["orig_ax"]["value"], 16) == 43
    assert all(field["written"] for field in frame.values())
    assert stops[-1]["syscall"]["ret"] == ENOTSOCK
    source = next(stop for stop in stops if stop["landmark"] == "entry")["source"]
    assert source["file"].endswith("arch/x86/entry/entry_64.S")


def test_pt_regs_is_what_plain_gdb_reads(guest: Guest, programs: Programs) -> None:
    """Stand at the handler, let go of gdb without letting the guest run, and ask a plain one."""
    target = guest.boot(ACCEPT_43, "pti=on")
    handler = guest.address(target, "__x64_sys_accept")
    stop = target.resume(Run(addresses=frozenset((handler,))))
    registers = target.registers()
    frame = MemoryRange(Space.KERNEL, registers["rdi"], 168)
    (raw,) = target.read_memory([frame])
    assert raw is not None
    machine = target._live.machine
    assert machine is not None
    drop(target)
    said = subprocess.run(
        [
            "gdb",
            "-nx",
            "-q",
            "-batch",
            "-ex",
            f"target remote {machine.stub}",
            "-ex",
            "output/x $rip",
            "-ex",
            "echo \\n",
            "-ex",
            "output/x $cr3",
            "-ex",
            "echo \\n",
            "-ex",
            "x/21gx $rdi",
        ],
        capture_output=True,
        text=True,
        timeout=20,
    ).stdout
    words = [int(word, 16) for word in re.findall(r"0x[0-9a-f]{16}(?!:)\b", said)]
    assert f"{stop.pc:#x}" in said
    assert f"{registers['cr3']:#x}" in said
    assert list(struct.unpack("<21Q", raw)) == words[-21:]


def test_memory_hidden_by_the_user_page_table(guest: Guest) -> None:
    target = guest.boot(ACCEPT_43, "pti=on")
    assert "PTI on" in target.info.kernel
    assert target.registers().cpl == 3
    banner, text, nothing, own = target.read_memory(
        [
            MemoryRange(Space.KERNEL, guest.address(target, "linux_banner"), 13),
            MemoryRange(Space.KERNEL, guest.address(target, "do_syscall_64"), 16),
            MemoryRange(Space.KERNEL, 0xFFFF_FFFF_0000_0000, 8),
            MemoryRange(Space.USER, target.registers()["rip"], 8),
        ]
    )
    assert banner == b"Linux version"
    assert text is not None
    assert nothing is None
    assert own == Image.open(ACCEPT_43).read(target.registers()["rip"], 8)
    assert target.read_memory(
        [MemoryRange(Space.USER, guest.address(target, "linux_banner"), 8)]
    ) == [None]
    cr3 = target.registers()["cr3"]
    target.resume(Step())
    assert target.registers()["cr3"] == cr3


def test_stepping_back_walks_the_kept_stops(guest: Guest) -> None:
    target = guest.boot(ACCEPT_43)
    seen = [(target.current_stop(), target.registers())]
    for _step in range(30):
        seen.append((target.resume(Step()), target.registers()))
    for stop, registers in reversed(seen[:-1]):
        back = target.resume(Step(Direction.BACKWARD))
        assert (back.position, back.pc, back.past) == (stop.position, stop.pc, True)
        assert target.registers() == registers
    assert target.resume(Step(Direction.BACKWARD)).reason is Reason.BEGINNING
    for stop, _registers in seen[1:]:
        assert target.resume(Step()).pc == stop.pc
    assert not target.current_stop().past
    assert target.resume(Step()).position == len(seen)


def test_a_call_that_blocks(guest: Guest, programs: Programs) -> None:
    kernel = guest.kernel
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", programs("waiter"), "--follow", "accept", "--headless"),
    )
    assert done.returncode == 1
    assert "waits in the kernel" in done.stderr
    assert "[handler]" in done.stdout


def test_a_call_that_does_not_return(guest: Guest) -> None:
    kernel = guest.kernel
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", ACCEPT_43, "--follow", "exit_group", "--headless"),
    )
    assert done.returncode == 0, done.stderr
    assert "[handler]" in done.stdout
    assert "status 0" in done.stdout


def test_a_number_without_a_handler(guest: Guest, programs: Programs) -> None:
    kernel = guest.kernel
    machine = guest.machine(programs("spinner"))
    done = systui(
        *("attach", machine.stub, "--vmlinux", kernel.vmlinux),
        *("--follow", "500", "--headless"),
    )
    assert done.returncode == 2
    assert "--program" in done.stderr
    assert runs(machine)


def test_attaching_without_the_program(guest: Guest, programs: Programs) -> None:
    """The first call is shown from its handler on, and the guest runs on afterwards."""
    machine = guest.machine(programs("spinner"))
    done = systui(
        *("attach", machine.stub, "--vmlinux", guest.kernel.vmlinux),
        *("--follow", "accept", "--headless"),
    )
    assert done.returncode == 0, done.stderr
    assert "from its handler on" in done.stdout
    assert "[user_return]" in done.stdout
    assert "EBADF" in done.stdout
    assert runs(machine)


def test_the_second_call_without_the_program_is_seen_whole(
    guest: Guest, programs: Programs
) -> None:
    machine = guest.machine(programs("spinner"))
    done = systui(
        *("attach", machine.stub, "--vmlinux", guest.kernel.vmlinux),
        *("--follow", "accept#2", "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert in_order(WAY, [stop["landmark"] for stop in stops_of(done.stdout)])


def test_two_processes_are_told_apart(guest: Guest, programs: Programs) -> None:
    target = guest.boot(programs("two"), extra=("-smp", "2"))
    assert len(target.cpus()) == 2
    handler = guest.address(target, "__x64_sys_accept")
    first = target.current_stop().task
    target.set_breakpoint(Breakpoint(handler))
    tasks = {target.resume(Run()).task}
    for _stop in range(MANY):  # a busy machine may long run but one of the guest's CPUs
        if len(tasks) == 2:
            break
        tasks.add(target.resume(Run()).task)
    assert len({task.pid for task in tasks}) == 2
    assert {task.name for task in tasks} == {"two"}
    assert set(target.tasks()) >= tasks
    target.clear_breakpoint(Breakpoint(handler))
    target.set_breakpoint(Breakpoint(handler, first.pid))
    mine = [target.resume(Run()) for _stop in range(5)]
    assert {stop.task.pid for stop in mine if stop.reason is Reason.BREAKPOINT} <= {first.pid}


def test_the_console_takes_typing(guest: Guest, programs: Programs) -> None:
    target = guest.boot(programs("reader"))
    said: list[bytes] = []
    target.subscribe(lambda output: said.append(output.data))
    target.send_input(b"42\n")
    stop = target.resume(Run())
    assert stop.reason is Reason.EXIT
    assert stop.exit_status == 3
    assert b"number? " in b"".join(said)
    assert b"got 42" in b"".join(said)


def test_headless_without_a_walk_has_nothing_to_do(guest: Guest) -> None:
    done = systui("attach", ":1234", "--vmlinux", guest.kernel.vmlinux, "--headless")
    assert done.returncode == 2
    assert "nothing to do" in done.stderr


def test_attaching_before_the_kernel_is_there(guest: Guest, programs: Programs) -> None:
    """A guest that stands at reset is let boot until Linux is up."""
    with Guest(guest.kernel, Path("/nonexistent")) as other:
        machine = other.machine(programs("spinner"), extra=("-S",), started=False, wait=False)
        target = guest.attach(machine)
        assert target.info.build_id == guest.image.build_id
        target.close()
        machine.wait_for_program()


def test_a_program_that_waits_for_typing_says_so(guest: Guest, programs: Programs) -> None:
    target = guest.boot(programs("reader"))
    waiting = target.resume(Run())
    assert waiting.reason is Reason.BLOCKED
    assert "in call 0" in waiting.detail
    assert waiting.task.name == "reader"
    assert target.registers()["rax"] == 2**64 - 38
    assert target.resume(Run()) == waiting
    target.send_input(b"7\n")
    ended = target.resume(Run())
    assert ended.reason is Reason.EXIT
    assert target.resume(Run()) == ended


def test_a_system_map_is_enough(guest: Guest) -> None:
    kernel = guest.kernel
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--symbols", kernel.system_map),
        *("--program", ACCEPT_43, "--append", "pti=on"),
        *("--follow", "accept", "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    assert in_order(WAY, [stop["landmark"] for stop in stops])
    assert stops[-1]["syscall"]["ret"] == ENOTSOCK


def test_the_wrong_system_map_is_noticed(guest: Guest, linux_6_12: Kernel) -> None:
    machine = guest.machine(ACCEPT_43, started=False)
    done = systui(
        *("attach", machine.stub, "--symbols", linux_6_12.system_map),
        *("--follow", "accept", "--headless"),
    )
    assert done.returncode == 2
    assert "not the running kernel's" in done.stderr


def test_a_recorded_guest_replays_as_it_was_seen(guest: Guest, tmp_path: Path) -> None:
    kernel, path = guest.kernel, tmp_path / "guest.jsonl.zst"
    live = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", ACCEPT_43, "--append", "pti=on", "--follow", "accept"),
        *("--headless", "--json", "--record", path),
    )
    assert live.returncode == 0, live.stderr
    replayed = systui("replay", path, "--follow", "accept", "--headless", "--json")
    assert replayed.returncode == 0, replayed.stderr

    def told(stop: dict[str, Any]) -> tuple[object, ...]:
        said = (
            "index",
            "pc",
            "symbol",
            "phase",
            "nested",
            "landmark",
            "reason",
            "syscall",
            "built",
        )
        return tuple(stop[name] for name in said)

    stops = stops_of(live.stdout)
    assert len(stops) > len(WAY)
    assert any(stop["built"] for stop in stops)
    assert [told(each) for each in stops_of(replayed.stdout)] == [told(each) for each in stops]


def test_a_number_without_a_handler_followed_in_its_program(
    guest: Guest, programs: Programs
) -> None:
    kernel = guest.kernel
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", programs("unknown"), "--follow", "500", "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    assert in_order(("user_syscall", "entry", "exit_work", "user_return"), landmarks(stops))
    assert "handler" not in [stop["phase"] for stop in stops]
    assert stops[-1]["syscall"]["ret"] == -38


def test_a_signal_ends_the_wait(guest: Guest, programs: Programs) -> None:
    """The call is seen to its end, which is the signal's handler in the program."""
    kernel = guest.kernel
    done = systui(
        *("boot", "--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", programs("signalled"), "--follow", "read", "--headless", "--json"),
    )
    assert done.returncode == 0, done.stderr
    stops = stops_of(done.stdout)
    assert in_order(
        ("entry", "handler", "handler_return", "exit_work", "restore"), landmarks(stops)
    )
    assert stops[-1]["symbol"].startswith("on_alarm")
    given = stops[-1]["syscall"]
    assert (given["ret"], given["errno"]) == (-4, "EINTR")


def test_a_call_that_waits_is_gone_on_with(guest: Guest, programs: Programs) -> None:
    target = guest.boot(programs("latecomer"))
    handler = guest.address(target, "__x64_sys_accept")
    target.resume(Run(addresses=frozenset((handler,))))
    (word,) = target.read_memory([MemoryRange(Space.KERNEL, target.registers()["rsp"], 8)])
    assert word is not None
    back = Run(addresses=frozenset((int.from_bytes(word, "little"),)))
    waits = target.resume(back)
    assert waits.reason is Reason.BLOCKED
    assert waits.task.name == "latecomer"
    target.send_input(b"\n")
    for _again in range(20):
        stop = target.resume(back)
        if stop.reason is not Reason.BLOCKED:
            break
    assert stop.reason is Reason.BREAKPOINT
    assert stop.task == waits.task
    assert 0 <= target.registers()["rax"] < 10


@pytest.mark.parametrize("processors", [1, 2])
def test_another_task_in_the_same_call_is_not_taken_for_it(
    guest: Guest, programs: Programs, processors: int
) -> None:
    """Both processes make the call at the same address, over and over; either is the first to."""
    target = guest.boot(programs("two"), "nokaslr", extra=("-smp", str(processors)))
    handler = guest.address(target, "__x64_sys_accept")
    mine = target.resume(Run(addresses=frozenset((handler,)))).task
    for _call in range(5):
        registers = target.registers()
        (word,) = target.read_memory([MemoryRange(Space.KERNEL, registers["rsp"], 8)])
        assert word is not None
        stop = target.resume(Run(addresses=frozenset((int.from_bytes(word, "little"),))))
        assert (stop.reason, stop.task) == (Reason.BREAKPOINT, mine)
        assert target.registers()["rsp"] == registers["rsp"] + 8
        assert target.resume(Step()).task == mine
        assert target.resume(Run(addresses=frozenset((handler,)))).task == mine


def test_what_is_piped_in_is_typed(guest: Guest, programs: Programs) -> None:
    """A typed menu without a person: choices and the end come from standard input."""
    kernel = guest.kernel
    words = (
        *("--kernel", kernel.bzimage, "--vmlinux", kernel.vmlinux),
        *("--program", programs("menu"), "--follow", "accept", "--headless"),
    )
    done = systui("boot", *words, piped="2\n1\n")
    assert done.returncode == 0, done.stderr
    assert "accept(fd=-1" in done.stdout
    assert "-9 EBADF" in done.stdout
    assert "the program ended with status 0" in done.stdout
    ended = systui("boot", *words)
    assert ended.returncode == 1
    assert "never came" in ended.stderr


def test_input_that_comes_late_is_waited_for(guest: Guest, programs: Programs) -> None:
    end, begin = os.pipe()

    def late() -> None:
        os.write(begin, b"42\n")
        os.close(begin)

    options = replace(guest.options(programs("reader")), typed=end)
    target = boot(BootOptions(guest.kernel.bzimage, programs("reader")), options)
    try:
        threading.Timer(2.0, late).start()
        stop = target.resume(Run())
        assert (stop.reason, stop.exit_status) == (Reason.EXIT, 3)
    finally:
        target.close()
        os.close(end)
