"""The address space against a page-by-page model, and the calls that change it."""

from fake_machine import SCRATCH, STACK_TOP, FakeMachine, Pages
from hypothesis import given, settings
from hypothesis import strategies as st

from systui.services.content import Content
from systui.services.errors import Refused
from systui.services.memory import PAGE, AddressSpace, Area

BASE = 0x100000
PAGES = st.integers(0, 20)
CHANGE = st.tuples(
    st.sampled_from(["map", "unmap", "protect", "move", "file"]), PAGES, st.integers(1, 6), PAGES
)
CONTENT = Content.of(bytes(range(256)) * 16 * 12)

Model = dict[int, tuple[int, int | None]]
"""Protection and file offset of each mapped page."""


def _space() -> AddressSpace:
    pages = Pages()
    space = AddressSpace(pages, 1 << 30)
    pages.space = space
    return space


def _apply(space: AddressSpace, model: Model, change: tuple[str, int, int, int]) -> None:
    kind, first, count, other = change
    start, end = BASE + first * PAGE, BASE + (first + count) * PAGE
    span = range(first, first + count)
    if kind == "map":
        space.map(Area(start, end, other % 8))
        model.update(dict.fromkeys(span, (other % 8, None)))
    elif kind == "file":
        space.map(Area(start, end, 1, CONTENT, other * PAGE))
        model.update({page: (1, (other + page - first) * PAGE) for page in span})
    elif kind == "unmap":
        space.unmap(start, end)
        for page in span:
            model.pop(page, None)
    elif kind == "protect" and all(page in model for page in span):
        space.protect(start, end, other % 8)
        model.update({page: (other % 8, model[page][1]) for page in span})
    elif kind == "move":
        _move(space, model, first, other + 30, count)


def _move(space: AddressSpace, model: Model, first: int, to: int, count: int) -> None:
    start = BASE + first * PAGE
    area = space.find(start)
    if area is None or area.end < start + count * PAGE:
        return
    space.move(start, BASE + to * PAGE, count * PAGE)
    moved = [model.pop(first + index) for index in range(count)]
    model.update({to + index: page for index, page in enumerate(moved)})


@settings(deadline=None, max_examples=300)
@given(st.lists(CHANGE, max_size=12))
def test_areas_are_what_was_done_to_them(changes: list[tuple[str, int, int, int]]) -> None:
    space, model = _space(), Model()
    for change in changes:
        _apply(space, model, change)
        for page in range(70):
            address = BASE + page * PAGE
            area, expected = space.find(address + 5), model.get(page)
            assert (area is None) == (expected is None)
            if area is not None and expected is not None:
                offset = None if area.content is None else area.offset + address - area.start
                assert (area.prot, offset) == expected
        starts = [area.start for area in space.areas]
        assert starts == sorted(set(starts))
        writable = sum(prot & 2 == 2 for prot, _ in model.values())
        assert space.committed == writable * PAGE


def test_a_page_is_what_the_file_holds_then_zeros() -> None:
    space = _space()
    space.map(Area(BASE, BASE + 3 * PAGE, 3, Content.of(b"x" * 5000)))
    first, second = space.page(BASE), space.page(BASE + PAGE, 2)
    assert first is not None
    assert first.content == b"x" * PAGE
    assert second is not None
    assert second.content == b"x" * (5000 - PAGE)
    assert space.page(BASE + 2 * PAGE) is None
    assert space.page(BASE - 1) is None


def test_free_ranges_are_found_from_the_top() -> None:
    space = _space()
    one = space.find_free(2 * PAGE)
    space.map(Area(one, one + 2 * PAGE, 1))
    two = space.find_free(PAGE)
    assert two == one - PAGE
    space.map(Area(two - 4 * PAGE, two - 2 * PAGE, 1))
    assert space.find_free(2 * PAGE) == two - PAGE
    assert space.find_free(4 * PAGE) == two - 8 * PAGE


def test_the_limit_is_kept() -> None:
    space = AddressSpace(Pages(), 4 * PAGE)
    space.pager.space = space  # type: ignore[attr-defined]
    space.map(Area(BASE, BASE + 4 * PAGE, 3))
    try:
        space.map(Area(BASE + 8 * PAGE, BASE + 9 * PAGE, 3))
    except Refused as refused:
        assert refused.errno == 12
    else:
        raise AssertionError
    space.map(Area(BASE + 8 * PAGE, BASE + 99 * PAGE, 1))
    space.unmap(BASE, BASE + PAGE)
    space.map(Area(BASE, BASE + PAGE, 3))


def test_brk_moves_and_stays() -> None:
    machine = FakeMachine(stdin=b"")
    start = machine.call("brk", 0)
    assert machine.call("brk", start + 10_000) == start + 10_000
    assert machine.call("brk", start - 1) == start + 10_000
    assert machine.call("brk", SCRATCH + 1) == start + 10_000
    machine.pages.write(start + 9_000, b"kept")
    assert machine.call("brk", start + 5_000) == start + 5_000
    assert machine.call("brk", start + 10_000) == start + 10_000
    assert machine.read(start + 9_000, 4) == bytes(4)


def test_shared_mappings_and_their_file() -> None:
    machine = FakeMachine(stdin=b"")
    fd = machine.call("open", "shared", 0o102, 0o600)
    machine.call("ftruncate", fd, 3 * PAGE)
    start = machine.call("mmap", 0, 3 * PAGE, 3, 1, fd, 0)
    machine.pages.write(start + PAGE - 2, b"across")
    buffer = machine.room(8)
    assert machine.call("pread64", fd, buffer, 6, PAGE - 2) == 6
    assert machine.read(buffer, 6) == b"across"
    machine.call("pwrite64", fd, b"changed", 7, 2 * PAGE)
    assert machine.read(start + 2 * PAGE, 7) == b"changed"
    assert machine.read(start + PAGE, 4) == b"ross"
    machine.pages.write(start, b"last")
    assert machine.call("munmap", start, 3 * PAGE) == 0
    machine.call("pread64", fd, buffer, 4, 0)
    assert machine.read(buffer, 4) == b"last"


def test_mremap_keeps_and_moves_contents() -> None:
    machine = FakeMachine(stdin=b"")
    start = machine.call("mmap", 0, 2 * PAGE, 3, 0x22, -1, 0)
    machine.pages.write(start, b"one")
    machine.pages.write(start + PAGE, b"two")
    new = machine.call("mremap", start, 2 * PAGE, 9 * PAGE, 1)
    assert machine.read(new, 3) + machine.read(new + PAGE, 3) == b"onetwo"
    assert machine.read(new + 8 * PAGE, 2) == bytes(2)
    assert machine.call("mremap", new, 9 * PAGE, PAGE, 0) == new
    assert machine.system.task.memory.find(new + PAGE) is None
    assert machine.call("mremap", new, PAGE, 1 << 40, 1) == -12
    assert machine.read(new, 3) == b"one"
    assert machine.call("mremap", STACK_TOP, PAGE, PAGE, 1) == -14


def test_a_refused_mapping_leaves_everything() -> None:
    machine = FakeMachine(stdin=b"", memory=1 << 20)
    start = machine.call("mmap", 0, PAGE, 3, 0x22, -1, 0)
    machine.pages.write(start, b"here")
    before = machine.system.task.memory.areas
    assert machine.call("mmap", start, 1 << 30, 3, 0x32, -1, 0) == -12
    assert machine.system.task.memory.areas == before
    assert machine.read(start, 4) == b"here"
