"""Why the target stands, where that is more than a step: one sentence, and what to do now."""

from systui.model.snapshot import Snapshot
from systui.model.stop import Reason, Stop
from systui.words import _


def notice(snapshot: Snapshot) -> str:
    """The sentence; empty for an ordinary stop."""
    return stop_notice(snapshot.stop)


def stop_notice(stop: Stop) -> str:
    """The same of a stop that is not decoded further."""
    match stop.reason:
        case Reason.EXIT:
            return _ended(stop.detail, stop.exit_status)
        case Reason.BLOCKED:
            what = stop.detail or _("the program waits for something from outside")
            return _("{what}. o leads to its input, S goes back.").format(what=_sentence(what))
        case Reason.SIGNAL:
            return _("Signal: {what}").format(what=stop.detail)
        case Reason.OOPS if stop.goes_on:
            return _("Caught: {what}. c goes on.").format(what=stop.detail)
        case Reason.OOPS:
            return _("The kernel itself failed: {what}").format(what=stop.detail)
        case Reason.LIMIT:
            return _("Stopped at a limit: {what}").format(what=stop.detail)
        case Reason.INTERRUPTED:
            return _("Interrupted. c goes on.")
        case Reason.BEGINNING:
            return _("The earliest position that can be gone back to.")
        case Reason.END_OF_RECORDING:
            return _("The recording ends here. S goes back.")
        case Reason.WATCH:
            return _("Watchpoint: what is watched was touched.")
    return ""


def _ended(detail: str, status: int | None) -> str:
    what = detail or _("the program ended with status {status}").format(status=status)
    return _("{what}. S, N and C go back, r runs it again.").format(what=_sentence(what))


def _sentence(text: str) -> str:
    """`text` as the beginning of one, its full stop left to who goes on."""
    return text[:1].upper() + text[1:].rstrip(".")
