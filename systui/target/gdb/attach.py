"""Putting it together: attach to a guest that is there, or boot one and attach to it."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from systui.arch.i386 import I386
from systui.arch.spec import Architecture
from systui.arch.x86_64 import X86_64
from systui.kernel.image import Image
from systui.model.errors import BadInputError, TargetGoneError
from systui.model.stop import Channel, MemoryRange, Registers, Space
from systui.target.gdb.connection import Address, open_stub
from systui.target.gdb.guest.initramfs import pack
from systui.target.gdb.guest.machine import Machine, MachineOptions, find_busybox
from systui.target.gdb.layout import Layout, find_layout
from systui.target.gdb.linux import GATE, IDT, Linux, i386_idt, slide_from
from systui.target.gdb.live import Live
from systui.target.gdb.memory import Memory, View
from systui.target.gdb.packets import Halt
from systui.target.gdb.past import Kept
from systui.target.gdb.program import Program
from systui.target.gdb.stub import Stub
from systui.target.gdb.target import GdbTarget
from systui.target.gdb.transport import Gdb
from systui.target.protocol import TargetInfo
from systui.words import _

_BOOT_SLICE = 0.05
_BOOT_LIMIT = 120.0
_ENTRIES = ("entry_SYSCALL_64", "entry_INT80_32", "system_call")
_STARTERS = ("start_thread", "compat_start_thread", "start_thread_ia32")
"""What readies a program's first registers: a 64-bit one's, and a 32-bit one's by its two names."""
_KERNEL_DATA = "init_task"
_ASK_IDT = "info registers"


@dataclass(frozen=True, slots=True)
class AttachOptions:
    """What to attach to, and with what."""

    image: Image
    """The kernel's vmlinux."""
    cache: Path
    """A directory for what gdb told about the kernel's structures."""
    gdb: str = "gdb"
    program: Path | None = None
    """The user's program: stops of other tasks at its addresses do not count."""
    typed: int | None = None
    """A descriptor that gives what is to be typed at the console of a guest that is booted."""
    meanwhile: Callable[[], None] = lambda: None
    """Called while the guest stands and gdb is at work."""
    tell: Callable[[str], None] = lambda _text: None
    """Called with what is waited for, in a few words, when a wait begins that may take seconds."""

    @property
    def arch(self) -> Architecture:
        """The kernel's."""
        return X86_64 if self.image.bits == 64 else I386


@dataclass(frozen=True, slots=True)
class BootOptions:
    """What to boot."""

    kernel: Path
    program: Path | None
    arguments: Sequence[str] = ()
    root: Path | None = None
    append: str = ""
    extra: Sequence[str] = field(default=())


def attach(address: Address, options: AttachOptions) -> GdbTarget:
    """Attach to the gdbstub at `address`.

    TargetGoneError says what does not answer, BadInputError what does not fit (vmlinux, gdb);
    the guest is left running then.
    """
    program = None if options.program is None else Program(options.program.name)
    options.tell(_("attaching to {address}").format(address=address))
    return _attach(address, options, program, None)


def boot(guest: BootOptions, options: AttachOptions) -> GdbTarget:
    """Boot a guest of our own and stand at the first instruction of its program."""
    bits = options.image.bits
    options.tell(_("the guest boots"))
    image = pack(guest.program, guest.arguments, guest.root, find_busybox(bits), bits)
    machine = Machine(MachineOptions(guest.kernel, image, guest.append, guest.extra, bits))
    try:
        pid, said = machine.wait_for_program()
        name = "init" if guest.program is None else guest.program.name
        target = _attach(Address(path=machine.stub), options, Program(name, pid), machine)
        if said:
            target.hear(Channel.CONSOLE, said)
        if options.typed is not None:
            target.type_from(options.typed)
    except BaseException:
        machine.close()
        raise
    return target


def _attach(
    address: Address, options: AttachOptions, program: Program | None, machine: Machine | None
) -> GdbTarget:
    gdb = Gdb(options.gdb)
    try:
        stub = Stub(gdb, open_stub(address))
    except BaseException:
        gdb.close()
        raise
    try:
        find = find_layout(options.image, options.gdb, options.cache)
        halt = stub.connect(options.arch, options.meanwhile)
        if machine is None:
            stub.guard()
        return _compose(stub, halt, options, find, program, machine)
    except BaseException:
        stub.close()
        raise


