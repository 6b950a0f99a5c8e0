"""Long calls: a page that can be opened, a film that can be watched."""

import re

import pytest

from systui.cli.replaying import Replaying, find
from systui.model.call import Phase
from systui.report.cast import filmed
from systui.report.pictures import depth_chart
from systui.report.story import Headed, Station, Story, read


@pytest.fixture(scope="module")
def story() -> Story:
    debugger = Replaying(find("accept_43"), []).start()
    try:
        return read(debugger, [], Headed(None, None))
    finally:
        debugger.target.close()


def _station(index: int, depth: int | None) -> Station:
    landmark = "served" if index == 4321 else None
    return Station(index, Phase.HANDLER, 0, landmark, "", "", "", (), depth)


def _points(chart: str) -> list[tuple[float, float]]:
    listed = re.findall(r'points="([^"]*)"', chart)
    pairs = (pair.split(",") for each in listed for pair in each.split())
    return [(float(x), float(y)) for x, y in pairs]


def test_the_chart_of_a_long_call_keeps_its_deepest_and_its_highest(story: Story) -> None:
    depths = [80 + index % 7 for index in range(50_000)]
    depths[31_111], depths[31_113] = 4000, 0
    points = _points(
        depth_chart(story._replace(stations=list(map(_station, range(50_000), depths))))
    )
    assert len(points) < 4000
    heights = [y for _x, y in points]
    assert heights.count(min(heights)) == 1
    assert heights.count(max(heights)) == 1
    assert [x for x, _y in points] == sorted(x for x, _y in points)


def test_the_chart_leaves_gaps_where_the_depth_is_not_known(story: Story) -> None:
    depths = [None, 8, 8, None, 16, 8, None]
    chart = depth_chart(story._replace(stations=list(map(_station, range(7), depths))))
    assert chart.count("<polyline") == 2


def test_no_chart_without_depth(story: Story) -> None:
    assert depth_chart(story._replace(stations=[_station(index, 0) for index in range(9)])) == ""


def test_of_a_long_call_the_film_shows_some(story: Story) -> None:
    assert filmed(story.stations) == list(story.stations)
    long = [_station(index, 0) for index in range(10_000)]
    shown = filmed(long)
    assert 500 < len(shown) < 650
    assert {0, 1, 2, 4321, 9997, 9998, 9999} <= {each.position for each in shown}
