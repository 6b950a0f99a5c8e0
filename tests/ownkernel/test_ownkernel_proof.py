"""The proof: a call's way here is the way in the booted kernel, instruction by instruction.

What may differ is enumerated beforehand, from the image's own tables (`patching`): places that
Linux patches while it boots, and one function that looks at state an unbooted kernel lacks. The
handler takes part: it is the kernel's own code here, too.
"""

import functools

import booted
import debugged
import own_kernels
import patching
import pytest
from real_parts import needs

from systui.cli.emulation import Emulation, Wanted
from systui.examples import path as example
from systui.kernel.image import Image
from systui.model.errors import BadInputError

_ACCEPT = 43
_ENOTSOCK = (1 << 64) - 88
_BOOTS = {False: "mitigations=off", True: "pti=on"}
"""Command lines: without page-table isolation, and with it and what else this CPU asks for."""

_SHORTEST = {"6.1": 400, "6.12": 400, own_kernels.SMALL: 200}
"""Instructions that at least are compared."""

pytestmark = pytest.mark.slow


@functools.cache
def _booted(series: str, pti: bool) -> booted.Stepped:
    needs("qemu-system-x86_64", "gdb")
    real = own_kernels.real(series)
    entry = Image.open(real.vmlinux).symbol("entry_SYSCALL_64")
    assert entry is not None
    return booted.stepped(real, example("accept_43"), _ACCEPT, entry.address, _BOOTS[pti])


def _here(series: str, pti: bool, alternatives: bool) -> tuple[list[int], int]:
    wanted = Wanted(
        example("accept_43"),
        pti=pti,
        kernel=own_kernels.vmlinux(series),
        alternatives=alternatives,
    )
    debugger = Emulation(wanted).start(lambda _count: b"")
    debugged.go_to(debugger, str(_ACCEPT))
    way = []
    stop = debugger.step()
    while stop.pc >> 63:
        way.append(stop.pc)
        stop = debugger.step()
    return way, debugger.target.registers()["rax"]


_KINDS = [
    *((series, pti) for series in own_kernels.SERIES for pti in (False, True)),
    (own_kernels.SMALL, False),
]


@pytest.mark.parametrize("alternatives", [False, True], ids=["as-compiled", "patched"])
@pytest.mark.parametrize(
    ("series", "pti"), _KINDS, ids=[f"{series}{'-pti' * pti}" for series, pti in _KINDS]
)
def test_the_way_is_the_booted_kernels(series: str, pti: bool, alternatives: bool) -> None:
    there = _booted(series, pti)
    here, result = _here(series, pti, alternatives)
    assert result == there.result == _ENOTSOCK
    image = Image.open(own_kernels.vmlinux(series))
    allowed = patching.sites(image)
    left = patching.unpatched_way(image, here, allowed)
    assert left == patching.unpatched_way(image, there.addresses, allowed)
    assert len(left) > _SHORTEST[series]


def test_a_kernel_built_without_isolation_says_so() -> None:
    wanted = Wanted(example("accept_43"), pti=True, kernel=own_kernels.vmlinux(own_kernels.SMALL))
    with pytest.raises(BadInputError, match="no page-table isolation"):
        Emulation(wanted).start(lambda _count: b"")
