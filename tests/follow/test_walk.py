"""Walking scripts on a real debugger: what is shown, what is said, how it ends."""

from collections.abc import Sequence

import pytest
from program_builder import built

from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example
from systui.follow import reader
from systui.follow.call import CallSpec
from systui.follow.outcome import Ending, Outcome
from systui.follow.runner import Walk, run
from systui.follow.script import Pace
from systui.model.call import Phase
from systui.model.snapshot import Snapshot
from systui.model.stop import Stop, Task
from systui.session.debugger import Debugger
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Capability, Direction, How, Run

ACCEPT = example("accept_43")


@pytest.fixture
def emulation() -> Emulation:
    return Emulation(Wanted(ACCEPT))


@pytest.fixture
def debugger(emulation: Emulation) -> Debugger:
    return emulation.start()


def call(emulation: Emulation, text: str = "43") -> CallSpec:
    return CallSpec.parse(text, emulation.table)


class Shown:
    """What a walk showed."""

    def __init__(self) -> None:
        self.stops: list[tuple[Snapshot, str | None]] = []

    def __call__(self, snapshot: Snapshot, note: str | None) -> None:
        self.stops.append((snapshot, note))

    @property
    def landmarks(self) -> list[str | None]:
        return [stop.landmark.name if stop.landmark else None for stop, _note in self.stops]


def walked(
    debugger: Debugger, text: str, wanted: CallSpec | None, pace: Pace | None = None
) -> tuple[Shown, Outcome]:
    shown = Shown()
    script = reader.parse(text.encode(), "test.toml")
    return shown, run(debugger, script, wanted, shown, lambda: False, pace)


def test_an_optional_place_that_does_not_come_is_passed_over(
    emulation: Emulation, debugger: Debugger
) -> None:
    text = """
    [[step]]
    run_to = "iret_path"
    optional = true
    note = "never said"
    [[step]]
    run_to = "user_return"
    """
    shown, outcome = walked(debugger, text, call(emulation))
    assert outcome.ending is Ending.WALKED
    assert shown.landmarks == ["user_return"]


def test_a_later_place_ends_the_wait_for_an_optional_one(
    emulation: Emulation, debugger: Debugger
) -> None:
    text = """
    [[step]]
    run_to = "iret"
    optional = true
    [[step]]
    run_to = "handler"
    """
    shown, _outcome = walked(debugger, text, call(emulation))
    assert shown.landmarks == ["handler"]


def test_the_first_of_several_places(emulation: Emulation, debugger: Debugger) -> None:
    text = '[[step]]\nrun_to = ["iret_path", "sysret_path", "restore"]'
    shown, _outcome = walked(debugger, text, call(emulation))
    assert shown.landmarks == ["restore"]


def test_notes_of_steps_at_one_stop_come_together(emulation: Emulation, debugger: Debugger) -> None:
    text = """
    [[step]]
    run_to = "handler"
    note = "call {nr} {name} in {phase}"
    [[step]]
    expect = { phase = "handler" }
    note = "{symbol}, orig_ax {ptregs.orig_ax}, result {result}, {stack}"
    """
    shown, outcome = walked(debugger, text, call(emulation))
    assert outcome.ending is Ending.WALKED
    ((_stop, note),) = shown.stops
    assert (
        note == "call 43 accept in handler\n__x64_sys_accept, orig_ax 0x2b, result unknown, thread"
    )


def test_a_value_that_is_not_there_yet_says_so(emulation: Emulation, debugger: Debugger) -> None:
    text = '[[step]]\nrun_to = "kernel_stack"\nnote = "{ptregs.ss}"'
    shown, _outcome = walked(debugger, text, call(emulation))
    assert shown.stops[0][1] == "not yet written"


def test_counted_steps(emulation: Emulation, debugger: Debugger) -> None:
    text = '[[step]]\nrun_to = "entry"\n[[step]]\nstep = 4\n[[step]]\nwalk = 2'
    shown, _outcome = walked(debugger, text, call(emulation))
    positions = [stop.stop.position for stop, _note in shown.stops]
    assert positions[4] - positions[0] == 4
    assert shown.landmarks[5:] == ["kernel_cr3", "kernel_stack"]


def test_inside_the_handler_only_when_asked(emulation: Emulation, debugger: Debugger) -> None:
    text = '[[step]]\nrun_to = "handler"\n[[step]]\nstep = "handler_return"\ninside = true'
    shown, _outcome = walked(debugger, text, call(emulation))
    inside = [stop for stop, _note in shown.stops if stop.phase is Phase.HANDLER]
    assert len(inside) > 10
    assert not any(row for row in inside if row.stop.position == 0)


def test_a_symbol_inside_the_handler_is_found(emulation: Emulation, debugger: Debugger) -> None:
    text = '[[step]]\nrun_to = "__x64_sys_accept+0x1"\n[[step]]\nrun_to = "handler_return"'
    shown, outcome = walked(debugger, text, call(emulation))
    assert outcome.ending is Ending.WALKED
    assert shown.landmarks == [None, "handler_return"]


