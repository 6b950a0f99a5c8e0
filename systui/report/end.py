"""How a told call ended, and what became of SYSRET, in words."""

from systui.model.call import Phase
from systui.model.stop import Reason
from systui.present.effect_checks import check_words
from systui.present.ending import ending
from systui.report.story import Story
from systui.words import _

_LEAVE = {"sysret": "SYSRET", "iret": "IRET", "sysexit": "SYSEXIT"}
_PROGRAM_COUNTERS = ("rip", "eip")


def left_by(story: Story) -> str | None:
    """`SYSRET`, `IRET` or `SYSEXIT`; None where the call did not return, or that was not seen."""
    for row in story.ledger:
        if row.register in _PROGRAM_COUNTERS and row.restored_by:
            return next((_LEAVE[key] for key in _LEAVE if row.restored_by.startswith(key)), None)
    return None


def end_text(story: Story) -> str:
    """How the call ended, as far as it was recorded."""
    stop, way = story.last.stop, left_by(story)
    if story.last.phase is Phase.USER:
        if way is None:
            return _("back in the program; how it was left was not recorded")
        return _("back in the program by {way}").format(way=way)
    if stop.reason is Reason.EXIT:
        return _("never back: {end}").format(end=ending(stop))
    if stop.reason in (Reason.OOPS, Reason.BLOCKED, Reason.LIMIT) and stop.detail:
        return _("not back yet: {why}").format(why=stop.detail)
    if story.cut:
        return _("not back yet where the recording breaks off")
    return _("not back yet where the recording ends")


def sysret_text(story: Story) -> str:
    """What SYSRET's conditions came to; empty where too little of the way back was recorded."""
    broken = next((each for each in story.verdicts if not each.passed), None)
    way = left_by(story)
    if broken is not None and way != "SYSRET":
        return _("Not taken: {check}, so the way back is IRET.").format(
            check=check_words(broken.check, False)
        )
    if way == "SYSRET" and story.verdicts and broken is None:
        return _("Taken: all of these hold.")
    if way == "IRET" and not story.verdicts and _way_back_is_whole(story):
        return _("Not taken: the way back is IRET without a look at them.")
    return ""


def _way_back_is_whole(story: Story) -> bool:
    """Whether each instruction from the beginning of the way back on has its stop."""
    back = [each.position for each in story.stations if each.phase is Phase.RESTORE]
    return bool(back) and story.stations[-1].position - back[0] == len(back)
