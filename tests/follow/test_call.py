"""CALL = [abi:]number|name[#nth]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from systui.follow.call import CallSpec
from systui.kernel.syscalls import X32_BIT, SyscallTable, bundled
from systui.model.errors import BadInputError

TABLE: SyscallTable = bundled("x86_64")


@pytest.mark.parametrize(
    ("text", "abi", "number", "name", "occurrence"),
    [
        ("43", "64", 43, "accept", 1),
        ("0x2b", "64", 43, "accept", 1),
        (" accept ", "64", 43, "accept", 1),
        ("accept#3", "64", 43, "accept", 3),
        ("64:43#2", "64", 43, "accept", 2),
        ("sys_accept", "64", 43, "accept", 1),
        ("__x64_sys_accept", "64", 43, "accept", 1),
        ("9999", "64", 9999, "9999", 1),
        ("-1", "64", 0xFFFF_FFFF, "4294967295", 1),
        ("readv", "64", 19, "readv", 1),
        ("x32:readv", "x32", 515 | X32_BIT, "readv", 1),
        ("x32:0", "x32", X32_BIT, "read", 1),
        ("i386:9", "i386", 9, "link", 1),
    ],
)
def test_forms(text: str, abi: str, number: int, name: str, occurrence: int) -> None:
    assert CallSpec.parse(text, TABLE) == CallSpec(abi, number, name, occurrence)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("acept", "no system call is named 'acept'; near to it: accept"),
        ("zzzzzz", "`systui syscalls` prints them all"),
        ("", "write [abi:]number or name"),
        ("#2", "write [abi:]number or name"),
        ("a:b:c", "write [abi:]number or name"),
        ("arm:43", "call ABI 'arm' is not known; there are 64, x32, i386"),
        ("43#0", "call occurrence '#0'"),
        ("43#x", "call occurrence '#x'"),
        ("43#", "call occurrence '#'"),
        ("0x100000000", "does not fit the 32 bits"),
        ("-2147483649", "does not fit the 32 bits"),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    with pytest.raises(BadInputError) as caught:
        CallSpec.parse(text, TABLE)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_matching_looks_at_the_low_half() -> None:
    accept = CallSpec.parse("43", TABLE)
    assert accept.matches("64", 43)
    assert accept.matches("64", 0xDEAD_BEEF_0000_002B)
    assert not accept.matches("64", 44)
    assert not accept.matches("i386", 43)
    assert CallSpec.parse("-1", TABLE).matches("64", (1 << 64) - 1)


def test_x32_comes_in_by_the_same_door() -> None:
    read = CallSpec.parse("x32:read", TABLE)
    assert read.matches("64", X32_BIT)
    assert not read.matches("64", 0)


def test_titles() -> None:
    assert str(CallSpec.parse("accept#2", TABLE)) == "43 accept #2"
    assert str(CallSpec.parse("9999", TABLE)) == "9999"


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        spec = CallSpec.parse(text, TABLE)
    except BadInputError:
        return
    assert 0 <= spec.number <= 0xFFFF_FFFF
    assert spec.occurrence >= 1
