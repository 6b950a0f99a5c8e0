"""The flags register by name: which bits are set, and which that matter are not."""

from systui.arch.spec import Architecture, FlagSpec


def flag_names(value: int, architecture: Architecture) -> tuple[str, ...]:
    """Names of the set flags, lowest bit first; a field wider than a bit as `IOPL=3`."""
    return tuple(
        flag.name if flag.width == 1 else f"{flag.name}={field}"
        for flag in architecture.flags
        if (field := _field(value, flag))
    )


def _field(value: int, flag: FlagSpec) -> int:
    return value >> flag.bit & ((1 << flag.width) - 1)
