"""Every target plays every scenario."""

from collections.abc import Callable

import own_kernels
import program_builder
import pytest
import scenarios

from systui.model.errors import NotSupportedError
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Target


def _emulator(pti: bool) -> Target:
    program = program_builder.built(scenarios.PROGRAM)
    return EmulatorTarget.start(program_builder.kernel(), program, (), EmulatorOptions(pti=pti))


def _linux(series: str, pti: bool) -> Target:
    program = program_builder.built(scenarios.PROGRAM)
    return own_kernels.start(series, program, (), EmulatorOptions(pti=pti))


def _compat(monkeypatch: pytest.MonkeyPatch, program: str, way: str) -> Target:
    """The emulator with a program whose calls are 32-bit ones."""
    names = {"PROGRAM": program, "WAY": way, "ENTRY": "entry_INT80_compat"}
    for name, value in (names | {"HANDLER": "__ia32_sys_accept4"}).items():
        monkeypatch.setattr(scenarios, name, value)
    built = program_builder.built(program, way)
    return EmulatorTarget.start(program_builder.kernel(), built, (), EmulatorOptions())


COMPAT = {"int80": ("scenario_int80", "bare"), "32-bit": ("scenario_32", "bare32")}
TARGETS: dict[str, Callable[[], Target]] = {
    "emulator": lambda: _emulator(True),
    "emulator-no-pti": lambda: _emulator(False),
    "linux-6.1": lambda: _linux("6.1", False),
    "linux-6.1-pti": lambda: _linux("6.1", True),
    "linux-6.12": lambda: _linux("6.12", False),
}


@pytest.mark.parametrize("target_name", TARGETS)
@pytest.mark.parametrize("each", scenarios.ALL, ids=lambda each: each.name)
def test_contract(target_name: str, each: scenarios.Scenario) -> None:
    _plays(TARGETS[target_name](), each)


@pytest.mark.parametrize("kind", COMPAT)
@pytest.mark.parametrize("each", scenarios.ALL, ids=lambda each: each.name)
def test_contract_of_32_bit_calls(
    kind: str, each: scenarios.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plays(_compat(monkeypatch, *COMPAT[kind]), each)


def _plays(target: Target, each: scenarios.Scenario) -> None:
    try:
        if each.needs & ~target.capabilities:
            with pytest.raises(NotSupportedError):
                each.play(target)
        else:
            assert each.play(target)
    finally:
        target.close()
