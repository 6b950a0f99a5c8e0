"""The persistent values: a map like dict, contents like bytearray, old copies never changed."""

from hypothesis import given
from hypothesis import strategies as st

from systui.services.content import BLOCK, Content
from systui.services.state import Map

KEYS = st.one_of(st.integers(-5, 60), st.text(max_size=2), st.sampled_from([1 << 60, 1 << 61, 0]))


@given(st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers()))))
def test_a_map_is_a_dict_that_shares(changes: list[tuple[int | str, int | None]]) -> None:
    made: Map[int | str, int] = Map()
    expected: dict[int | str, int] = {}
    history = []
    for key, value in changes:
        history.append((made, dict(expected)))
        if value is None:
            made = made.drop(key)
            expected.pop(key, None)
        else:
            made = made.set(key, value)
            expected[key] = value
    for kept, then in [*history, (made, expected)]:
        assert dict(kept.items()) == then
        assert len(kept) == len(then)
        assert all(kept[key] == value for key, value in then.items())
        assert set(kept) == set(then)


def test_a_map_of_many_keys() -> None:
    made: Map[int, int] = Map()
    for number in range(5000):
        made = made.set(number, number + 1)
    for number in range(0, 5000, 2):
        made = made.drop(number)
    assert dict(made.items()) == {number: number + 1 for number in range(1, 5000, 2)}


class Colliding(int):
    """Keys that only equality tells apart."""

    def __hash__(self) -> int:
        return 7


def test_keys_of_one_hash() -> None:
    made: Map[Colliding, int] = Map({Colliding(n): n + 1 for n in range(50)})
    made = made.drop(Colliding(3))
    assert len(made) == 49
    assert made.get(Colliding(3)) is None
    assert made[Colliding(49)] == 50


EDIT = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 4 * BLOCK), st.binary(max_size=2 * BLOCK)),
    st.tuples(st.just("cut"), st.integers(0, 5 * BLOCK), st.just(b"")),
)


@given(st.binary(max_size=3 * BLOCK), st.lists(EDIT, max_size=8))
def test_contents_are_bytes(first: bytes, edits: list[tuple[str, int, bytes]]) -> None:
    content, expected = Content.of(first), bytearray(first)
    history = []
    for kind, offset, data in edits:
        history.append((content, bytes(expected)))
        if kind == "cut":
            content = content.truncate(offset)
            expected = expected[:offset].ljust(offset, b"\0")
        elif data:
            content = content.write(offset, data)
            expected = expected.ljust(offset, b"\0")
            expected[offset : offset + len(data)] = data
    for kept, then in [*history, (content, bytes(expected))]:
        assert kept.size == len(then)
        assert kept.read(0, len(then) + 10) == then
        assert kept.read(7, BLOCK) == then[7 : 7 + BLOCK]
