"""Draws docs/screen.svg from the real thing: `python tests/tui/draw_screen.py`."""

import asyncio
from pathlib import Path

from driving import opened

from systui.tui.picture import picture

SCREEN = Path(__file__).parent.parent.parent / "docs" / "screen.svg"
STEPS = 14
"""Lines from the program's `syscall` to the push that keeps the call's number."""


async def draw() -> None:
    """The followed call in the middle of its entry, pt_regs being built."""
    async with opened(follow="43", size=(120, 40)) as driver:
        await driver.press(*["s"] * STEPS)
        SCREEN.write_text(picture(driver.app), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(draw())
