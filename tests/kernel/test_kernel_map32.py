"""A 32-bit kernel's System.map: its addresses say that it is one."""

from pathlib import Path

import pytest

from systui.kernel.systemmap import open_map
from systui.model.errors import BadInputError

MAP = "00000000 A ABSOLUTE\nc1000000 T _text\nc1931570 T entry_INT80_32\nc1e80808 D current_task\n"


def test_it_stands_for_a_32_bit_image(tmp_path: Path) -> None:
    path = tmp_path / "System.map"
    path.write_text(MAP)
    image = open_map(path)
    assert image.bits == 32
    found = image.locate(0xC193_1575)
    assert found is not None
    assert (found[0].name, found[1]) == ("entry_INT80_32", 5)
    variable = image.symbol("current_task")
    assert variable is not None
    assert variable.address == 0xC1E8_0808


def test_addresses_of_no_kernel_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "System.map"
    path.write_text("00001000 T main\n08049000 T _start\n")
    with pytest.raises(BadInputError, match="an x86 kernel"):
        open_map(path)
