"""How a program ended, in words for a person."""

from systui.services.ports import Ended
from systui.words import _


def describe(ended: Ended) -> str:
    """One clause: the status, or the signal with what the program did and where."""
    if ended.signal is None:
        return _("exited with status {status}").format(status=ended.status)
    text = _("killed by {signal}").format(signal=ended.signal_name)
    if ended.address is not None and ended.ip is not None:
        return _("{killed}: bad access to {address} by the instruction at {ip}").format(
            killed=text, address=f"{ended.address:#x}", ip=f"{ended.ip:#x}"
        )
    if ended.ip is not None:
        return _("{killed} at {ip}").format(killed=text, ip=f"{ended.ip:#x}")
    return text
