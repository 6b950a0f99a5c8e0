"""Error names against the host's."""

import errno as host

from systui.decode.errno import NAMES, NUMBERS, errno_of, signed


def test_numbers_are_linuxs() -> None:
    for name, number in vars(host).items():
        if name.startswith("E") and name in NUMBERS:
            assert NUMBERS[name] == number, name
    assert {number for number in host.errorcode if number < 512} <= set(NAMES)


def test_results() -> None:
    assert errno_of(signed((1 << 64) - 88)) == "ENOTSOCK"
    assert errno_of(0) is None
    assert errno_of(-4096) is None
    assert errno_of(-4000) is None
    assert errno_of(9) is None
