"""Every target plays every scenario."""

from collections.abc import Callable
from typing import NamedTuple

import own_kernels
import program_builder
import pytest
import scenarios

from systui.kernel.image import Image
from systui.minikernel.eras import BY_NAME, TODAY, Era
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


class Other(NamedTuple):
    """What differs from the usual scenario: program, kernel, and what of it is met on the way."""

    program: str
    way: str
    entry: str
    handler: str
    era: Era = TODAY


OTHERS = {
    "int80": Other("scenario_int80", "bare", "entry_INT80_compat", "__ia32_sys_accept4"),
    "32-bit": Other("scenario_32", "bare32", "entry_INT80_compat", "__ia32_sys_getsid"),
    "3.10": Other("scenario", "bare", "system_call", "sys_accept", BY_NAME["3.10"]),
    "3.18-i386": Other("scenario_32", "bare32", "system_call", "sys_getsid", BY_NAME["3.18-i386"]),
}
"""Ways of calling, and ages."""


def _other(monkeypatch: pytest.MonkeyPatch, other: Other) -> Target:
    names = {"PROGRAM": other.program, "WAY": other.way, "ENTRY": other.entry}
    for name, value in (names | {"HANDLER": other.handler}).items():
        monkeypatch.setattr(scenarios, name, value)
    image = Image.open(other.era.path)
    monkeypatch.setitem(program_builder.KERNELS, image.build_id, image)
    built = program_builder.built(other.program, other.way)
    return EmulatorTarget.start(image, built, (), EmulatorOptions(pti=not other.era.name))


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


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("each", scenarios.ALL, ids=lambda each: each.name)
def test_contract_of_other_calls_and_ages(
    kind: str, each: scenarios.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plays(_other(monkeypatch, OTHERS[kind]), each)


def _plays(target: Target, each: scenarios.Scenario) -> None:
    try:
        if each.needs & ~target.capabilities:
            with pytest.raises(NotSupportedError):
                each.play(target)
        else:
            assert each.play(target)
    finally:
        target.close()
