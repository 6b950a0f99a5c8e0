"""Colours as a terminal has them: all, 256 or 16; and how well one reads on another."""

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from math import dist

RGB = tuple[int, int, int]

_CUBE = (0, 95, 135, 175, 215, 255)
"""xterm's colour cube: the six strengths of each component, colours 16 to 231."""

ANSI: dict[str, RGB] = {
    "black": (0, 0, 0),
    "red": (170, 0, 0),
    "green": (0, 170, 0),
    "yellow": (170, 85, 0),
    "blue": (0, 0, 170),
    "magenta": (170, 0, 170),
    "cyan": (0, 170, 170),
    "white": (170, 170, 170),
    "bright_black": (85, 85, 85),
    "bright_red": (255, 85, 85),
    "bright_green": (85, 255, 85),
    "bright_yellow": (255, 255, 85),
    "bright_blue": (85, 85, 255),
    "bright_magenta": (255, 85, 255),
    "bright_cyan": (85, 255, 255),
    "bright_white": (255, 255, 255),
}
"""The sixteen by name, as the VGA's text mode has them; a terminal may have its own."""


class Depth(IntEnum):
    """How many colours a terminal has."""

    SIXTEEN = 16
    MANY = 256
    ALL = 1 << 24


def rgb(text: str) -> RGB:
    """The components of `#rrggbb`, 0 to 255 each."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def hexadecimal(colour: RGB) -> str:
    """`#rrggbb` of the components."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


@lru_cache(maxsize=4096)
def contrast(a: RGB, b: RGB) -> float:
    """WCAG 2.1's contrast ratio, 1 to 21."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=1024)
def nearest(colour: RGB, depth: Depth) -> RGB:
    """The colour of a terminal of `depth` that looks most like `colour`."""
    if depth is Depth.ALL:
        return colour
    return min(_known(depth), key=lambda known: distance(known, colour))


@lru_cache(maxsize=4096)
def readable(ink: RGB, ground: RGB, wanted: float, depth: Depth) -> RGB:
    """The colour most like `ink` that reads on `ground` at a contrast of `wanted`.

    The best there is where none reaches that.
    """
    known = _known(depth)
    enough = [colour for colour in known if contrast(colour, ground) >= wanted]
    if not enough:
        return max(known, key=lambda colour: contrast(colour, ground))
    return min(enough, key=lambda colour: distance(colour, ink))


@lru_cache(maxsize=2)
def _known(depth: Depth) -> Sequence[RGB]:
    if depth is Depth.SIXTEEN:
        return tuple(ANSI.values())
    cube = [(red, green, blue) for red in _CUBE for green in _CUBE for blue in _CUBE]
    greys = [(level, level, level) for level in range(8, 248, 10)]
    return (*cube, *greys)


def _luminance(colour: RGB) -> float:
    """WCAG 2.1's relative luminance."""
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def distance(a: RGB, b: RGB) -> float:
    """How differently two colours look: the distance in CIELAB (CIE 1976)."""
    return dist(_lab(a), _lab(b))


@lru_cache(maxsize=1024)
def _lab(colour: RGB) -> tuple[float, float, float]:
    red, green, blue = map(_linear, colour)
    x = _root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505)
    y = _root(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(share: float) -> float:
    return share ** (1 / 3) if share > 0.008856 else 7.787 * share + 16 / 116
