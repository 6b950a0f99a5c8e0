"""Live code beside the image's: a running kernel rewrites its own (arch/x86/kernel/alternative.c,
static_call.c, jump_label.c, ftrace.c)."""

_FIELD = 4
"""Bytes of an address in code: moving the kernel adds to an absolute one (R_X86_64_32S), and
takes from one of per-CPU data relative to rip (arch/x86/boot/compressed/misc.c)."""


def same_code(live: bytes, built: bytes, slide: int) -> bool:
    """Whether `live` is what the image holds as `built`, moved by `slide` bytes."""
    if len(live) != len(built):
        return False
    at = 0
    while live[at:] != built[at:]:
        while live[at] == built[at]:
            at += 1
        end = next((end for end in _ends(at) if _moved(live, built, end, slide)), None)
        if end is None:
            return False
        at = end
    return True


def _ends(differs: int) -> range:
    """Where a field may end of which the byte at `differs` is the first to differ."""
    return range(differs + 1, differs + _FIELD + 1)


def _moved(live: bytes, built: bytes, end: int, slide: int) -> bool:
    if not slide or not _FIELD <= end <= len(live):
        return False
    field = slice(end - _FIELD, end)
    was = int.from_bytes(built[field], "little")
    now = int.from_bytes(live[field], "little")
    return now in {was + slide & 0xFFFF_FFFF, was - slide & 0xFFFF_FFFF}
