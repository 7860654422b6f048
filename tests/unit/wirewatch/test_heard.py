from datetime import UTC, datetime, timedelta

from alerts.message import Coverage
from ingest.poll import Feed, FeedState
from wirewatch.heard import coverage

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
        "c": state("c", 5 * HOUR, due=-4 * HOUR),  # nobody polls any more
        "d": state("d", 5 * HOUR, due=3 * HOUR),  # it is asked seldom
    }
    assert coverage(feeds, states, NOW) == Coverage(5, 2, ("B", "C", "E"))


def test_a_source_is_heard_by_any_of_its_feeds() -> None:
    feeds = [Feed(url="a", title="Herald"), Feed(url="b", title="Herald")]
    assert coverage(feeds, {"b": state("b", HOUR / 2)}, NOW) == Coverage(1, 1, ())