@pytest.mark.parametrize("pace", [Pace.LANDMARKS, Pace.LINES, Pace.INSTRUCTIONS])
def test_a_wider_pace_shows_what_the_script_shows_and_more(
    emulation: Emulation, debugger: Debugger, pace: Pace
) -> None:
    text = '[[step]]\nrun_to = "entry"\n[[step]]\nrun_to = "do_syscall"'
    shown, _outcome = walked(debugger, text, call(emulation), pace)
    assert {"entry", "frame_complete", "do_syscall"} <= set(shown.landmarks)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("phase = 'handler'", "expected phase handler, found entry"),
        ("landmark = 'handler'", "expected landmark handler, found entry"),
        ("symbol = 'main'", "expected symbol main, found entry_SYSCALL_64"),
        ("symbol = 'entry_SYSCALL_64+0x3'", "found entry_SYSCALL_64"),
        ("registers = {rax = 44}", "expected rax 0x2c, found 0x2b"),
        ("ptregs = {ax = 0}", "expected pt_regs.ax 0x0, found no frame"),
        ("result = 'EPERM'", "expected result EPERM, found none"),
    ],
)
def test_what_is_expected_and_not_found(
    emulation: Emulation, debugger: Debugger, expected: str, said: str
) -> None:
    text = f'[[step]]\nrun_to = "entry"\nexpect = {{ {expected} }}'
    _shown, outcome = walked(debugger, text, call(emulation))
    assert outcome.ending is Ending.UNEXPECTED
    assert said in outcome.reason
    assert not outcome.walked


def test_what_must_not_be_written_yet(emulation: Emulation, debugger: Debugger) -> None:
    text = """
    [[step]]
    run_to = "kernel_stack"
    expect = { unwritten = ["ss", "r15"] }
    [[step]]
    step = 1
    expect = { unwritten = ["ss"] }
    """
    _shown, outcome = walked(debugger, text, call(emulation))
    assert outcome.reason == "script test.toml, step 2: expected pt_regs.ss not to be written yet"


def test_someone_may_move_between_the_stops(emulation: Emulation, debugger: Debugger) -> None:
    script = reader.load(reader.find("syscall"))
    walk = Walk(debugger, script, call(emulation), lambda: False)
    stops = walk.stops()
    first, _note = next(stops)
    for _index in range(40):
        debugger.step()
    debugger.step_back()
    second, _note = next(stops)
    assert second.stop.position > first.stop.position + 39
    assert [stop.landmark.name for stop, _note in stops if stop.landmark][-1] == "user_return"
    assert walk.outcome.ending is Ending.WALKED


def test_whoever_asks_for_it_ends_a_walk(emulation: Emulation, debugger: Debugger) -> None:
    script = reader.load(reader.find("syscall"))
    shown = Shown()
    outcome = run(debugger, script, call(emulation), shown, lambda: len(shown.stops) == 3)
    assert outcome.ending is Ending.STOPPED
    assert len(shown.stops) == 3


def test_a_breakpoint_on_the_way_ends_the_search(emulation: Emulation, debugger: Debugger) -> None:
    main = emulation_symbol(debugger, "main")
    debugger.toggle_breakpoint(main)
    _shown, outcome = walked(debugger, '[[step]]\nrun_to = "entry"', call(emulation))
    assert outcome.ending is Ending.STOPPED
    assert debugger.stop.pc == main


def emulation_symbol(debugger: Debugger, name: str) -> int:
    assert debugger.program is not None
    symbol = debugger.program.image.symbol(name)
    assert symbol is not None
    return symbol.address


def counted(arguments: Sequence[str]) -> tuple[Emulation, Debugger]:
    emulation = Emulation(Wanted(built("behaviour", "static"), arguments))
    return emulation, emulation.start()


class Plain(EmulatorTarget):
    """A target that neither goes back nor filters, as a guest behind a gdbstub."""

    @property
    def capabilities(self) -> Capability:
        return Capability.INPUT

    def resume(self, how: How, task: Task | None = None) -> Stop:
        assert not (isinstance(how, Run) and how.only)
        assert how.direction is Direction.FORWARD
        return super().resume(how, task)


def test_a_target_that_cannot_go_back_shows_a_call_from_the_entry_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("systui.target.emulator.target.EmulatorTarget", Plain)
    emulation, debugger = counted(["calls", "3"])
    script = reader.load(reader.find("syscall"))
    shown = Shown()
    outcome = run(debugger, script, call(emulation, "getppid#2"), shown, lambda: False)
    assert outcome.ending is Ending.WALKED
    assert shown.landmarks[0] == "entry"
    assert shown.landmarks[-1] == "user_return"
    assert shown.landmarks.count("entry") == 1


def test_calls_are_counted_from_where_it_stands() -> None:
    emulation, debugger = counted(["calls", "5"])
    text = '[[step]]\nrun_to = "user_syscall"'
    first, _outcome = walked(debugger, text, call(emulation, "getppid#2"))
    again, _outcome = walked(debugger, text, call(emulation, "getppid#2"))
    positions = [shown.stops[0][0].stop.position for shown in (first, again)]
    assert positions[0] < positions[1]


def test_a_script_without_a_call_goes_on_to_the_next_one() -> None:
    _emulation, debugger = counted(["calls", "3"])
    text = '[[step]]\nwalk = "user_return"\n[[step]]\nwalk = "user_return"'
    shown, outcome = walked(debugger, text, None)
    assert outcome.ending is Ending.WALKED
    assert shown.landmarks.count("user_syscall") == 2
    assert shown.landmarks.count("user_return") == 2
