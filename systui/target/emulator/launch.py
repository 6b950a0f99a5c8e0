"""Putting a run together: kernel, program, services, machine."""

import os
from collections.abc import Callable, Sequence
from errno import ENOMEM
from pathlib import Path
from typing import NamedTuple

from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.model.stop import Channel
from systui.services.errors import Refused
from systui.services.narrow import UNDER_32, UNDER_64
from systui.services.options import SystemOptions
from systui.services.system import System
from systui.services.vfs import ROOT
from systui.target.emulator import boot, elf, loader
from systui.target.emulator.execution import ExecLoader
from systui.target.emulator.machine import Machine
from systui.target.emulator.options import MIB, EmulatorOptions, KernelChoices
from systui.target.protocol import TargetInfo
from systui.words import _

_HOME = "/home/user"


class OutputPort:
    """Where output goes; the listener is set once there is one."""

    def __init__(self) -> None:
        self.listener: Callable[[Channel, bytes, int], None] | None = None

    def __call__(self, channel: Channel, data: bytes, position: int) -> None:
        """Pass a piece of output on."""
        if self.listener is not None:
            self.listener(channel, data, position)


class Launch(NamedTuple):
    """A machine at the program's first instruction."""

    machine: Machine
    info: TargetInfo
    output: OutputPort
    pid: int
    name: str


def launch(
    kernel: Image, program: Path, arguments: Sequence[str], options: EmulatorOptions
) -> Launch:
    """Load `program` on `kernel`; BadInputError in one clear line."""
    data = elf.read_program(program)
    parsed = elf.parse(str(program), data, options.limits.memory)
    if parsed.bits == 64 and kernel.bits == 32:
        raise BadInputError(
            _(
                "{program}: is an x86_64 program, and {kernel} is a kernel for i386: "
                "build the program with gcc -m32, or take an x86_64 kernel"
            ).format(program=program, kernel=kernel.path.name)
        )
    if parsed.bits == 32 and kernel.bits == 64 and not boot.takes_compat(kernel):
        raise BadInputError(
            _(
                "{program}: is a 32-bit program, and {kernel} was built without a way in for its "
                "calls: take another kernel, or build the program for x86_64"
            ).format(program=program, kernel=kernel.path.name)
        )
    output = OutputPort()
    system_options = _system_options(kernel, program, data, arguments, options)
    machine = _machine(kernel, options, system_options, output)
    try:
        loaded = _load(machine, parsed, program, system_options)
    except BaseException:
        machine.close()
        raise
    machine.system.loader = ExecLoader(machine.system, system_options)
    machine.start(loaded.entry, loaded.stack, loaded.bits)
    return Launch(
        machine,
        TargetInfo(
            kind="emulator",
            arch=machine.platform.arch.name,
            kernel=_kernel_name(machine, options),
            build_id=kernel.build_id,
            slide=0,
            program=str(program),
            program_slide=loaded.slide,
        ),
        output,
        machine.system.task.pid,
        machine.system.task.comm,
    )


def _system_options(
    kernel: Image, program: Path, data: bytes, arguments: Sequence[str], options: EmulatorOptions
) -> SystemOptions:
    return SystemOptions(
        program=_seen_path(program, options.root),
        image=data,
        arguments=(str(program), *arguments),
        environment=tuple(f"{name}={value}" for name, value in options.environment.items()),
        root=None if options.root is None else str(options.root),
        stdin=options.stdin,
        stdout_terminal=options.stdout_terminal,
        stderr_terminal=options.stderr_terminal,
        memory=options.limits.memory,
        narrow=UNDER_32 if kernel.bits == 32 else UNDER_64,
    )


def _seen_path(program: Path, root: Path | None) -> str:
    """The program's path as it sees it: below the root where it lies there."""
    if root is not None:
        absolute = program.absolute()
        try:
            return "/" + str(absolute.relative_to(root.absolute()))
        except ValueError:
            pass
    return f"{_HOME}/{program.name}"


def _machine(
    kernel: Image, options: EmulatorOptions, system_options: SystemOptions, output: OutputPort
) -> Machine:
    try:
        choices = KernelChoices(options.pti, options.alternatives, options.native)
        return Machine(kernel, choices, system_options, options.limits, output)
    except OSError as error:
        if error.errno == ENOMEM:
            raise BadInputError(
                _("this machine has no {size} MiB of memory to set aside for the program").format(
                    size=options.limits.memory // MIB
                )
            ) from error
        raise BadInputError(
            _("{path}: cannot be the program's root: {error}").format(
                path=options.root, error=error.strerror
            )
        ) from error


def _load(
    machine: Machine, parsed: elf.Program, program: Path, options: SystemOptions
) -> loader.Loaded:
    invocation = loader.Invocation(
        path=str(program),
        arguments=options.arguments,
        environment=options.environment,
        seed=options.seed,
        uid=options.uid,
        gid=options.gid,
        narrow=options.narrow,
    )

    def interpreter(name: str) -> elf.Program:
        return _interpreter(machine.system, parsed.name, name, options)

    return loader.load(machine.system.task.memory, parsed, invocation, interpreter)


def _interpreter(system: System, program: str, name: str, options: SystemOptions) -> elf.Program:
    if options.root is None:
        raise BadInputError(
            _(
                "{program}: is dynamically linked and needs {interpreter}: "
                "name a directory that has it with --root DIR, or link it with -static"
            ).format(program=program, interpreter=name)
        )
    try:
        content = system.files.get(system.files.find(system.task, ROOT, name)).content
    except Refused as refused:
        raise BadInputError(
            _("{program}: its interpreter {interpreter} is not below {root}: {error}").format(
                program=program,
                interpreter=name,
                root=options.root,
                error=os.strerror(refused.errno),
            )
        ) from None
    data = b"" if content is None else content.read(0, elf.LARGEST_FILE)
    return elf.parse(name, data, options.memory)


def _kernel_name(machine: Machine, options: EmulatorOptions) -> str:
    kernel = machine.kernel
    isolation = "PTI on" if kernel.pti else "PTI off"
    if options.era:
        return f"miniature {options.era}, not Linux"
    if kernel.is_bundled:
        return f"miniature kernel, {isolation}"
    code = "alternatives patched" if options.alternatives else "code as compiled"
    return f"{kernel.image.path.name}, {code}, {isolation}"
