"""Code that is known from one place on is told so that the latest is what a reader keeps."""

from hypothesis import given
from hypothesis import strategies as st

from systui.target.recorded.pages import Pages
from systui.target.recording.constants import Constants, Views

START = 0xFFFF_FFFF_8100_0000


class Constant:
    """An image of which nothing is ever written."""

    def is_constant(self, _address: int) -> bool:
        return True


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9000), st.integers(0, 255)), max_size=30)
)
def test_the_latest_of_what_overlaps_is_what_is_known(reads: list[tuple[int, int, int]]) -> None:
    kernel: object = Constant()
    constants = Constants(Views(kernel, 0, None, 0), START)  # type: ignore[arg-type]
    expected, told = Pages(), Pages()
    for at, size, byte in reads:
        constants.take(START + 64 * at, bytes([byte]) * size)
        expected.write(START + 64 * at, bytes([byte]) * size)
    for pieces in constants.everything():
        assert pieces
        assert len(pieces) == 1 or sum(map(len, pieces.values())) <= 1 << 13
        for address, data in pieces.items():
            told.write(address, data)
    for at, size, _byte in reads:
        where = START + 64 * at, size
        assert told.read(*where) == expected.read(*where)
