"""Laying a program into an empty address space, as execve does."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from systui.model.errors import BadInputError
from systui.services.content import Content
from systui.services.errors import ENOMEM, Refused
from systui.services.memory import (
    MMAP_BASE,
    PAGE,
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE,
    TASK_SIZE,
    AddressSpace,
    Area,
    page_up,
)
from systui.services.narrow import UNDER_64, Narrow
from systui.target.emulator.elf import Load, Program
from systui.target.emulator.stack import Stack, StackPlan
from systui.words import _

PROGRAM_BASE = 0x5555_5555_4000
"""Where position-independent programs go: ELF_ET_DYN_BASE, not randomised."""
COMPAT_PROGRAM_BASE = 0x5655_5000
STACK_SIZE = 8 << 20
CALLS = bytes.fromhex(
    "51 52 55"  # push %ecx; push %edx; push %ebp
    "89 e5"  # mov %esp,%ebp: the kernel finds the stack there
    "0f 34"  # sysenter
    "cd 80"  # int $0x80: for calls that begin anew
    "5d 5a 59 c3"  # where calls come back: pop %ebp; pop %edx; pop %ecx; ret
).ljust(0x20, b"\x90") + (
    bytes.fromhex("58 b8 77 00 00 00 cd 80").ljust(0x10, b"\x90")  # pop %eax; sigreturn
    + bytes.fromhex("b8 ad 00 00 00 cd 80")  # rt_sigreturn
)
"""A 32-bit program's page of calls: __kernel_vsyscall, _sigreturn and _rt_sigreturn."""
LANDING = CALLS.index(bytes.fromhex("5d 5a 59 c3"))
"""Where calls come back, in that page."""
STACK_TOP = TASK_SIZE
_MASK = (1 << 64) - 1

Interpreter = Callable[[str], Program]
"""Finds and checks the interpreter that a dynamic program names; BadInputError."""


class Loaded(NamedTuple):
    """A program in memory, ready to run."""

    entry: int
    stack: int
    slide: int
    """Bytes that it lies above its link-time addresses."""
    base: int
    """Where the interpreter lies; 0 without one."""
    bits: int


class Invocation(NamedTuple):
    """What a program is started with."""

    path: str
    """As the program sees itself (AT_EXECFN)."""
    arguments: Sequence[str]
    """argv, the program's name first."""
    environment: Sequence[str]
    """NAME=value lines."""
    seed: int = 0
    uid: int = 0
    gid: int = 0
    narrow: Narrow = UNDER_64
    """What it finds if it is a 32-bit program."""


def load(
    space: AddressSpace, program: Program, invocation: Invocation, interpreter: Interpreter
) -> Loaded:
    """Map `program`, its interpreter, heap and stack into `space`; BadInputError."""
    try:
        return _load(space, program, invocation, interpreter)
    except Refused as refused:
        if refused.errno != ENOMEM:
            raise
        raise BadInputError(
            _("{program}: does not fit into the emulator's memory").format(program=program.name)
        ) from None


def _load(
    space: AddressSpace, program: Program, invocation: Invocation, interpreter: Interpreter
) -> Loaded:
    with space.below(invocation.narrow.calls if program.bits == 32 else MMAP_BASE):
        return _lay(space, program, invocation, interpreter)


def _lay(
    space: AddressSpace, program: Program, invocation: Invocation, interpreter: Interpreter
) -> Loaded:
    wide = program.bits == 64
    base_address = PROGRAM_BASE if wide else COMPAT_PROGRAM_BASE
    slide = base_address - program.start if program.position_independent else 0
    _map(space, program, slide, invocation.path)
    entry, base = program.entry + slide, 0
    if program.interpreter is not None:
        helper = interpreter(program.interpreter)
        size = page_up(helper.end) - helper.start
        helper_slide = space.find_free(size) - helper.start if helper.position_independent else 0
        _map(space, helper, helper_slide, program.interpreter)
        entry, base = helper.entry + helper_slide, helper.start + helper_slide
    _check_entry(space, entry, program)
    space.set_break(program.end + slide)
    narrow = invocation.narrow
    top = STACK_TOP if wide else narrow.end
    _map_stack(space, top)
    if not wide:
        calls = range(narrow.calls, narrow.calls + PAGE)
        prot = PROT_READ | PROT_EXEC
        space.map(Area(calls.start, calls.stop, prot, Content.of(CALLS), name="[vdso]"))
    plan = StackPlan(
        *(invocation.path, tuple(invocation.arguments), tuple(invocation.environment)),
        headers=program.headers + slide if program.headers else 0,
        header_count=program.header_count,
        base=base,
        entry=program.entry + slide,
        random=_random_bytes(invocation.seed),
        uid=invocation.uid,
        gid=invocation.gid,
        bits=program.bits,
        calls=narrow.calls,
    )
    stack = Stack(top, STACK_SIZE // 4).build(plan)
    space.pager.write(stack.pointer, stack.content)
    return Loaded(entry, stack.pointer, slide, base, program.bits)


def _map(space: AddressSpace, program: Program, slide: int, name: str) -> None:
    if program.end + slide > space.end - STACK_SIZE:
        raise Refused(ENOMEM)
    content = Content.of(program.data)
    end = 0
    for segment in program.loads:
        start = (segment.address + slide) & -PAGE
        if start < end:
            raise BadInputError(
                _("{program}: two segments share a page").format(program=program.name)
            )
        end = page_up(segment.end + slide)
        for area in _areas(segment, slide, content, name):
            space.map(area)


def _areas(segment: Load, slide: int, content: Content, name: str) -> list[Area]:
    start = (segment.address + slide) & -PAGE
    file_end = page_up(segment.address + slide + segment.file_size)
    end = page_up(segment.end + slide)
    prot = _protection(segment.flags)
    areas = []
    if segment.file_size:
        if segment.size > segment.file_size:
            content = content.truncate(segment.offset + segment.file_size)
        offset = segment.offset - (segment.address - (segment.address & -PAGE))
        areas.append(Area(start, file_end, prot, content, offset, name))
    else:
        file_end = start
    if end > file_end:
        areas.append(Area(file_end, end, prot))
    return areas


def _protection(flags: int) -> int:
    return (
        (PROT_READ if flags & 4 else 0)
        | (PROT_WRITE if flags & 2 else 0)
        | (PROT_EXEC if flags & 1 else 0)
    )


def _map_stack(space: AddressSpace, top: int) -> None:
    prot = PROT_READ | PROT_WRITE
    # Only what it comes to use counts as the program's memory: under Linux it grows by need.
    space.map(Area(top - STACK_SIZE, top, prot, name="[stack]", reserved=False))


def _check_entry(space: AddressSpace, entry: int, program: Program) -> None:
    area = space.find(entry)
    if area is None or not area.prot & PROT_EXEC:
        raise BadInputError(
            _("{program}: its entry point {entry:#x} is not code").format(
                program=program.name, entry=entry
            )
        )


def _random_bytes(seed: int) -> bytes:
    """AT_RANDOM's sixteen bytes: two outputs of SplitMix64 (Steele, Lea, Flood 2014)."""
    words = []
    for step in (1, 2):
        state = (seed + step * 0x9E37_79B9_7F4A_7C15) & _MASK
        state = ((state ^ state >> 30) * 0xBF58_476D_1CE4_E5B9) & _MASK
        state = ((state ^ state >> 27) * 0x94D0_49BB_1331_11EB) & _MASK
        words.append(state ^ state >> 31)
    return b"".join(word.to_bytes(8, "little") for word in words)
