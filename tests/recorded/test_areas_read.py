"""What is read for a stop's fixed set: a little more than it, and never less."""

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from systui.arch.x86_64 import X86_64
from systui.model.stop import MemoryRange
from systui.target.recording.memory import Area, SegmentMemory
from systui.target.recording.scope import Scope

PAGE = 4096
USER, STACK, GS = 0x7FFC_0000_0000, 0xFFFF_C900_0000_0000, 0xFFFF_8880_0000_0000
TOP = 0x1FB90
"""Where cpu_current_top_of_stack lies in the per-CPU area."""


class Sparse:
    """Memory of which some pages are there; each word holds its address and how often it changed.

    Stands for a target as far as `SegmentMemory` asks one.
    """

    def __init__(self, missing: frozenset[int]) -> None:
        self.missing = missing
        self.changes: dict[int, int] = {}

    def read_memory(self, ranges: Sequence[MemoryRange]) -> list[bytes | None]:
        return [self.read(one.address, one.size) for one in ranges]

    def read(self, low: int, size: int) -> bytes | None:
        if any(page in self.missing for page in range(low & -PAGE, low + size, PAGE)):
            return None
        first = low & ~7
        words = (at + self.changes.get(at, 0) for at in range(first, low + size, 8))
        return b"".join(word.to_bytes(8, "little") for word in words)[low - first :][:size]


class Nothing:
    """Constants that are none."""

    def holds(self, _address: int, _data: bytes) -> bool:
        return True


def wanted(memory: Sparse, scope: Scope, values: dict[str, int]) -> list[Area]:
    """The fixed set as the format describes it, read on its own."""
    areas = []
    for low, high in scope.ranges(values):
        start = values["rsp"] & ~7 if low is None else low
        data = memory.read(start, high - start) if high > start else None
        if not data:
            data = memory.read(start, (start | (PAGE - 1)) + 1 - start)
        if data:
            areas.append((start, data))
    return areas


moves = st.tuples(
    st.sampled_from(["user", "kernel"]),
    st.one_of(st.integers(-12, 12), st.integers(-700, 700)),
    st.one_of(st.none(), st.integers(0, 60)),
)


@example([("kernel", 4, None), ("kernel", 4, None)], frozenset([STACK + 3 * PAGE]))
@given(
    st.lists(moves, min_size=1, max_size=40),
    st.frozensets(st.sampled_from([USER, USER + PAGE, STACK, STACK + PAGE, STACK + 3 * PAGE, GS])),
)
def test_the_areas_are_those_of_a_look_on_its_own(
    steps: list[tuple[str, int, int | None]], missing: frozenset[int]
) -> None:
    memory = Sparse(missing)
    constants: object = Nothing()
    ours, theirs = (Scope(X86_64, {"cpu_current_top_of_stack": TOP}.get) for _ in range(2))
    segment = SegmentMemory(memory, X86_64, ours, constants, lambda _address: None)  # type: ignore[arg-type]
    known: list[Area] = []
    tops = {"user": USER + PAGE - 0x40, "kernel": STACK + 2 * PAGE - 0x40}
    for mode, words, changed in steps:
        tops[mode] += 8 * words
        sp = tops[mode]
        if changed is not None:
            memory.changes[(sp + 8 * changed) & ~7] = len(memory.changes) + 1
        values = {"rip": STACK, "rsp": sp, "cs": 0x33 if mode == "user" else 0x10, "gs_base": GS}
        expected = wanted(memory, theirs, values)
        look = segment.look(values)
        known = known if look.areas is None else look.areas[1]
        assert known == expected
