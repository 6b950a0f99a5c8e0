"""A replayed call as an asciicast, for the web's terminal players.

Source of facts: the asciicast v3 format (docs.asciinema.org/manual/asciicast/v3): a header line,
then `[seconds since the event before, kind, data]` each; `o` is output, `m` a marker, `x` the end.
"""

import json
from collections.abc import Iterator, Sequence

from systui.model.call import Phase
from systui.present.call import line as call_line
from systui.report.story import Station, Story, phase_text

_LOOKED_AT = {
    Phase.USER: 1.0,
    Phase.ENTRY: 0.4,
    Phase.DISPATCH: 0.15,
    Phase.HANDLER: 0.5,
    Phase.EXIT_WORK: 0.15,
    Phase.RESTORE: 0.25,
}
"""Seconds that a stop is shown."""
_LANDMARK = 0.8
"""Seconds more where the stop has a name."""
_LAST = 3.0


def cast(story: Story, pictures: Sequence[str], size: tuple[int, int]) -> str:
    """All lines; `pictures` are what a terminal is sent for each of the story's stations."""
    header = {
        "version": 3,
        "term": {"cols": size[0], "rows": size[1], "type": "xterm-256color"},
        "title": f"{story.program}: {call_line(story.call)}",
    }
    events = _events(story.stations, pictures)
    return "".join(json.dumps(line) + "\n" for line in (header, *events))


def _events(stations: Sequence[Station], pictures: Sequence[str]) -> Iterator[list[object]]:
    waited, phase = 0.0, None
    for station, picture in zip(stations, pictures, strict=True):
        if station.phase is not phase:
            phase = station.phase
            yield [round(waited, 3), "m", phase_text(phase)]
            waited = 0.0
        yield [round(waited, 3), "o", picture]
        waited = _LOOKED_AT[station.phase] + (_LANDMARK if station.landmark else 0)
    yield [_LAST, "x", "0"]
