"""Why a call waits, in words for a person; looked up when shown, not at import."""

from systui.services.host import MAX_INPUT
from systui.services.signals import name_of
from systui.words import _


def waits_for_input() -> str:
    """A read of standard input found nothing."""
    return _("waiting for input on standard input")


def input_is_full() -> str:
    """More was read from a pipe than is kept."""
    return _("more input than the {size} MiB that are kept").format(size=MAX_INPUT >> 20)


def stopped_by(signal: int) -> str:
    """The default action of a signal stopped the program."""
    return _("stopped by {signal}; nothing will continue it").format(signal=name_of(signal))


def waits_for_futex(address: int) -> str:
    """FUTEX_WAIT with nobody to wake it."""
    return _("waiting on the futex at {address}").format(address=f"{address:#x}")


def waits_for_signal() -> str:
    """Pause and its like, with no timer armed."""
    return _("waiting for a signal")


def waits_for_pipe_data() -> str:
    """A read of an empty pipe."""
    return _("waiting for data in a pipe")


def waits_for_pipe_room() -> str:
    """A write to a full pipe."""
    return _("waiting for room in a pipe")


def one_task_only(program: str) -> str:
    """A fork on a kernel that was not booted."""
    return _(
        "{program} asked for a second task: this kernel was not booted and runs one only, so the "
        "call fails with ENOSYS; the bundled kernel runs several"
    ).format(program=program)


def waits_for_event() -> str:
    """A read of an eventfd whose count is 0."""
    return _("waiting for an event's count")


def waits_for_event_room() -> str:
    """A write to an eventfd that would overflow."""
    return _("waiting for an event's count to be read")


def waits_for_timer() -> str:
    """A read of a timerfd that is not armed."""
    return _("waiting for a timer that nobody has set")


def waits_for_descriptors() -> str:
    """Poll or select."""
    return _("waiting for one of several descriptors")


def waits_for_connection() -> str:
    """Accept with nobody there."""
    return _("waiting for a connection")


def waits_for_socket_data() -> str:
    """A receive with nothing there."""
    return _("waiting for data on a socket")


def waits_for_peer() -> str:
    """A send or a connect that the other end has no room for."""
    return _("waiting for the other end of a socket")


def waits_for_child() -> str:
    """wait4 and waitid with children that live on."""
    return _("waiting for a child to end")


def waits_for_vfork(child: int) -> str:
    """The parent of a vfork, until the child has a memory of its own."""
    return _("waiting until {child} runs a file or ends").format(child=child)


def waits_for_time() -> str:
    """A sleep, or a wait with a limit."""
    return _("sleeping")


def deadlock(tasks: list[tuple[int, str, str]]) -> str:
    """All tasks wait for each other, or for nobody: number, name and reason of each."""
    who = "; ".join(f"{tid} ({name}): {why}" for tid, name, why in tasks)
    return _("all tasks wait, and none can be woken: {who}").format(who=who)
