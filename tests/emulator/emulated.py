"""Starting programs in the emulator, and looking at all of a machine's state."""

import hashlib
from typing import Any, NamedTuple

import program_builder

from systui.model.stop import Output, Reason, Stop
from systui.services.state import Map, Stateful
from systui.services.user import UserMemory
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget
from systui.target.protocol import Run


def start(
    name: str, way: str = "static", *arguments: str, options: EmulatorOptions | None = None
) -> EmulatorTarget:
    """The test program `name`, standing at its start; standard input is empty."""
    return EmulatorTarget.start(
        program_builder.kernel(),
        program_builder.built(name, way),
        arguments,
        options or EmulatorOptions(stdin=b""),
    )


def finish(target: EmulatorTarget) -> tuple[Stop, list[Output]]:
    """Run to the end; the last stop and all output since now."""
    heard: list[Output] = []
    target.subscribe(heard.append)
    stop = target.resume(Run())
    assert stop.reason is Reason.EXIT, stop
    return stop, heard


class State(NamedTuple):
    """What must be the same whenever the same position is stood at."""

    registers: tuple[int, ...]
    memory: str
    pages: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]
    services: object


def state(target: EmulatorTarget) -> State:
    """All of it: registers, memory, mappings, and the services' own account."""
    machine = target._machine
    spaces = machine.spaces.save()
    digest = hashlib.blake2b(digest_size=16)
    for frame in sorted({*machine.kernel.writable, *spaces.frames}):
        digest.update(machine.cpu.memory[frame : frame + 0x1000])
    pages = tuple(
        (owner.slot, tuple(sorted(mapped.entries.items()))) for owner, mapped in spaces.maps
    )
    return State(*(machine.cpu.refresh(), digest.hexdigest(), pages), plain(machine.system.save()))


def plain(value: Any) -> Any:
    """A saved state with tasks and their parts by name: running again makes new ones."""
    if isinstance(value, Stateful):
        numbers = [getattr(value, name, None) for name in ("tid", "pid", "slot")]
        return (type(value).__name__, *numbers)
    if isinstance(value, UserMemory):
        return type(value).__name__
    if isinstance(value, Map):
        return {key: plain(item) for key, item in value.items()}
    return tuple(plain(item) for item in value) if isinstance(value, tuple) else value
