from datetime import UTC, datetime, timedelta

import pytest

from index.store import Search
from query.parse import parse
from web.errors import BadRequest
from web.search.asked import Asked, number, read, search_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_address_is_read_and_written_back() -> None:
    asked = read(
        {"q": ' syria AND "peace talks" ', "since": "7d", "sort": "oldest", "page": "3", "more": "x"}
    )
    assert asked == Asked(q='syria AND "peace talks"', since="7d", sort="oldest", page=3)
    assert asked.address() == "/?q=syria+AND+%22peace+talks%22&since=7d&sort=oldest&page=3"
    assert asked.changed(since="").address("/search.csv") == (
        "/search.csv?q=syria+AND+%22peace+talks%22&sort=oldest"
    )
    assert Asked().address() == "/"


def test_the_search_for_the_store() -> None:
    assert search_of(Asked(q="syria", since="7d", page=2), NOON) == Search(
        query=parse("syria"), since=NOON - timedelta(days=7), sort="relevance", limit=20, offset=20
    )
    assert search_of(Asked(until="2026-02-01"), NOON, limit=5) == Search(
        until=datetime(2026, 2, 1, tzinfo=UTC), sort="newest", limit=5
    )
    assert search_of(Asked(q="syria", sort="newest"), NOON).sort == "newest"


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"sort": "best"}, "sort"),
        ({"stack": "person"}, "stack"),
        ({"page": "0"}, "page"),
        ({"page": "5001"}, "page"),
        ({"page": "٣"}, "page"),
        ({"page": "9" * 9_000}, "page"),
    ],
)
def test_an_impossible_parameter_is_named(parameters: dict[str, str], name: str) -> None:
    with pytest.raises(BadRequest, match=f"^{name}: expected") as caught:
        read(parameters)
    assert caught.value.parameter == name


def test_a_wrong_query_is_reported_with_its_place_and_a_wrong_time_by_name() -> None:
    with pytest.raises(BadRequest) as caught:
        search_of(Asked(q="syria AND ("), NOON)
    assert (caught.value.parameter, caught.value.position) == ("q", 11)
    with pytest.raises(BadRequest, match="until: 'soon': expected a date"):
        search_of(Asked(until="soon"), NOON)


def test_numbers_have_bounds() -> None:
    assert (number("n", "0", 10, least=0), number("n", "10", 10)) == (0, 10)
    with pytest.raises(BadRequest, match="n: expected a number from 1 to 1,000"):
        number("n", "1001", 1000)


def test_views_of_the_same_age_ask_the_same_within_a_minute() -> None:
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    first, second = (
        search_of(Asked(since="24h"), noon + timedelta(seconds=seconds)) for seconds in (0, 59.5)
    )
    assert first == second
    assert search_of(Asked(since="24h"), noon + timedelta(seconds=60)) != first
