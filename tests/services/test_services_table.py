"""The table of served calls: complete, and named as the kernel's."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

import pytest
from fake_machine import NUMBERS

from systui.services import calls, dispatch


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    for module in iter_modules(calls.__path__):
        import_module(f"systui.services.calls.{module.name}")


def test_every_handler_is_found_by_number() -> None:
    assert dispatch.served() == frozenset(dispatch.HANDLERS)


def test_handlers_are_named_as_in_the_kernel() -> None:
    named = {handler.name: number for number, handler in dispatch.HANDLERS.items()}
    assert {name: NUMBERS.get(name) for name in named} == named


def test_arguments_are_converted_once_each() -> None:
    for handler in dispatch.HANDLERS.values():
        code = handler.function.__code__
        assert len(handler.convert) == code.co_argcount - 1, handler.name
        assert len(handler.convert) <= 6, handler.name


@pytest.mark.parametrize(
    ("turn", "value", "turned"),
    [
        (dispatch.s32, 0xFFFF_FFFF, -1),
        (dispatch.s32, 0x1_0000_0003, 3),
        (dispatch.u32, -1, 0xFFFF_FFFF),
        (dispatch.s64, (1 << 64) - 5, -5),
        (dispatch.u64, -5, (1 << 64) - 5),
    ],
)
def test_conversions(turn: Callable[[int], int], value: int, turned: int) -> None:
    assert turn(value) == turned
