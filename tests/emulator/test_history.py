"""Memory through time against the plainest model there is: whole copies."""

import mmap

from hypothesis import given, settings
from hypothesis import strategies as st

from systui.target.emulator.history import PAGE, MemoryHistory

FRAMES = [index * PAGE for index in range(5)]
writes = st.lists(st.tuples(st.sampled_from(FRAMES), st.integers(0, 3)), max_size=4)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("write"), writes),
        st.tuples(st.just("back"), st.integers(0, 30)),
        st.tuples(st.just("drop"), st.integers(0, 30)),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(acts)
def test_every_checkpoint_is_what_memory_was(plan: list[tuple[str, object]]) -> None:
    memory = mmap.mmap(-1, len(FRAMES) * PAGE)
    memory[0:PAGE] = b"\x07" * PAGE
    history = MemoryHistory(memory, FRAMES[:2])
    history.record(0, ())
    copies = {0: bytes(memory[:])}
    here = 0
    for kind, value in plan:
        positions = sorted(copies)
        if kind == "write":
            assert isinstance(value, list)
            here = _write(memory, history, copies, here, value)
        elif kind == "back":
            assert isinstance(value, int)
            there = positions[value % len(positions)]
            history.put_back(there, here, (), FRAMES)
            assert memory[:] == copies[there]
            here = there
        elif len(positions) > 1:
            assert isinstance(value, int)
            gone = positions[1 + value % (len(positions) - 1)]
            if gone != here:
                history.drop(gone)
                del copies[gone]
    for position, copy in copies.items():
        for frame in FRAMES:
            assert history.content(frame, position) == copy[frame : frame + PAGE]


def _write(
    memory: mmap.mmap,
    history: MemoryHistory,
    copies: dict[int, bytes],
    here: int,
    writes: list[tuple[int, int]],
) -> int:
    """Change memory and keep it, in the middle of the checkpoints where `here` is not the last."""
    following = min((position for position in copies if position > here), default=here + 2000)
    if following - here < 2:
        return here
    for frame, value in writes:
        memory[frame : frame + PAGE] = bytes((value,)) * PAGE
    position = (here + following) // 2
    history.record(position, {frame for frame, _value in writes})
    copies[position] = bytes(memory[:])
    return position


def test_what_is_equal_is_stored_once() -> None:
    memory = mmap.mmap(-1, PAGE)
    history = MemoryHistory(memory, ())
    history.record(0, ())
    history.record(1, {0})
    assert history.stored == 0
    memory[0:4] = b"abcd"
    history.record(2, {0})
    history.record(3, {0})
    assert history.stored == 1


def test_frames_that_nobody_uses_are_let_be() -> None:
    memory = mmap.mmap(-1, 2 * PAGE)
    history = MemoryHistory(memory, ())
    history.record(0, ())
    memory[0:4] = b"used"
    memory[PAGE : PAGE + 4] = b"gone"
    assert history.put_back(0, 0, {0, PAGE}, {0}) == {0}
    assert (memory[0:4], memory[PAGE : PAGE + 4]) == (bytes(4), b"gone")
    assert history.put_back(0, 0, (), {0, PAGE}) == {PAGE}
    assert memory[PAGE : PAGE + 4] == bytes(4)
