from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.page.dates import Chosen, Dated, Doubt, choose, choose_published, doubt, in_url, parse

NOW = datetime(2016, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-03-14T18:05:00+03:00", "2016-03-14T15:05"),
        ("2016-03-14T18:05:00.000Z", "2016-03-14T18:05"),
        ("2016-03-14 18:05:00 +0300", "2016-03-14T15:05"),
        ("2016-03-14 18:05", "2016-03-14T18:05"),
        ("2016-03-14", "2016-03-14T00:00"),
        ("Mon, 14 Mar 2016 18:05:00 GMT", "2016-03-14T18:05"),
        ("Mon, 14 Mar 2016 18:05:00 +0100", "2016-03-14T17:05"),
    ],
)
def test_dates_as_pages_write_them(text: str, expected: str) -> None:
    assert parse(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2016-13-45", "04/03/2016", "0001-01-01T00:01+14:00", "9" * 1000]
)
def test_invalid_dates_give_none(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=80))
def test_any_text_is_a_date_in_utc_or_none(text: str) -> None:
    when = parse(text)
    assert when is None or when.utcoffset() == timedelta(0)


def test_first_possible_candidate_is_chosen() -> None:
    candidates = [
        Dated("2031-01-01", "json-ld"),
        Dated("1989-12-31", "meta"),
        Dated("?", "meta"),
        Dated(NOW, "feed"),
    ]
    assert choose(candidates, NOW) == Chosen(NOW, "feed", "second")
    assert choose(candidates[:3], NOW) == Chosen()


def test_a_day_ahead_is_allowed_for_clocks_and_zones() -> None:
    assert choose([Dated(NOW + timedelta(hours=24), "feed")], NOW).when == NOW + timedelta(hours=24)
    assert choose([Dated(NOW + timedelta(hours=24, seconds=1), "feed")], NOW) == Chosen()


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://news.example/2016/3/4/story", "2016-03-04"),
        ("https://news.example/story-2016-03-14.html", ""),
        ("https://news.example/2016/03/story", ""),
        ("https://news.example/id/20160314", ""),
    ],
)
def test_day_in_a_url(url: str, day: str) -> None:
    assert in_url(url) == day


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2016-03-14", "day"),
        ("2016-03-14T00:00:00+03:00", "day"),  # written by systems that know only the day
        ("2016-03-14T18:05:00+03:00", "second"),
        ("2016-03-14T18:05:00", "second-zone-assumed"),
        ("14. März 2016", "day"),
    ],
)
def test_how_exact_a_date_is(text: str, precision: str) -> None:
    chosen = choose([Dated(text, "meta")], NOW)
    assert (chosen.when and chosen.when.date().isoformat(), chosen.precision) == ("2016-03-14", precision)


@pytest.mark.parametrize(
    ("page", "feed", "source"),
    [
        (("2016-03-14", "json-ld"), "2016-03-14T08:00+00:00", "feed"),  # the same day, more exact
        (("2016-03-14T07:00:00Z", "json-ld"), "2016-03-14T08:00+00:00", "json-ld"),
        (("2016-03-01", "json-ld"), "2016-03-14T08:00+00:00", "json-ld"),  # the feed dates edits
        (("2016-03-01", "url"), "2016-03-14T08:00+00:00", "url"),
        (("2016-03-14", "url"), "2016-03-01T08:00+00:00", "feed"),
        (("2016-03-01", "page"), "2016-03-14T08:00+00:00", "feed"),
        (("2031-03-01", "json-ld"), "2016-03-14T08:00+00:00", "feed"),
        (("2016-03-01", "page"), "", "page"),
        (("", "meta"), "", ""),
    ],
)
def test_the_feeds_date_is_weighed_with_the_pages(page: tuple[str, str], feed: str, source: str) -> None:
    said = datetime.fromisoformat(feed) if feed else None
    assert choose_published([Dated(*page)], said, NOW).source == source  # type: ignore[arg-type]


DAY_AGO, YEARS_AGO = NOW - timedelta(days=1), datetime(2012, 5, 1, 9, tzinfo=UTC)
AHEAD = NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("page", "feed", "news", "published", "other", "source"),
    [
        (YEARS_AGO, DAY_AGO, NOW, YEARS_AGO, DAY_AGO, "feed"),
        (YEARS_AGO, DAY_AGO, None, YEARS_AGO, DAY_AGO, "feed"),
        (DAY_AGO, YEARS_AGO, NOW, DAY_AGO, YEARS_AGO, "feed"),
        (DAY_AGO, DAY_AGO - timedelta(days=2), NOW, DAY_AGO, None, ""),
        (YEARS_AGO, YEARS_AGO, NOW, YEARS_AGO, None, ""),  # page and feed agree: an old article, listed anew
        (YEARS_AGO, None, NOW, YEARS_AGO, NOW, "seen"),
        (YEARS_AGO, None, None, YEARS_AGO, None, ""),
        (None, YEARS_AGO, NOW, YEARS_AGO, NOW, "seen"),
        (DAY_AGO, None, NOW, DAY_AGO, None, ""),
        (AHEAD, DAY_AGO, NOW, DAY_AGO, AHEAD, "json-ld"),
        (DAY_AGO, AHEAD, NOW, DAY_AGO, AHEAD, "feed"),
        (AHEAD, None, NOW, None, AHEAD, "json-ld"),
        (None, None, NOW, None, None, ""),
    ],
)
def test_a_date_that_another_contradicts_is_doubted(
    page: datetime | None,
    feed: datetime | None,
    news: datetime | None,
    published: datetime | None,
    other: datetime | None,
    source: str,
) -> None:
    from_page = [Dated(page, "json-ld")] if page else []
    chosen = choose_published(from_page, feed, NOW)
    candidates = [*from_page, *([Dated(feed, "feed")] if feed else [])]
    assert chosen.when == published
    assert doubt(chosen, candidates, news, NOW) == Doubt(other, source)  # type: ignore[arg-type]


def test_a_second_date_on_the_page_is_not_a_contradiction() -> None:
    candidates = [Dated(DAY_AGO, "json-ld"), Dated(YEARS_AGO, "meta"), Dated(DAY_AGO, "feed")]
    assert doubt(choose(candidates, NOW), candidates, NOW, NOW) == Doubt()