def _compose(
    stub: Stub,
    halt: Halt,
    options: AttachOptions,
    find: Callable[[], Layout],
    program: Program | None,
    machine: Machine | None,
) -> GdbTarget:
    stub.settle()
    arch, image = options.arch, options.image
    halt, gate = _await_kernel(stub, arch, halt, options.tell)
    memory = Memory(stub, arch, stub.register("cr4"))
    slide = slide_from(gate, image)
    registers = stub.registers(halt.thread)
    layout = find()
    linux = Linux.of(image, arch, layout, slide, lambda _address, _size: None)
    entry = next((at for name in _ENTRIES if (at := linux.address(name)) is not None), None)
    data = linux.address(_KERNEL_DATA)
    if entry is not None and data is not None:
        memory.detect_isolation(registers, entry, data)
    linux = replace(linux, read=_reader(memory, halt.thread, registers))
    linux.check()
    linux = linux.with_comm()
    name = _title(linux, memory)
    live = Live(stub, memory, linux, program, machine)
    first = live.begin(halt)
    if machine is not None:
        options.tell(_("the guest starts the program"))
        first = _start_program(live, machine)
    program_slide = _program_slide(live, options.program)
    info = TargetInfo(
        kind="gdb",
        arch=arch.name,
        kernel=name,
        build_id=image.build_id,
        slide=slide,
        program=None if program is None else program.name,
        program_slide=program_slide,
    )
    return GdbTarget(live, first, info, image.path)


def _start_program(live: Live, machine: Machine) -> Kept:
    """Let the program start and stand at its first instruction, where that can be told.

    `start_thread` takes the address of that instruction as its second argument, for the program
    itself or for the loader that it names (arch/x86/kernel/process_64.c, process_32.c).
    BadInputError where the guest's kernel does not start it.
    """
    machine.release()
    starters = [at for name in _STARTERS if (at := live.linux.address(name)) is not None]
    program = live.program
    if not starters or program is None:
        return live.current
    reached = _run_to(live, starters, program)
    if reached.stop.pc in starters:
        given = reached.registers[live.arch.function_arguments[1]]
        reached = _run_to(live, [given], program)
    if live.ended is not None:
        raise BadInputError(
            _(
                "{program}: the guest does not come to its first instruction: {why}; "
                "see whether it runs elsewhere"
            ).format(program=program.name, why=live.ended.stop.detail)
        )
    return live.restart_count(reached)


def _run_to(live: Live, addresses: Sequence[int], program: Program) -> Kept:
    wanted = dict.fromkeys(addresses, lambda kept: program.is_first(kept.stop.task))
    return live.run(wanted, patient=True)


def _program_slide(live: Live, path: Path | None) -> int:
    """How far the program was moved; BadInputError where it is moved and does not run yet."""
    program = live.program
    if path is None or program is None:
        return 0
    with closing(Image.open(path)) as image:
        if not image.position_independent:
            return 0
        code = min((part.vaddr for part in image.segments if part.executable), default=0)
    linux = live.linux
    tasks = (at for at in linux.processes() if program.is_first(linux.task(at)))
    starts = filter(None, map(linux.start_code, tasks))
    start = next(starts, None)
    if start is None:
        raise BadInputError(
            _(
                "{path} is loaded at another address each time, and does not run in the guest yet: "
                "start it there first, or leave --program away"
            ).format(path=path)
        )
    return start - code & -0x1000


def _await_kernel(
    stub: Stub, arch: Architecture, halt: Halt, tell: Callable[[str], None]
) -> tuple[Halt, bytes]:
    """IDT entry 0, once there is one: a guest that stands at reset is let boot so far."""
    deadline = time.monotonic() + _BOOT_LIMIT
    while True:
        registers = stub.registers(halt.thread)
        idt = IDT if arch.bits == 64 else i386_idt(stub.monitor(_ASK_IDT))
        gate = None if idt is None else stub.read(halt.thread, [(idt, GATE + arch.word)])[0]
        in_linux = registers[arch.pc] >= arch.kernel_start or registers.cpl
        if gate is not None and any(gate) and in_linux:
            return halt, gate
        tell(_("the guest boots"))
        if time.monotonic() > deadline:
            raise TargetGoneError(_("The guest does not come to running a Linux kernel."))
        halt = stub.proceed(halt.thread, _BOOT_SLICE) or stub.halt()


def _reader(
    memory: Memory, thread: int, registers: Registers
) -> Callable[[int, int], bytes | None]:
    view = View(thread, registers)

    def read(address: int, size: int) -> bytes | None:
        return memory.read(view, [MemoryRange(Space.KERNEL, address, size)])[0]

    return read


def _title(linux: Linux, memory: Memory) -> str:
    parts = [linux.release, "PTI on" if memory.isolated else "PTI off"]
    if linux.slide:
        parts.append("KASLR")
    if linux.layout.pid is None:
        parts.append("without debug information: tasks by name only")
    return ", ".join(parts)
