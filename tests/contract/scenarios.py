"""What every target must do, told as scenarios on one small program (tests/programs/scenario.S).

A scenario drives a target through the protocol alone and asserts. It declares the capabilities
that it needs; a target that lacks one must raise NotSupportedError in it. It returns the stops it
saw, so that a recording of a scenario can be held against the original.
"""

from collections.abc import Callable
from typing import NamedTuple

import program_builder

from systui.arch import BY_NAME as ARCHITECTURES
from systui.model.errors import TargetGoneError
from systui.model.stop import Channel, MemoryRange, Output, Reason, Registers, Space, Stop
from systui.target.protocol import (
    Access,
    Breakpoint,
    Capability,
    Direction,
    Restartable,
    Run,
    Seekable,
    Step,
    Target,
    Watchpoint,
    Writable,
)

PROGRAM, WAY = "scenario", "bare"
"""Which program runs, and how it was built."""
ENTRY = "entry_SYSCALL_64"
"""Where its calls arrive."""
HANDLER = "__x64_sys_accept"
"""What serves its second one."""
BACK = Step(Direction.BACKWARD)
_NOTHING = Capability(0)


class Scenario(NamedTuple):
    """One scenario."""

    name: str
    needs: Capability
    play: Callable[[Target], list[Stop]]


ALL: list[Scenario] = []


def scenario(
    needs: Capability = _NOTHING,
) -> Callable[[Callable[[Target], list[Stop]]], Callable[[Target], list[Stop]]]:
    """Enter a function into the suite."""

    def enter(play: Callable[[Target], list[Stop]]) -> Callable[[Target], list[Stop]]:
        ALL.append(Scenario(play.__name__, needs, play))
        return play

    return enter


def _at(symbol: str) -> int:
    return program_builder.address(PROGRAM, symbol, WAY)


def _kernel_address(target: Target, symbol: str) -> int:
    return program_builder.kernel_address(symbol, target.info.build_id)


def _run_to(target: Target, symbol: str) -> Stop:
    return target.resume(Run(addresses=frozenset((_at(symbol),))))


def _walk_to(target: Target, symbol: str) -> Stop:
    """Step to `symbol`, looking at each stop: all of it can be gone back to on every target."""
    while (stop := target.current_stop()).pc != _at(symbol):
        _look(target)
        target.resume(Step())
    _look(target)
    return stop


_Look = tuple[int, Registers, bytes | None]


def _look(target: Target) -> _Look:
    (counter,) = target.read_memory([MemoryRange(Space.USER, _at("counter"), 8)])
    return target.current_stop().pc, target.registers(), counter


def _present(stops: list[Stop]) -> list[Stop]:
    """The stops, be they shown as past ones or not."""
    return [stop._replace(past=False) for stop in stops]


def _counter(target: Target) -> int:
    (data,) = target.read_memory([MemoryRange(Space.USER, _at("counter"), 8)])
    assert data is not None
    return int.from_bytes(data, "little")


@scenario()
def says_what_it_is(target: Target) -> list[Stop]:
    info = target.info
    arch = ARCHITECTURES[info.arch]
    assert info.kernel
    task = target.tasks()[0]
    assert task.pid > 0
    assert task.name == PROGRAM[:15]
    assert target.cpus()
    stop = target.current_stop()
    assert stop.task == task
    assert stop.pc == target.registers()[arch.pc]
    return [stop]


@scenario()
def a_step_runs_one_instruction(target: Target) -> list[Stop]:
    first = _run_to(target, "loop")
    assert first.reason is Reason.BREAKPOINT
    second = target.resume(Step())
    assert second.reason is Reason.STEP
    assert second.pc == _at("counted")
    assert second.position == first.position + 1
    assert _counter(target) == 3
    assert target.current_stop() == second
    return [first, second]


@scenario()
def a_step_into_the_kernel_is_one_step(target: Target) -> list[Stop]:
    _run_to(target, "say")
    stops = [target.resume(Step()) for _ in range(4)]
    assert target.registers().cpl == 3
    inside = target.resume(Step())
    registers = target.registers()
    assert inside.pc == _kernel_address(target, ENTRY) + target.info.slide
    assert registers.cpl == 0
    if PROGRAM == "scenario":
        assert registers["rcx"] == stops[-1].pc + 2
    return [*stops, inside]


@scenario()
def breakpoints_stop_each_time(target: Target) -> list[Stop]:
    point = Breakpoint(_at("counted"))
    target.set_breakpoint(point)
    target.set_breakpoint(point)
    stops = [target.resume(Run()) for _ in range(5)]
    assert {stop.pc for stop in stops} == {point.address}
    assert {stop.reason for stop in stops} == {Reason.BREAKPOINT}
    assert _counter(target) == 15
    target.clear_breakpoint(point)
    target.clear_breakpoint(point)
    last = _run_to(target, "say")
    assert last.pc == _at("say")
    return [*stops, last]


