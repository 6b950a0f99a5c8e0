"""Live code against the image's: patched, or only moved."""

import pytest

from systui.decode.built import same_code

SLIDE = 0x19C0_0000


@pytest.mark.parametrize(
    ("live", "built"),
    [
        ("90", "90"),
        (
            "48c7c70010c09a",
            "48c7c700100081",
        ),  # mov $address, which moved
        ("488b04c50010c09a90", "488b04c50010008190"),
        ("65ff05fde50076", "65ff05fde5c08f"),  # incl %gs:…(%rip): per-CPU data did not move
    ],
)
def test_code_that_was_only_moved_is_the_same(live: str, built: str) -> None:
    assert same_code(bytes.fromhex(live), bytes.fromhex(built), SLIDE)


@pytest.mark.parametrize(
    ("live", "built"),
    [
        ("9090", "eb12"),  # an alternative
        ("0f1f440000", "e8122400ff"),  # ftrace
        ("48c7c70010c09b", "48c7c700100081"),
        ("90", "9090"),
        ("c3", "e9"),
    ],
)
def test_patched_code_is_not(live: str, built: str) -> None:
    assert not same_code(bytes.fromhex(live), bytes.fromhex(built), SLIDE)
    assert not same_code(bytes.fromhex(live), bytes.fromhex(built), 0)
