"""32-bit programs where they cannot run: one clear line."""

import program_builder
import pytest

from systui.kernel.image import Image
from systui.model.errors import BadInputError
from systui.target.emulator.options import EmulatorOptions
from systui.target.emulator.target import EmulatorTarget


def test_a_kernel_without_a_way_in_is_named() -> None:
    program = program_builder.built("scenario_32", "bare32")
    other = Image.open(program_builder.built("scenario"))
    with pytest.raises(BadInputError, match="scenario was built without a way in for its calls"):
        EmulatorTarget.start(other, program, (), EmulatorOptions())
