"""The fixed set of memory that a recording has of every stop: both stacks' live part."""

from collections.abc import Callable, Mapping

from systui.arch.spec import Architecture

Range = tuple[int | None, int]
"""First address (None: the stack pointer's word) and end."""

Percpu = Callable[[str], int | None]
"""A per-CPU variable's offset from the CPU's base."""

_RING = 3
_PAGE = 4096
_USER_PART = 512
_FRAME_PART = 256
"""Bytes below a thread stack's top that hold pt_regs and its padding."""
_ENTRY_AREA = range(0xFFFFFE0000000000, 0xFFFFFE8000000000)
"""The CPU entry area (Documentation/arch/x86/x86_64/mm.rst)."""
_TOP = "cpu_current_top_of_stack"
_BASES = ("gs_base", "kernel_gs_base")
"""Where the per-CPU area's address may be."""


class Scope:
    """Tells the ranges for one stop after the other."""

    def __init__(self, arch: Architecture, percpu: Percpu) -> None:
        self._arch = arch
        self._percpu = percpu
        self._user_sp = 0
        self._thread: int | None = None
        self._top: int | None = None
        self._top_known = False
        self._known: list[Range] = []
        self._known_for: tuple[int, ...] = ()

    def ranges(self, values: Mapping[str, int]) -> list[Range]:
        """What to keep at a stop with registers `values`, whole words each."""
        # Most instructions change nothing that this depends on.
        by = (values[self._arch.sp], values["cs"], *(values.get(name, 0) for name in _BASES))
        if by != self._known_for:
            self._known_for, self._known = by, self._ranges(values)
        return self._known

    def _ranges(self, values: Mapping[str, int]) -> list[Range]:
        sp = values[self._arch.sp]
        if values["cs"] & _RING:
            self._user_sp, self._thread = sp, None
            return [(None, _user_end(sp))]
        on_user_stack = sp < self._arch.kernel_start
        found = [(None, _user_end(sp)) if on_user_stack else self._kernel_stack(sp)]
        if self._thread is not None and not self._thread - self._size <= sp < self._thread:
            found.append((self._thread - _FRAME_PART, self._thread))
        if on_user_stack:
            return found
        if self._user_sp:
            found.append((self._user_sp & ~7, _user_end(self._user_sp)))
        top = self._top_variable(values)
        if top is not None:
            found.append((top, top + 8))
        return found

    @property
    def _size(self) -> int:
        return max(self._arch.thread_sizes)

    def _kernel_stack(self, sp: int) -> Range:
        """To the end of the thread's stack, or of the page for the CPU's small ones."""
        if sp in _ENTRY_AREA:
            return None, ((sp - 1) | (_PAGE - 1)) + 1
        top = ((sp - 1) | (self._size - 1)) + 1
        self._thread = top
        frame = top - _FRAME_PART  # of interest also where it lies below the stack pointer
        return None if sp < frame else frame, top

    def _top_variable(self, values: Mapping[str, int]) -> int | None:
        """Where the CPU keeps the top of the thread's stack."""
        for name in _BASES:
            base = values.get(name, 0)
            if base >= self._arch.kernel_start:
                if not self._top_known:
                    self._top, self._top_known = self._percpu(_TOP), True
                return None if self._top is None else base + self._top
        return None


def _user_end(sp: int) -> int:
    return (sp & ~7) + _USER_PART
