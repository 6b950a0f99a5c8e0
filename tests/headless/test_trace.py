"""A followed call, printed: as text and as JSON, by landmarks, lines and instructions."""

import json
from pathlib import Path

import pytest
from run_systui import behaviour, traced

from systui.examples import path as example

ACCEPT = str(example("accept_43"))
PHASES = ["user", "entry", "dispatch", "handler", "exit_work", "restore", "user"]
STOP_KEYS = {
    *("index", "phase", "pc", "symbol", "source", "instruction"),
    *("registers", "ptregs", "syscall", "effect"),
}


def followed(*options: str) -> tuple[list[dict], list[dict]]:  # type: ignore[type-arg]
    """Stops and pieces of output of accept_43's call."""
    ran = traced("--follow", "43", "--json", *options, ACCEPT)
    assert (ran.stderr, ran.returncode) == (b"", 0)
    objects = [json.loads(line) for line in ran.stdout.splitlines()]
    return (
        [each for each in objects if "output" not in each],
        [each for each in objects if "output" in each],
    )


def in_order(phases: list[str]) -> list[str]:
    """Each phase once for every time that it begins."""
    return [phase for index, phase in enumerate(phases) if index == 0 or phase != phases[index - 1]]


@pytest.mark.parametrize("options", [(), ("--no-pti",), ("--steps", "instructions")])
def test_the_way_leads_through_all_phases(options: tuple[str, ...]) -> None:
    stops, output = followed(*options)
    assert in_order([stop["phase"] for stop in stops]) == PHASES
    assert "".join(piece["output"] for piece in output) == "Hello accept\n"


def test_every_stop_holds_what_is_promised() -> None:
    stops, _output = followed()
    indices = [stop["index"] for stop in stops]
    assert indices == sorted(set(indices))
    for stop in stops:
        assert stop.keys() >= STOP_KEYS
        assert int(stop["pc"], 16) == int(stop["registers"]["rip"], 16)
    first, last = stops[0], stops[-1]
    assert first["instruction"] == "syscall"
    assert first["source"]["file"] == "accept_43.c"
    assert "asm" in first["source"]["text"]
    assert last["syscall"]["ret"] == -88
    assert last["syscall"]["errno"] == "ENOTSOCK"
    assert last["syscall"]["args"][0] == {"name": "fd", "type": "int", "value": "0x1", "text": "1"}
    assert int(last["registers"]["rax"], 16) == (1 << 64) - 88
    assert int(last["registers"]["rip"], 16) == int(first["pc"], 16) + 2


def test_ptregs_fills_up_push_by_push() -> None:
    stops, _output = followed("--steps", "instructions")
    counts = [
        sum(field["written"] is True for field in stop["ptregs"]["fields"].values())
        for stop in stops
        if stop["ptregs"] and stop["phase"] == "entry"
    ]
    assert counts == sorted(counts)
    assert counts[-1] == 20
    complete = next(stop for stop in stops if stop["landmark"] == "frame_complete")
    fields = complete["ptregs"]["fields"]
    assert complete["ptregs"]["complete"]
    assert complete["ptregs"]["stack"] == "thread"
    assert next(iter(fields)) == "ss"
    assert fields["orig_ax"]["value"] == "0x2b"
    assert fields["orig_ax"]["by"] == "pushq %rax"
    assert complete["effect"]["kind"] == "push_slot"
    assert complete["effect"]["parts"]["slot"] == "r15"


def test_before_the_result_is_known_ret_is_null() -> None:
    stops, _output = followed()
    handler = next(stop for stop in stops if stop["landmark"] == "handler")
    assert handler["symbol"] == "__x64_sys_accept"
    assert handler["syscall"]["ret"] is None


def test_pti_decides_whether_page_tables_are_switched() -> None:
    with_pti, _output = followed()
    without, _output = followed("--no-pti")
    switches = {"kernel_cr3", "user_cr3"}
    assert switches <= {stop["landmark"] for stop in with_pti}
    assert not switches & {stop["landmark"] for stop in without}


