"""Text out of files that nobody vouches for, made safe to put on a terminal."""

_SIGNS = {
    **{code: 0x2400 + code for code in range(32) if code != 0x09},
    0x7F: 0x2421,
    **dict.fromkeys(
        [*range(0x80, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
        0xFFFD,
    ),
}


def harmless(text: str) -> str:
    """`text` with control characters as visible signs; those that reorder text are replaced.

    Tabs stay.
    """
    return text if text.isprintable() else text.translate(_SIGNS)
