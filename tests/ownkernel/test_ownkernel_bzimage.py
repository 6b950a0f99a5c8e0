"""Distributions' compressed kernels walk as their vmlinux do."""

import dataclasses

import debugged
import own_kernels
import pytest

from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example

_STEPS = 120


def _way(wanted: Wanted) -> list[tuple[int, str | None, str]]:
    made = Emulation(wanted).start(lambda _count: b"")
    debugged.go_to(made, "43")
    found = []
    for _ in range(_STEPS):
        snapshot = made.snapshot()
        found.append((snapshot.stop.pc, snapshot.location.symbol, str(snapshot.phase)))
        made.step()
    return found


@pytest.mark.parametrize("named", ["System.map", "kallsyms"])
@pytest.mark.parametrize("series", own_kernels.ALL)
def test_it_walks_as_its_vmlinux(series: str, named: str) -> None:
    real = own_kernels.real(series)
    symbols = real.system_map if named == "System.map" else None
    wanted = Wanted(example("accept_43"), kernel=real.bzimage, symbols=symbols)
    assert _way(wanted) == _way(Wanted(example("accept_43"), kernel=real.vmlinux))


def test_another_releases_system_map_is_refused() -> None:
    from systui.cli.kernels import Own
    from systui.model.errors import BadInputError

    mixed = dataclasses.replace(
        own_kernels.real("6.1"), system_map=own_kernels.real("6.12").system_map
    )
    with pytest.raises(BadInputError, match="another kernel"):
        Own(mixed.bzimage, symbols=mixed.system_map).open()
