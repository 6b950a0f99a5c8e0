"""Stops where kernel functions begin, at no cost while none of them is called.

Under QEMU's emulator a breakpoint, wherever it lies, slows every indirect jump of the guest: it is
looked for at each. A watchpoint only slows accesses to its page. Most of the kernel's functions
begin with a five-byte NOP, kept for the kernel's function tracer. While the guest runs, this NOP is
made the call that the tracer would make of it, and what the called code reads is watched. That code
saves all that the function and its caller rely on, and while no tracer is at work it calls a bare
return: should systui be killed meanwhile, the call that stays behind does nothing.

Sources: ftrace_caller in arch/x86/kernel/ftrace_64.S, the NOPs in arch/x86/include/asm/nops.h,
`__mcount_loc` in scripts/recordmcount.c. Symbols and live bytes decide whether a kernel is so made.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from systui.model.stop import MemoryRange, Registers, Space
from systui.target.gdb.linux import Linux
from systui.target.gdb.memory import Memory, View
from systui.target.gdb.stub import Stub
from systui.target.protocol import Access

_NOPS = (bytes.fromhex("0f1f440000"), bytes.fromhex("6666666690"))
_LANDING = 4
"""Bytes of ENDBR64, or of the NOP made of it, that may stand before the five."""
_SIZE = 5
_CALL = b"\xe8"
_LOAD = bytes.fromhex("488b15")
"""MOV to rdx, the tracer's third argument, from memory told relative to rip."""
_LOAD_SIZE = 7
_LONGEST = 1024
"""Bytes of ftrace_caller up to its call of the tracer; about 150 so far."""
_WORD = 8
_STEPS = 64
"""More instructions than lie between that load and the traced function."""


class _Tracer(NamedTuple):
    """What the calls lead to."""

    start: int
    loaded: int
    """Behind the load of what is watched."""
    watched: int


class Ftrace:
    """The functions that are stopped at in this way, armed for one run at a time."""

    def __init__(self, stub: Stub, memory: Memory, linux: Linux) -> None:
        self._stub = stub
        self._memory = memory
        self._linux = linux
        self._pc = linux.arch.pc
        self._tracer: _Tracer | None = None
        """While functions are armed."""
        self._watch = 0
        """gdb's number of the watchpoint, meanwhile."""
        self._functions: dict[int, int] = {}
        """Each that is armed, by where its code goes on behind the call."""
        self._replaced: dict[int, bytes] = {}
        """What stood where there are calls now."""

    # --- armed and disarmed ------------------------------------------------------------------

    def arm(self, view: View, functions: Iterable[int]) -> frozenset[int]:
        """Arm those of `functions` with which it can be done; returns which.

        A CPU that stands at the beginning of one must have gone on from there: see `behind`.
        """
        places = {at: site for at in functions if (site := self._site(at)) is not None}
        tracer = self._find_tracer(view) if places else None
        if tracer is None:
            return frozenset()
        self._watch = self._stub.watch(tracer.watched, _WORD, Access.ANY)
        self._tracer = tracer
        code = self._read(view, [(site, _SIZE) for site in places.values()])
        for (function, site), found in zip(places.items(), code, strict=True):
            call = _call(site, tracer.start)
            if found in {*_NOPS, call}:  # one that was left behind will do
                self._functions[site + _SIZE] = function
                self._replaced[site] = _NOPS[0] if found == call else found
                self._memory.write(view, Space.KERNEL, site, call)
        return frozenset(self._functions.values())

    def disarm(self, view: View) -> None:
        """Put back what stood there, unless the guest has put something else there itself."""
        if self._tracer is None:
            return
        tracer, self._tracer = self._tracer, None
        replaced = dict(self._replaced)
        self._functions.clear()
        self._replaced.clear()
        self._stub.delete([self._watch])
        for site, code in zip(
            replaced, self._read(view, [(site, _SIZE) for site in replaced]), strict=True
        ):
            if code == _call(site, tracer.start):
                self._memory.write(view, Space.KERNEL, site, replaced[site])

    # --- at a stop ---------------------------------------------------------------------------

    def called(self, registers: Registers) -> bool:
        """Whether a CPU stands where what is watched was read."""
        return self._tracer is not None and registers[self._pc] == self._tracer.loaded

    def under_way(self, registers: Registers) -> bool:
        """Whether a CPU has called, and has not been stopped for it yet."""
        tracer = self._tracer
        return tracer is not None and tracer.start <= registers[self._pc] <= tracer.loaded

    def leave(self, thread: int) -> int | None:
        """Let a CPU come back from the call; returns whose beginning it was called from.

        None where it was called from a function that is not armed.
        """
        for _step in range(_STEPS):
            self._stub.step(thread)
            function = self._functions.get(self._stub.registers(thread)[self._pc])
            if function is not None:
                return function
        return None

    def behind(self, function: int) -> int:
        """Where the code of `function` goes on behind the NOP; itself where there is none."""
        site = self._site(function)
        return function if site is None else site + _SIZE

    # --- what the kernel is made like --------------------------------------------------------

    @cached_property
    def _sites(self) -> bytes:
        """Addresses of all NOPs that are kept for the tracer, as they were linked."""
        image = self._linux.image
        ends = [image.symbol(f"__{end}_mcount_loc") for end in ("start", "stop")]
        start, stop = (None if end is None else end.address for end in ends)
        if start is None or stop is None or stop < start:
            return b""
        return image.read(start, stop - start) or b""

    def _site(self, function: int) -> int | None:
        """Where the NOP of the function that begins at `function` lies."""
        linked = function - self._linux.slide
        for site in (linked, linked + _LANDING):
            if self._is_site(site):
                return site + self._linux.slide
        return None

    def _is_site(self, address: int) -> bool:
        if not 0 <= address < 1 << 8 * _WORD:
            return False
        wanted, found = address.to_bytes(_WORD, "little"), -1
        while (found := self._sites.find(wanted, found + 1)) >= 0:
            if not found % _WORD:
                return True
        return False

    def _find_tracer(self, view: View) -> _Tracer | None:
        """None where a tracer is at work, or the code is not as it is known."""
        names = ("ftrace_caller", "ftrace_call", "ftrace_stub", "function_trace_op")
        start, call, stub, watched = map(self._linux.address, names)
        if start is None or call is None or stub is None or watched is None:
            return None
        if not 0 < call - start <= _LONGEST:
            return None
        (code,) = self._read(view, [(start, call - start + _SIZE)])
        if code is None or code[-_SIZE:] != _call(call, stub):
            return None
        at = code.find(_LOAD)
        while at >= 0:
            behind = start + at + _LOAD_SIZE
            distance = int.from_bytes(
                code[at + len(_LOAD) : at + _LOAD_SIZE], "little", signed=True
            )
            if behind + distance == watched:
                return _Tracer(start, behind, watched)
            at = code.find(_LOAD, at + 1)
        return None

    def _read(self, view: View, places: Iterable[tuple[int, int]]) -> list[bytes | None]:
        return self._memory.read(view, [MemoryRange(Space.KERNEL, *place) for place in places])


def _call(site: int, function: int) -> bytes:
    return _CALL + (function - site - _SIZE & 0xFFFFFFFF).to_bytes(4, "little")
