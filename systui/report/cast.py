"""A replayed call as an asciicast, for the web's terminal players.

Source of facts: the asciicast v3 format (docs.asciinema.org/manual/asciicast/v3): a header line,
then `[seconds since the event before, kind, data]` each; `o` is output, `m` a marker, `x` the end.
"""

import json
from collections.abc import Iterator, Sequence

from systui.model.call import Phase
from systui.present.call import line as call_line
from systui.present.phase import phase_name
from systui.report.story import Station, Story

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
_MOST = 600
"""Stops that are shown about: some four minutes."""
_ENDS = 220
"""Stops at the beginning and at the end of a longer call that are all shown."""


def filmed(stations: Sequence[Station]) -> list[Station]:
    """Those that are shown: of the middle of a long call only each nth, and what has a name."""
    middle = len(stations) - 2 * _ENDS
    each = max(1, -(-middle // (_MOST - 2 * _ENDS)))
    return [
        station
        for index, station in enumerate(stations)
        if not 0 <= index - _ENDS < middle or index % each == 0 or station.landmark
    ]


def cast(story: Story, pictures: Sequence[str], size: tuple[int, int]) -> str:
    """All lines; `pictures` are what a terminal is sent for each of the `filmed` stations."""
    header = {
        "version": 3,
        "term": {"cols": size[0], "rows": size[1], "type": "xterm-256color"},
        "title": f"{story.program}: {call_line(story.call)}",
    }
    events = _events(filmed(story.stations), pictures)
    return "".join(json.dumps(line) + "\n" for line in (header, *events))


def _events(stations: Sequence[Station], pictures: Sequence[str]) -> Iterator[list[object]]:
    waited, phase = 0.0, None
    for station, picture in zip(stations, pictures, strict=True):
        if station.phase is not phase:
            phase = station.phase
            yield [round(waited, 3), "m", phase_name(phase)]
            waited = 0.0
        yield [round(waited, 3), "o", picture]
        waited = _LOOKED_AT[station.phase] + (_LANDMARK if station.landmark else 0)
    yield [_LAST, "x", "0"]
