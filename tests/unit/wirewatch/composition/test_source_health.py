from datetime import UTC, datetime, timedelta

from alerts.message import Coverage
from alerts.sources import SourceState
from ingest.formats.items import Item, ParsedFeed
from ingest.polling.decide import Failed, Read, Same, Validators, next_state
from ingest.polling.feed_state import FeedState
from ingest.polling.news import news
from ingest.polling.schedule import Policy
from ingest.sources.feed import Feed
from wirewatch.composition.source_health import coverage, source_states

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def state(url: str, ago: timedelta, *, failures: int = 0, due: timedelta | None = None) -> FeedState:
    return FeedState(
        url=url, last_polled=NOW - ago, failures=failures, next_due=None if due is None else NOW + due
    )


def test_sources_that_did_not_answer_are_named() -> None:
    feeds = [Feed(url=url, title=url.upper()) for url in ("a", "b", "c", "d", "e")]
    states = {
        "a": state("a", HOUR / 2),
        "b": state("b", HOUR / 2, failures=3),
        "c": state("c", 5 * HOUR, due=-4 * HOUR),  # no process polls any more
        "d": state("d", 5 * HOUR, due=3 * HOUR),  # it is polled rarely
    }
    assert coverage(feeds, states, NOW) == Coverage(5, 2, ("B", "C", "E"))


def test_a_source_is_heard_by_any_of_its_feeds() -> None:
    feeds = [Feed(url="a", title="Herald"), Feed(url="b", title="Herald")]
    assert coverage(feeds, {"b": state("b", HOUR / 2)}, NOW) == Coverage(1, 1, ())


POLICY = Policy(jitter=lambda _url, _poll: 0.0)


def hourly(url: str, days: int) -> FeedState:
    """A feed that had an item each hour until now."""
    state = FeedState(url=url)
    for n in range(24 * days, -1, -1):
        at = NOW - n * HOUR
        one = Item(guid=f"{n}", url=f"https://a.example/{n}", title=f"{n}", published=at)
        parsed = ParsedFeed(title="", language="", link="", items=(one,), read_by="lxml")
        read = Read(Validators(), parsed, news(Feed(url=url), state, parsed, [], at))
        state = next_state(state, read, at, POLICY)
    return state


def only(feed: Feed, state: FeedState) -> SourceState:
    (found,) = source_states([feed, Feed(url="new")], {feed.url: state})
    return found


def test_alerts_get_the_state_of_each_source() -> None:
    feed, state = Feed(url="a", title="Herald"), hourly("a", 15)
    well = only(feed, state)
    assert (well.name, well.status, well.since, well.reason) == ("Herald", "well", NOW, "")

    later = NOW + 24 * HOUR
    silent = only(feed, next_state(state, Same(Validators()), later, POLICY))
    assert (silent.status, silent.since, silent.until) == ("silent", NOW, later)
    assert 20 < silent.expected < 28
    assert "items were expected" in silent.reason

    failed = next_state(state, Failed("timeout", "too slow"), NOW + HOUR, POLICY)
    failed = next_state(failed, Failed("timeout", "too slow"), later, POLICY)
    failing = only(feed, failed)
    assert (failing.status, failing.since, failing.until) == ("failing", NOW + HOUR, later)
    assert failing.reason.startswith("timeout, 2 times in a row: too slow; 2")
