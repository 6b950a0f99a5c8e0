"""From a 32-bit call's number to what serves it: a 64-bit call's function, or one of its own."""

from collections.abc import Callable
from importlib import import_module

from systui.services.compat.numbers import NUMBERS
from systui.services.compat.scratch import Scratch
from systui.services.dispatch import Handler, Result, u32
from systui.services.dispatch import handler as native
from systui.services.errors import ENOSYS, Refused
from systui.services.task import Task

Function = Callable[..., Result]
_OWN: dict[int, Handler] = {}
_MODULES = ("files", "identity", "memory", "process", "signal", "sockets", "time")


def compat(number: int, name: str) -> Callable[[Function], Function]:
    """Serve 32-bit call `number` with the function: (task, arguments…), each of 32 bits unsigned.

    While it runs, `task.user` is a `Scratch`.
    """

    def register(function: Function) -> Function:
        count = function.__code__.co_argcount - 1
        _OWN[number] = Handler(number, name, _with_scratch(function), (u32,) * count)
        return function

    return register


def _with_scratch(function: Function) -> Function:
    def served(task: Task, *arguments: int) -> Result:
        user = task.user
        room = task.user = Scratch(user)
        try:
            return function(task, *arguments)
        finally:
            if task.user is room:  # execve has put another program's memory there
                task.user = user

    return served


def handler(number: int) -> Handler | None:
    """What serves 32-bit call `number`; None when nothing does."""
    if not _OWN:
        for name in _MODULES:
            import_module(f"systui.services.compat.{name}")
    same = NUMBERS.get(number)
    return _OWN.get(number) or (None if same is None else native(same))


def as_native(task: Task, number: int, *arguments: int) -> Result:
    """Serve 64-bit call `number` with arguments in its own form."""
    found = native(number)
    if found is None:
        raise Refused(ENOSYS)
    values = [turn(value) for turn, value in zip(found.convert, arguments, strict=False)]
    return found.function(task, *values)


def scratch(task: Task) -> Scratch:
    """The task's memory during a call of this kind."""
    assert isinstance(task.user, Scratch)
    return task.user