def test_lines_show_more_than_landmarks_and_less_than_instructions() -> None:
    shown = [len(followed("--steps", steps)[0]) for steps in ("landmarks", "lines", "instructions")]
    assert shown == sorted(set(shown))


def test_the_text_says_what_a_report_needs() -> None:
    ran = traced("--follow", "43", ACCEPT)
    text = ran.stdout.decode()
    assert (ran.stderr, ran.returncode) == (b"", 0)
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100
    for said in (
        "miniature kernel, PTI on",
        "43 accept",
        "── restore ──",
        "note    pt_regs is complete at 0x",
        "+120  orig_ax  000000000000002b  pushq %rax",
        "✓ RCX = RIP",
        "= -88 ENOTSOCK",
        "| Hello accept",
        "the program ended with status 0",
    ):
        assert said in text


@pytest.mark.parametrize("script", ["stack", "exit"])
def test_shipped_scripts_walk(script: str) -> None:
    ran = traced("--follow", "43", "--script", script, ACCEPT)
    assert (ran.stderr, ran.returncode) == (b"", 0)
    assert "[user_return]" in ran.stdout.decode()


def test_a_number_beyond_the_table_is_followed_to_its_enosys() -> None:
    ran = traced("--follow", "9999", "--json", behaviour(), "number", "9999")
    stops = [json.loads(line) for line in ran.stdout.splitlines()]
    stops = [stop for stop in stops if "output" not in stop]
    assert ran.returncode == 0
    assert stops[-1]["syscall"]["errno"] == "ENOSYS"
    assert "handler" not in {stop["phase"] for stop in stops}


def test_the_nth_call() -> None:
    first = traced("--follow", "getppid", "--json", behaviour(), "calls", "3")
    third = traced("--follow", "getppid#3", "--json", behaviour(), "calls", "3")
    assert (first.returncode, third.returncode) == (0, 0)
    indices = [json.loads(ran.stdout.splitlines()[0])["index"] for ran in (first, third)]
    assert indices[0] < indices[1]


def test_a_call_that_never_comes() -> None:
    ran = traced("--follow", "getppid#4", behaviour(), "calls", "3")
    assert ran.returncode == 1
    assert ran.stderr == (
        b"systui: call 110 getppid #4 never came: the program exited with status 0, "
        b"after it had come 3 times\n"
    )


def test_a_call_that_does_not_return() -> None:
    ran = traced("--follow", "exit_group", behaviour(), "status", "5")
    text = ran.stdout.decode()
    assert (ran.stderr, ran.returncode) == (b"", 0)
    assert "__x64_sys_exit_group" in text
    assert "the program ended with status 5" in text


def test_a_call_that_writes_shows_its_output_where_it_came() -> None:
    ran = traced("--follow", "write", "--json", behaviour(), "x")
    objects = [json.loads(line) for line in ran.stdout.splitlines()]
    places = [index for index, each in enumerate(objects) if "output" in each]
    assert ran.returncode == 0
    assert 0 < places[0] < len(objects) - 1


def test_a_way_back_by_iret_into_a_signal_handler() -> None:
    ran = traced("--follow", "tgkill", "--json", behaviour(), "signal")
    stops = [json.loads(line) for line in ran.stdout.splitlines()]
    stops = [stop for stop in stops if "output" not in stop]
    assert (ran.stderr, ran.returncode) == (b"", 0)
    assert "iret_path" in {stop["landmark"] for stop in stops}
    assert stops[-1]["symbol"] == "handler"


def test_a_call_that_waits_for_ever() -> None:
    ran = traced("--follow", "pause", behaviour(), "pause")
    assert ran.returncode == 1
    assert ran.stderr == b"systui: the program cannot go on: waiting for a signal\n"
    assert "[handler]" in ran.stdout.decode()


