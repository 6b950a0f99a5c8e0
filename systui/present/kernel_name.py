"""The kernel's name for a title, in the chosen language.

Targets, and recordings of them, hold it in systui's own English words, so that the language of who
recorded is not that of who reads.
"""

import re

from systui.words import _

_AGED = re.compile(r"miniature (\S+), not Linux")


def kernel_name(name: str) -> str:
    """`name` (`TargetInfo.kernel`) with those of its parts that are words of ours translated."""
    aged = _AGED.fullmatch(name)
    if aged:
        return _("miniature {era}, not Linux").format(era=aged[1])
    ours = {
        "miniature kernel": _("miniature kernel"),
        "PTI on": _("PTI on"),
        "PTI off": _("PTI off"),
        "alternatives patched": _("alternatives patched"),
        "code as compiled": _("code as compiled"),
        "without debug information: tasks by name only": _(
            "without debug information: tasks by name only"
        ),
    }
    return ", ".join(ours.get(part, part) for part in name.split(", "))
