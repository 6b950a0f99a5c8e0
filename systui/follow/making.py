"""Where a program's calls are made: in its own code, and in what the kernel maps for it."""

from collections.abc import Iterator
from functools import partial

from systui.decode.disassembly import Disassembler
from systui.decode.sites import call_sites, made_at
from systui.follow.call import CallSpec
from systui.kernel import spellings
from systui.kernel.view import KernelView
from systui.model.stop import MemoryRange, Reason, Space
from systui.session.debugger import Debugger
from systui.session.firststack import first_stack

_AT_SYSINFO, _AT_SYSINFO_EHDR = 32, 33
"""Where a 32-bit program finds __kernel_vsyscall, and the vDSO: include/uapi/linux/auxvec.h."""
_BITS_WITH_SYSINFO = 32
_VSYSCALL_SIZE = 32
"""Bytes that its way into the kernel takes at most."""


def sites(debugger: Debugger, call: CallSpec) -> Iterator[int]:
    """The instructions by which the program may make `call`, at run-time addresses.

    Of a 32-bit program also those of the vDSO, where it stands at its first instruction and its
    stack tells of them: the C library leaves the way into the kernel to it.
    """
    program = debugger.program
    if program is None:
        return
    image, arch = program.image, debugger.kernel.arch
    wanted = _instructions(debugger.kernel, image.bits, "64" if call.abi == "x32" else call.abi)
    operations = Disassembler(image.bits, arch.bits).operations
    register = arch.convention(call.abi).number
    for segment in image.segments:
        code = image.read(segment.vaddr, segment.file_size) if segment.executable else None
        for site in call_sites(segment.vaddr, code or b"", operations, wanted, register):
            if site.number in {None, call.number, call.direct}:
                yield site.address + program.slide
    address, code = _vsyscall(debugger, image.bits)
    for site in call_sites(address, code, operations, wanted, register):
        yield site.address


def came_from(debugger: Debugger, after: int) -> int | None:
    """Where the call was made that comes back to `after`; None where no instruction leads there."""
    return made_at(after, partial(_read, debugger))


def _instructions(kernel: KernelView, bits: int, abi: str) -> frozenset[bytes]:
    """What makes a call of `abi` in code of `bits`: all of them do one thing in 32-bit code."""
    compat = kernel.arch.compat if bits < kernel.arch.bits else None
    made = kernel.path.instructions.items()
    return frozenset(code for code, convention in made if (compat or convention).abi == abi)


def _vsyscall(debugger: Debugger, bits: int) -> tuple[int, bytes]:
    """The way into the kernel that a program which begins is given: its address and its code."""
    sp = debugger.target.registers()[debugger.kernel.arch.sp]
    first = bits == _BITS_WITH_SYSINFO and debugger.stop.reason is Reason.START
    read = partial(_read, debugger)
    stack = first_stack(read, sp, bits // 8) if first else None
    address = None if stack is None else stack.auxiliary.get(_AT_SYSINFO)
    if stack is None or address is None:
        return 0, b""
    # A page that the program has not touched yet is only in the kernel's memory.
    offset = address - stack.auxiliary.get(_AT_SYSINFO_EHDR, address)
    code = read(address, _VSYSCALL_SIZE) or _vdso(debugger, offset)
    return address, code or b""


def _vdso(debugger: Debugger, offset: int) -> bytes | None:
    """Code at `offset` in the kernel's own copy of the vDSO for 32-bit programs."""
    kernel = debugger.kernel
    image = kernel.path.address(spellings.VDSO_OF_32_BIT_PROGRAMS)
    data = None if image is None else _read(debugger, image, kernel.arch.word, Space.KERNEL)
    if data is None:
        return None
    at = int.from_bytes(data, "little") + offset
    return _read(debugger, at, _VSYSCALL_SIZE, Space.KERNEL)


def _read(debugger: Debugger, address: int, size: int, space: Space = Space.USER) -> bytes | None:
    return debugger.target.read_memory([MemoryRange(space, address, size)])[0]
