"""Call frame information, held against pyelftools' reading of the same tables."""

from pathlib import Path

import pytest
from elftools.dwarf.callframe import FDE
from elftools.elf.elffile import ELFFile

from systui import examples, minikernel
from systui.kernel.cfi import CallFrames
from systui.kernel.image import Image

_OFFSET, _UNDEFINED = "OFFSET", "UNDEFINED"


@pytest.mark.parametrize(
    "path", [minikernel.path(), examples.path("accept_43")], ids=["kernel", "program"]
)
def test_every_row_of_every_function_is_the_same(path: Path) -> None:
    frames = CallFrames(Image.open(path))
    compared = 0
    with path.open("rb") as file:
        info = ELFFile(file).get_dwarf_info()
        entries = info.EH_CFI_entries() if info.has_EH_CFI() else info.CFI_entries()
        for entry in entries:
            if not isinstance(entry, FDE):
                continue
            end = entry["initial_location"] + entry["address_range"]
            rows = entry.get_decoded().table
            for row, following in zip(rows, [*rows[1:], {"pc": end}], strict=True):
                if following["pc"] <= row["pc"]:
                    continue
                told = [frames.rules(at) for at in (row["pc"], following["pc"] - 1)]
                assert told[0] == told[1]
                compared += _same(row, told[0])
    assert compared > 100


def _same(row: dict[object, object], told: object) -> int:
    from systui.kernel.cfi import Rules

    cfa = row["cfa"]
    columns = {key: rule for key, rule in row.items() if isinstance(key, int)}
    plain = all(rule.type in (_OFFSET, _UNDEFINED) for rule in columns.values())  # type: ignore[attr-defined]
    if cfa.expr is not None or not plain:  # type: ignore[attr-defined]
        assert told is None
        return 0
    assert isinstance(told, Rules)
    assert (told.register, told.offset) == (cfa.reg, cfa.offset)  # type: ignore[attr-defined]
    want = {key: rule.arg if rule.type == _OFFSET else None for key, rule in columns.items()}  # type: ignore[attr-defined]
    assert {key: rule.offset for key, rule in told.saved.items()} == want
    return 1


def test_damaged_tables_have_no_rules_and_raise_nothing() -> None:
    import random

    class Damaged:
        """The program with bytes of its table changed."""

        def __init__(self, image: Image, seed: int) -> None:
            self._image = image
            self._random = random.Random(seed)

        def content_of(self, name: str) -> bytes:
            data = bytearray(self._image.content_of(name)[:20000])
            for _turn in range(40 if data else 0):
                data[self._random.randrange(len(data))] = self._random.randrange(256)
            return bytes(data)

        def __getattr__(self, name: str) -> object:
            return getattr(self._image, name)

    image = Image.open(examples.path("accept_43"))
    for seed in range(40):
        frames = CallFrames(Damaged(image, seed))  # type: ignore[arg-type]
        for address in range(0x401000, 0x402000, 37):
            frames.rules(address)
