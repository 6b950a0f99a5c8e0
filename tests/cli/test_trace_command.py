"""`systui trace`: its lines, its filter, its JSON, and what it refuses."""

import json
import subprocess
import sys

import program_builder
import pytest


def _trace(*options: str) -> subprocess.CompletedProcess[str]:
    program = str(program_builder.built("crowd", "static"))
    command = [sys.executable, "-m", "systui", "trace", *options, program]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_children_are_traced_where_that_is_asked_for() -> None:
    alone, all_tasks = _trace("-e", "trace=wait4"), _trace("-f", "-e", "trace=wait4,exit_group")
    assert alone.stdout == all_tasks.stdout == "sum 36\n"
    assert "[pid" not in alone.stderr
    assert "[pid  1001] +++ exited with 5 +++" in all_tasks.stderr
    assert "wait4(-1, NULL, 0, NULL <unfinished ...>" in all_tasks.stderr
    assert "write(" not in all_tasks.stderr


def test_json_has_every_call_with_its_task() -> None:
    events = [json.loads(line) for line in _trace("-f", "--json").stderr.splitlines()]
    assert {event["pid"] for event in events} == {1000, 1001}
    names = [event["name"] for event in events if event["event"] == "call"]
    assert names[0] == "execve"
    assert {"clone", "pipe2", "read", "wait4", "exit_group"} <= set(names)


@pytest.mark.parametrize("expression", ["trace=%nothing", "raed", "trace=!read,raed"])
def test_an_unknown_class_or_call_is_one_line(expression: str) -> None:
    done = _trace("-e", expression)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["bind", "mmap2", "semget"])
def test_calls_of_32_bit_programs_and_those_behind_others_are_known(name: str) -> None:
    assert _trace("-e", name).returncode == 0


@pytest.mark.parametrize("output", ["/nonexistent/trace", "/dev/full"])
def test_a_trace_that_cannot_be_written_is_one_line_that_names_the_file(output: str) -> None:
    done = _trace("-o", output)
    assert done.returncode == 2
    assert f"systui: {output}: cannot be written: " in done.stderr
    assert done.stderr.count("\n") == 1
