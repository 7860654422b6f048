from datetime import UTC, datetime, timedelta

from ingest.polling.feed_state import FeedState
from ingest.polling.same_host import LOOKED_AT, SameHost

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def state(url: str, hours_ago: float | None = None) -> FeedState:
    seen = None if hours_ago is None else NOON - timedelta(hours=hours_ago)
    return FeedState(url=url, last_item_seen=seen)


def test_the_other_feeds_of_a_host_those_with_the_latest_news_first() -> None:
    a, b, c = (f"https://one.example/{name}" for name in "abc")
    same_host = SameHost([state(a, 5), state(b), state(c, 1), state("https://two.example/d", 0)])
    assert same_host.of(a) == [c, b]
    same_host.had_news(b)
    assert same_host.of(a) == [b, c]
    assert same_host.of("https://two.example/d") == same_host.of("https://three.example/") == []


def test_only_some_feeds_of_a_large_host_are_examined() -> None:
    urls = [f"https://one.example/{number}" for number in range(10 * LOOKED_AT)]
    same_host = SameHost(state(url, hours) for hours, url in enumerate(urls))
    assert same_host.of("https://one.example/new") == urls[:LOOKED_AT]


def test_an_invalid_url_has_no_other_feeds() -> None:
    same_host = SameHost([state("nonsense")])
    assert same_host.of("nonsense") == []
