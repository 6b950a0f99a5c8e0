"""The flags register by name: which bits are set, and which that matter are not."""

from systui.arch.spec import Architecture, FlagSpec

_INTERRUPTS = "IF"


def flag_names(value: int, architecture: Architecture) -> tuple[str, ...]:
    """Names of the set flags, lowest bit first; a field wider than a bit as `IOPL=3`."""
    return tuple(
        flag.name if flag.width == 1 else f"{flag.name}={field}"
        for flag in architecture.flags
        if (field := _field(value, flag))
    )


def interrupts_enabled(value: int, architecture: Architecture) -> bool:
    """Whether the CPU takes maskable interrupts (EFLAGS.IF, Intel SDM vol. 1, 3.4.3.3)."""
    return any(flag.name == _INTERRUPTS and _field(value, flag) for flag in architecture.flags)


def _field(value: int, flag: FlagSpec) -> int:
    return value >> flag.bit & ((1 << flag.width) - 1)
