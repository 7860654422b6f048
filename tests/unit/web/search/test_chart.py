from datetime import UTC, datetime, timedelta

import pytest

from index.counts import Stretch, Tally
from index.intervals import Unit, unit_for
from web.events.services import Dark
from web.search.asked import Asked
from web.search.chart import HEIGHT, WIDTH, chart

DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def day(at: int, articles: int, **values: int) -> Stretch:
    tallies = tuple(Tally(value, number, number) for value, number in values.items())
    return Stretch(FIRST + at * DAY, FIRST + (at + 1) * DAY, articles, articles, tallies)


def test_bars_share_the_width_and_lead_to_their_period() -> None:
    drawn = chart([day(0, 4), day(1, 0), day(2, 2)], "day", Asked(q="syria", page=3))
    assert drawn is not None
    assert [round(bar.x + bar.width / 2) for bar in drawn.bars] == [round(WIDTH * n / 6) for n in (1, 3, 5)]
    assert [sum(part.height for part in bar.segments) for bar in drawn.bars] == [HEIGHT, 0, HEIGHT / 2]
    assert drawn.bars[0].href == "/?q=syria&since=2026-03-01T00%3A00Z&until=2026-03-02T00%3A00Z"
    assert drawn.bars[2].label.endswith(": 2")
    assert (drawn.top, drawn.legend) == (4, ())


def test_the_values_of_a_bar_are_stacked_in_proportion_and_the_rest_is_grey() -> None:
    many = {f"v{n}": 1 for n in range(7)}
    drawn = chart([day(0, 10, a=10, b=5, **many)], "day", Asked())
    assert drawn is not None
    assert drawn.legend == ("a", "b", "v0", "v1", "v2")
    parts = drawn.bars[0].segments
    assert [part.colour for part in parts] == [0, 1, 2, 3, 4, 5]
    assert sum(part.height for part in parts) == pytest.approx(HEIGHT, abs=0.1)
    assert parts[0].height == pytest.approx(HEIGHT * 10 / 22, abs=0.01)
    assert parts[0].y + parts[0].height == pytest.approx(HEIGHT, abs=0.01)


def test_a_time_in_which_sources_were_dark_is_a_gap() -> None:
    noon = FIRST + DAY / 2
    dark = [
        Dark(FIRST - DAY, noon, 3, 40),
        Dark(noon + DAY, noon + 2 * DAY, 0, 0),
        Dark(FIRST + 3 * DAY, FIRST + 9 * DAY, 1, 40),
    ]
    drawn = chart([day(0, 1), day(1, 0), day(2, 0)], "day", Asked(), UTC, dark)
    assert drawn is not None
    assert [(gap.x, gap.width) for gap in drawn.gaps] == [(0, WIDTH / 6), (WIDTH / 2, WIDTH / 3)]
    assert drawn.gaps[0].label == "28 Feb 00:00 – 01 Mar 12:00: 3 of 40 sources answered"
    assert drawn.gaps[1].label.endswith(": nobody polled")


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    assert chart([], "day", Asked()) is None
    assert chart([day(0, 0)], "day", Asked()) is None


@pytest.mark.parametrize(
    ("days", "unit"), [(0.1, "hour"), (3, "hour"), (4, "day"), (120, "day"), (121, "week"), (3000, "month")]
)
def test_a_period_has_some_ten_to_hundred_bars(days: float, unit: Unit) -> None:
    assert unit_for(timedelta(days=days)) == unit
