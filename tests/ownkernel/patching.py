"""What Linux changes in its code while it boots, as an image's own tables tell: a way's allowed
differences, kind by kind, and what is left of a way without them."""

import struct
from collections.abc import Iterable, Iterator

from systui.kernel.image import Image
from systui.target.emulator import alternatives

HELPERS = (
    *("__fentry__", "__x86_return_thunk", "__x86_indirect_thunk_", "retbleed_", "srso_"),
    *("zen_untrain_ret", "entry_untrain_ret", "entry_ibpb", "clear_bhb_loop", "its_return_thunk"),
    *("__static_call_return0", "__SCT__", "native_", "__native_"),
    *("pv_native_", "__raw_callee_save_"),
)
"""Functions that code at patch sites calls on one side and has inline, or not at all, on the
other: the tracer's hook, thunks, static calls' trampolines, paravirt's native operations."""

STATE = ("fpregs_assert_state_consistent",)
"""Functions that go their own way by state that no table tells of: an unbooted kernel's first task
never had its FPU loaded."""


def sites(image: Image) -> dict[str, list[range]]:
    """Address ranges that may differ, by kind."""
    return {
        "alternatives": [
            range(row.address, row.address + row.size) for row in alternatives.rows(image)
        ],
        "espfix": list(_espfix(image)),
        "tracer calls": [
            range(at, at + 5) for at in _words(image, "__start_mcount_loc", "__stop_mcount_loc")
        ],
        "return sites": list(_relative(image, ".return_sites")),
        "retpolines": list(_relative(image, ".retpoline_sites")),
        "paravirt calls": list(_paravirt(image)),
        "tests before alternatives": list(_whole(image, ".altinstr_aux")),
        "jump labels": list(
            _relative_table(
                image, "__start___jump_table", "__stop___jump_table", 8 + image.bits // 8
            )
        ),
        "static calls": list(
            _relative_table(image, "__start_static_call_sites", "__stop_static_call_sites", 8)
        ),
    }


def unpatched_way(image: Image, way: Iterable[int], allowed: dict[str, list[range]]) -> list[str]:
    """`way` as symbol+offset, without what may differ.

    A repeated string instruction counts once: how often it shows is the stepper's choice.
    """
    inside = {address for ranges in allowed.values() for each in ranges for address in each}
    left = []
    before = None
    for address in way:
        again, before = address == before, address
        if again:
            continue
        place = image.locate(address)
        name = "" if place is None else place[0].name
        if address in inside or name.startswith(HELPERS) or name in STATE:
            continue
        left.append(f"{name}+{address - place[0].address:#x}" if place else f"{address:#x}")
    return left


def _espfix(image: Image) -> Iterator[range]:
    """A check that code as compiled jumps over, and that all booted 32-bit kernels make."""
    for row in alternatives.rows(image):
        if alternatives.skips_espfix(image, row):
            distance = (image.read(row.address + 1, 1) or b"\0")[0]
            yield range(row.address, row.address + 2 + distance)


def _words(image: Image, first: str, last: str) -> Iterator[int]:
    data, _address = _between(image, first, last)
    form = "<Q" if image.bits == 64 else "<I"
    for (word,) in struct.iter_unpack(form, data[: len(data) & -8]):
        yield word


def _between(image: Image, first: str, last: str) -> tuple[bytes, int]:
    start, end = image.symbol(first), image.symbol(last)
    if start is None or end is None:
        return b"", 0
    return image.read(start.address, end.address - start.address) or b"", start.address


def _whole(image: Image, name: str) -> Iterator[range]:
    """A section that code jumps to from alternatives' first form (static_cpu_has())."""
    section = image.section(name)
    if section is not None:
        yield range(section.address, section.address + section.size)


def _relative(image: Image, name: str) -> Iterator[range]:
    section = image.section(name)
    if section is None:
        return
    data = image.read(section.address, section.size) or b""
    for index, (distance,) in enumerate(struct.iter_unpack("<i", data[: len(data) & -4])):
        at = section.address + 4 * index + distance
        yield range(at, at + 5)


def _relative_table(image: Image, first: str, last: str, size: int) -> Iterator[range]:
    data, address = _between(image, first, last)
    for offset in range(0, len(data) - size + 1, size):
        at = address + offset + struct.unpack_from("<i", data, offset)[0]
        yield range(at, at + 5)


def _paravirt(image: Image) -> Iterator[range]:
    section = image.section(".parainstructions")
    data = b"" if section is None else image.read(section.address, section.size) or b""
    form, step = ("<QBB", 16) if image.bits == 64 else ("<IBB", 8)
    for offset in range(0, len(data) - step + 1, step):
        at, _kind, size = struct.unpack_from(form, data, offset)
        yield range(at, at + size)