def test_what_is_served_from_outside_is_said() -> None:
    ran = traced("--follow", "brk", "--json", behaviour(), "x")
    stops = {
        each["landmark"]: each
        for each in map(json.loads, ran.stdout.splitlines())
        if "landmark" in each
    }
    assert stops["served"]["symbol"] == "serve_syscall"
    assert stops["served"]["phase"] == "handler"
    assert "systui answers in its place" in stops["served"]["note"]
    assert "served" not in {stop["landmark"] for stop in followed()[0]}


def test_a_way_that_was_walked_counts_whatever_comes_after() -> None:
    ran = traced("--follow", "brk", behaviour(), "pause")
    assert ran.returncode == 0
    assert ran.stderr == b"systui: the program cannot go on: waiting for a signal\n"


def test_a_script_of_one_s_own(tmp_path: Path) -> None:
    script = tmp_path / "mine.toml"
    script.write_text(
        """
        title = "Mine"
        call = "accept"
        [[step]]
        run_to = "frame_complete"
        expect = { phase = "dispatch", ptregs = { orig_ax = 43 }, unwritten = [] }
        note = "frame at {frame}, rdi was {ptregs.di}"
        [[step]]
        step = 2
        [[step]]
        run_to = "__x64_sys_accept"
        expect = { phase = "handler", landmark = "handler" }
        [[step]]
        step = 3
        inside = true
        expect = { phase = "handler" }
        [[step]]
        run_to = "user_return"
        expect = { result = "ENOTSOCK", registers = { rax = -88 } }
        """
    )
    ran = traced("--script", str(script), "--json", ACCEPT)
    stops = [json.loads(line) for line in ran.stdout.splitlines()]
    stops = [stop for stop in stops if "output" not in stop]
    assert (ran.stderr, ran.returncode) == (b"", 0)
    assert stops[0]["note"].endswith(", rdi was 0x1")
    assert len(stops) == 1 + 2 + 1 + 3 + 1


def test_an_expectation_that_does_not_hold(tmp_path: Path) -> None:
    script = tmp_path / "wrong.toml"
    script.write_text(
        '[[step]]\nrun_to = "entry"\n'
        '[[step]]\nrun_to = "handler"\nexpect = { registers = { cs = 51 } }\n'
    )
    ran = traced("--follow", "43", "--script", str(script), ACCEPT)
    assert ran.returncode == 1
    assert ran.stderr == (b"systui: script wrong.toml, step 2: expected cs 0x33, found 0x10\n")


def test_a_way_that_is_not_taken(tmp_path: Path) -> None:
    script = tmp_path / "iret.toml"
    script.write_text('[[step]]\nrun_to = "iret"\n')
    ran = traced("--follow", "43", "--script", str(script), ACCEPT)
    assert ran.returncode == 1
    assert ran.stderr == b"systui: iret was not reached: the call took another way\n"


def test_a_place_that_is_nowhere(tmp_path: Path) -> None:
    script = tmp_path / "nowhere.toml"
    script.write_text('[[step]]\nrun_to = "no_such_symbol"\n')
    ran = traced("--script", str(script), ACCEPT)
    assert ran.returncode == 2
    assert b"'no_such_symbol'" in ran.stderr
    assert ran.stderr.count(b"\n") == 1


def test_a_script_without_a_call_runs_to_symbols_of_the_program(tmp_path: Path) -> None:
    script = tmp_path / "main.toml"
    script.write_text('[[step]]\nrun_to = "main"\n[[step]]\nline = 2\n')
    ran = traced("--script", str(script), "--json", ACCEPT)
    stops = [json.loads(line) for line in ran.stdout.splitlines()]
    stops = [stop for stop in stops if "output" not in stop]
    assert (ran.stderr, ran.returncode) == (b"", 0)
    assert stops[0]["symbol"] == "main"
    assert len(stops) == 3