@scenario()
def a_breakpoint_of_another_task_is_not_ours(target: Target) -> list[Stop]:
    target.set_breakpoint(Breakpoint(_at("counted"), pid=target.tasks()[0].pid + 1))
    stop = _run_to(target, "say")
    assert stop.pc == _at("say")
    return [stop]


@scenario()
def a_breakpoint_in_the_kernel_stops(target: Target) -> list[Stop]:
    handler = _kernel_address(target, HANDLER) + target.info.slide
    target.set_breakpoint(Breakpoint(handler))
    stop = target.resume(Run())
    assert stop.pc == handler
    assert stop.reason is Reason.BREAKPOINT
    return [stop]


@scenario()
def memory_is_read_or_said_to_be_unreadable(target: Target) -> list[Stop]:
    _run_to(target, "loop")
    text, nowhere, kernel = target.read_memory(
        [
            MemoryRange(Space.USER, _at("text"), 6),
            MemoryRange(Space.USER, 0x10, 8),
            MemoryRange(Space.KERNEL, _kernel_address(target, ENTRY), 8),
        ]
    )
    assert text == b"hello\n"
    assert nowhere is None
    assert kernel is not None
    return [target.current_stop()]


@scenario(Capability.PHYSICAL)
def physical_memory_is_read(target: Target) -> list[Stop]:
    (data,) = target.read_memory([MemoryRange(Space.PHYSICAL, 0x100_0000, 64)])
    if data is not None:
        assert len(data) == 64
    else:
        target.read_memory([MemoryRange(Space.PHYSICAL, 0, 8)])
    return [target.current_stop()]


@scenario(Capability.INPUT)
def output_comes_once_and_input_reaches_the_program(target: Target) -> list[Stop]:
    heard: list[Output] = []
    target.subscribe(heard.append)
    waiting = target.resume(Run())
    assert waiting.reason is Reason.BLOCKED
    assert waiting.detail
    again = target.resume(Run())
    assert again == waiting
    target.send_input(b"abc\n")
    ended = target.resume(Run())
    assert ended.reason is Reason.EXIT
    assert ended.exit_status == 4
    channels = (Channel.STDOUT, Channel.CONSOLE)
    said = [each for each in heard if each.channel in channels and each.position]
    assert b"".join(each.data for each in said).count(b"hello") == 1
    assert all(each.position <= ended.position for each in said)
    assert target.resume(Run()) == ended
    return [waiting, ended]


@scenario(Capability.BACKWARD)
def stepping_back_undoes_a_step(target: Target) -> list[Stop]:
    _run_to(target, "say")
    seen = []
    for _ in range(60):
        seen.append(_look(target))
        target.resume(Step())
    stops = []
    for state in reversed(seen):
        stops.append(target.resume(BACK))
        assert _look(target) == state
    return stops


@scenario(Capability.BACKWARD)
def the_same_position_is_the_same_stop(target: Target) -> list[Stop]:
    there = [target.resume(Step()) for _ in range(40)]
    back = [target.resume(BACK) for _ in range(39)]
    assert _present(back[::-1]) == there[:-1]
    target.resume(BACK)
    again = [target.resume(Step()) for _ in range(40)]
    assert _present(again) == there
    return there


@scenario(Capability.BACKWARD)
def going_back_ends_at_the_beginning(target: Target) -> list[Stop]:
    start = target.current_stop()
    _run_to(target, "counted")
    stop = target.resume(Run(Direction.BACKWARD))
    assert stop.reason is Reason.BEGINNING
    assert stop.position == start.position
    assert target.resume(BACK).reason is Reason.BEGINNING
    return [stop]


@scenario(Capability.BACKWARD)
def running_back_finds_the_last_hit(target: Target) -> list[Stop]:
    first = _look(target)
    _walk_to(target, "say")
    target.set_breakpoint(Breakpoint(_at("counted")))
    stops = [target.resume(Run(Direction.BACKWARD)) for _ in range(6)]
    assert [stop.pc for stop in stops[:5]] == [_at("counted")] * 5
    assert [stop.reason for stop in stops] == [Reason.BREAKPOINT] * 5 + [Reason.BEGINNING]
    positions = [stop.position for stop in stops]
    assert positions == sorted(positions, reverse=True)
    assert _look(target) == first
    return stops


