"""A program's first stack is read by the page: each read of a guest's is a trip to it."""

from systui.session.firststack import FirstStack, first_stack

PAGE = 4096
BASE = 0x7FFC_0000_0000


def test_it_is_read_by_the_page_as_far_as_it_is_there() -> None:
    words = [1, 0xBEEF, 0, 0xCAFE, 0, 32, 0xF7F0_0000, 33, 0xF7EF_0000, 0, 0]
    content = b"".join(word.to_bytes(4, "little") for word in words)
    start = BASE + PAGE - 6 * 4  # the vector lies across the pages' border
    memory = content.ljust(6 * 4 + PAGE, b"\0")
    reads: list[tuple[int, int]] = []

    def read(address: int, size: int) -> bytes | None:
        reads.append((address, size))
        at = address - start
        return memory[at : at + size] if at + size <= len(memory) else None

    found = first_stack(read, start, 4)
    assert found == FirstStack(1, {32: 0xF7F0_0000, 33: 0xF7EF_0000, 0: 0})
    assert len(reads) == 2

    memory = memory[: 6 * 4]  # the second page is not there
    cut = first_stack(read, start, 4)
    assert cut is not None
    assert cut.auxiliary == {}
