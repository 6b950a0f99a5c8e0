"""What a call gives when its way back leads into a signal's handler."""

import pytest

from systui.decode.delivery import result_of
from systui.model.stop import Read

RETURNS, SP, BITS = 0x40_1000, 0x7FFF_0000, 64
EINTR = (1 << 64) - 4


def stack(**words: tuple[int, int]) -> Read:
    """The handler's stack: (word size, value) by distance from its stack pointer."""
    memory = {
        SP + int(at[1:]): value.to_bytes(size, "little") for at, (size, value) in words.items()
    }
    return lambda address, size: memory.get(address, bytes(size))


@pytest.mark.parametrize(
    "read",
    [
        stack(_176=(8, RETURNS), _152=(8, EINTR)),
        stack(_64=(4, RETURNS), _52=(4, EINTR & 0xFFFF_FFFF)),
        stack(_220=(4, RETURNS), _208=(4, EINTR & 0xFFFF_FFFF)),
    ],
)
def test_a_handler_comes_first(read: Read) -> None:
    """As struct rt_sigframe, sigframe_ia32 and rt_sigframe_ia32 keep it."""
    assert result_of(0, RETURNS, 0x40_2000, SP, BITS, read) == EINTR


def test_a_call_that_is_made_again_has_no_result_yet() -> None:
    after_handler = stack(_176=(8, RETURNS - 2), _152=(8, 0))
    assert result_of(0, RETURNS, 0x40_2000, SP, BITS, after_handler) is None
    assert result_of(0, RETURNS, RETURNS - 2, SP, BITS, stack()) is None


def test_otherwise_it_is_what_the_frame_holds() -> None:
    """On the usual way back, and where a call leads elsewhere by itself, as execve does."""
    assert result_of(7, RETURNS, RETURNS, SP, BITS, stack()) == 7
    assert result_of(0, RETURNS, 0x40_2000, SP, BITS, stack()) == 0
    assert result_of(0, RETURNS, 0x40_2000, SP, BITS, lambda _address, _size: None) == 0
