"""The contract that every target keeps, on a real kernel behind gdb."""

import sys
from pathlib import Path

import pytest
from guests import Guest

for _folder in ("contract", "programs"):
    sys.path.append(str(Path(__file__).parents[1] / _folder))
import program_builder
import scenarios

from systui.model.errors import NotSupportedError

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("each", scenarios.ALL, ids=lambda each: each.name)
def test_contract_on_gdb(each: scenarios.Scenario, guest: Guest) -> None:
    program_builder.KERNELS[guest.image.build_id] = guest.image
    target = guest.boot(program_builder.built(scenarios.PROGRAM), append="nokaslr")
    if each.needs & ~target.capabilities:
        with pytest.raises(NotSupportedError):
            each.play(target)
    else:
        assert each.play(target)