@scenario(Capability.SEEK)
def any_position_can_be_sought(target: Target) -> list[Stop]:
    assert isinstance(target, Seekable)
    _walk_to(target, "say")
    for _ in range(60):
        target.resume(Step())
        _look(target)
    last = target.latest
    want: dict[int, _Look] = {}
    for position in (last, 0, last // 2, 3, last // 2 + 1, last - 1):
        stop = target.seek(position)
        assert stop.position == position
        assert want.setdefault(position, _look(target)) == _look(target)
    for position, state in want.items():
        target.seek(position)
        assert _look(target) == state
    for outside in (target.earliest - 1, last + 1):
        try:
            target.seek(outside)
        except ValueError:
            continue
        raise AssertionError(outside)
    assert target.latest == last
    return [target.seek(position) for position in sorted(want)]


@scenario(Capability.WATCH)
def a_watchpoint_stops_behind_the_access(target: Target) -> list[Stop]:
    where = MemoryRange(Space.USER, _at("buffer"), 8)
    target.set_watchpoint(Watchpoint(where))
    stop = target.resume(Run())
    assert stop.reason is Reason.WATCH
    assert stop.pc == _at("say")
    (data,) = target.read_memory([where])
    assert data == (0x11223344).to_bytes(8, "little")
    target.clear_watchpoint(Watchpoint(where))
    after = _run_to(target, "ask")
    assert after.reason is Reason.BREAKPOINT
    return [stop, after]


@scenario(Capability.WATCH | Capability.INPUT)
def a_watchpoint_sees_what_a_call_stores(target: Target) -> list[Stop]:
    _run_to(target, "ask")
    where = MemoryRange(Space.USER, _at("buffer"), 1)
    target.set_watchpoint(Watchpoint(where))
    target.send_input(b"abc\n")
    stop = target.resume(Run())
    assert stop.reason is Reason.WATCH
    assert target.read_memory([where]) == [b"a"]
    assert target.registers().cpl == 0
    return [stop]


@scenario(Capability.WATCH | Capability.BACKWARD | Capability.WHOLE_PAST)
def a_watchpoint_is_found_backwards(target: Target) -> list[Stop]:
    _run_to(target, "say")
    where = MemoryRange(Space.USER, _at("counter"), 8)
    target.set_watchpoint(Watchpoint(where, Access.ANY))
    stops = [target.resume(Run(Direction.BACKWARD)) for _ in range(5)]
    assert {stop.reason for stop in stops} == {Reason.WATCH}
    assert {stop.pc for stop in stops} == {_at("counted")}
    return stops


@scenario(Capability.WRITE)
def edits_hold_and_forget_what_lay_ahead(target: Target) -> list[Stop]:
    assert isinstance(target, Writable)
    stop = _run_to(target, "loop")
    counted = ARCHITECTURES[target.info.arch].holder["bx"]
    target.write_registers({counted: 2})
    target.write_memory(Space.USER, _at("counter"), (100).to_bytes(8, "little"))
    assert target.registers()[counted] == 2
    after = _run_to(target, "say")
    assert _counter(target) == 106
    return [stop, after]


@scenario(Capability.WRITE | Capability.SEEK | Capability.WHOLE_PAST)
def edits_are_repeated(target: Target) -> list[Stop]:
    assert isinstance(target, Writable)
    assert isinstance(target, Seekable)
    _walk_to(target, "say")
    target.seek(1)
    target.write_memory(Space.USER, _at("counter"), (100).to_bytes(8, "little"))
    assert target.latest == 1
    after = _run_to(target, "say")
    registers = target.registers()
    target.seek(0)
    assert _counter(target) == 0
    target.seek(1)
    assert _counter(target) == 100
    assert target.seek(after.position).pc == after.pc
    assert target.registers() == registers
    assert _counter(target) == 115
    return [after]


@scenario(Capability.RESTART)
def a_restart_is_a_fresh_run(target: Target) -> list[Stop]:
    assert isinstance(target, Restartable)
    first = target.current_stop()
    one = _run_to(target, "say")
    assert target.restart() == first
    two = _run_to(target, "say")
    assert one == two
    return [first, one]


@scenario(Capability.RESTART | Capability.INPUT)
def a_fresh_run_asks_for_input_again(target: Target) -> list[Stop]:
    assert isinstance(target, Restartable)
    heard: list[Output] = []
    target.subscribe(heard.append)
    waiting = target.resume(Run())
    target.send_input(b"abc\n")
    assert target.resume(Run()).exit_status == 4
    target.restart()
    assert target.resume(Run()) == waiting
    target.send_input(b"")
    ended = target.resume(Run())
    assert ended.exit_status == 0
    said = b"".join(each.data for each in heard if each.channel is Channel.STDOUT)
    assert said.count(b"hello") == 2, "each run says it once"
    return [waiting, ended]


@scenario(Capability.INPUT | Capability.BACKWARD | Capability.WHOLE_PAST)
def input_belongs_to_where_it_was_given(target: Target) -> list[Stop]:
    waiting = target.resume(Run())
    back = target.resume(BACK)
    target.send_input(b"abc\n")
    again = target.resume(Step())
    assert again.position == waiting.position
    ended = target.resume(Run())
    assert ended.exit_status == 4
    for _ in range(100):
        target.resume(BACK)
    assert target.resume(Run()) == ended
    return [waiting, back, ended]


@scenario()
def interrupting_what_stands_still_is_harmless(target: Target) -> list[Stop]:
    target.interrupt()
    stop = _run_to(target, "say")
    assert stop.pc == _at("say")
    return [stop]


@scenario()
def closing_twice_is_harmless(target: Target) -> list[Stop]:
    stop = target.current_stop()
    target.close()
    target.close()
    target.interrupt()
    for ask in (lambda: target.resume(Step()), target.registers):
        try:
            ask()
        except TargetGoneError:
            continue
        raise AssertionError(ask)
    return [stop]
