"""Pictures of the screen, each looked at once by a person and compared since.

`SYSTUI_DRAW=1 pytest tests/tui/test_pictures.py` draws them anew; look at them before committing.
"""

import os
from pathlib import Path

import pytest
from screen_picture import picture
from still import still

from made_snapshot import CALL, USER, snapshot  # isort: skip

from systui import words
from systui.model.call import Phase
from systui.model.frame import LedgerRow
from systui.model.snapshot import Snapshot
from systui.model.stop import Channel, Output, Reason, Registers, Stop, Task

KEPT = Path(__file__).parent / "snapshots"

LEDGER = (
    LedgerRow("rax", 43, "orig_ax", 106, "movq $-38, 80(%rdi)", 140, None, None, (1 << 64) - 88),
    LedgerRow("rcx", 0x4A4108, None, None, "CPU", 101, "sysretq", 199, 0x401660),
    LedgerRow("rdi", 1, "di", 107, "movq %rsp, %rdi", 130, "popq %rdi", 190, 1),
)
BUILDING = (snapshot(5), snapshot(6))
ENDED = snapshot(
    21,
    stop=Stop(300, Reason.EXIT, 0x401660, Task(1, "accept_43"), exit_status=0),
    phase=Phase.USER,
    registers=Registers(USER),
    call=CALL._replace(result=-88, errno="ENOTSOCK"),
    ledger=LEDGER,
    frame=None,
    output=(Output(Channel.STDOUT, b"Hello accept\n", 290), Output(Channel.STDERR, b"bad\n", 291)),
    latest=300,
)


@pytest.mark.parametrize(
    ("name", "stops", "size", "theme", "keys"),
    [
        ("building-120x40-dark", BUILDING, (120, 40), "dark", ()),
        ("building-120x40-light", BUILDING, (120, 40), "light", ()),
        ("building-80x24-dark", BUILDING, (80, 24), "dark", ("tab", "tab")),
        ("building-100x30-mono", BUILDING, (100, 30), "mono", ()),
        ("ended-200x60-dark", (*BUILDING, ENDED), (200, 60), "dark", ()),
        ("help-100x30-light", BUILDING, (100, 30), "light", ("question_mark",)),
        ("palette-80x24-dark", BUILDING, (80, 24), "dark", ("colon", "b", "a", "c", "k")),
        ("search-120x40-dark", BUILDING, (120, 40), "dark", ("slash", "s", "o", "c", "k")),
        ("empty-80x24-light", (), (80, 24), "light", ()),
    ],
)
async def test_the_screen_is_as_it_was_looked_at(
    name: str,
    stops: tuple[Snapshot, ...],
    size: tuple[int, int],
    theme: str,
    keys: tuple[str, ...],
    tmp_path: Path,
) -> None:
    compare(name, await drawn(stops, size, theme, keys), tmp_path)


async def test_the_screen_in_chinese_is_as_it_was_looked_at(tmp_path: Path) -> None:
    words.use("zh")
    try:
        picture = await drawn((*BUILDING, ENDED), (120, 40), "dark", ("l",))
    finally:
        words.use("en")
    compare("ended-120x40-zh", picture, tmp_path)


async def drawn(
    stops: tuple[Snapshot, ...], size: tuple[int, int], theme: str, keys: tuple[str, ...]
) -> str:
    """The picture after `stops` were shown and `keys` pressed."""
    async with still(*stops, size=size, theme=theme) as (app, pilot):
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        return picture(app)


def compare(name: str, drawn: str, directory: Path) -> None:
    """Fail where the kept picture differs from `drawn`; the new one then lies in `directory`."""
    kept = KEPT / f"{name}.svg"
    if os.environ.get("SYSTUI_DRAW"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(drawn, encoding="utf-8")
    if not kept.exists() or drawn != kept.read_text(encoding="utf-8"):
        now = directory / f"{name}.svg"
        now.write_text(drawn, encoding="utf-8")
        raise AssertionError(f"{kept.name} looks different now: compare {kept} with {now}")
