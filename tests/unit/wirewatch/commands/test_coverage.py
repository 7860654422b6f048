"""The message if no feed answered."""

from datetime import UTC, datetime

import click
import pytest

from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed
from wirewatch.commands.coverage import check_ourselves, describe_left_out, left_out, outage

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
FEEDS = [Feed(url=f"https://{name}.example/") for name in "ab"]


def failed(*kinds: str) -> dict[str, FeedState]:
    return {
        feed.url: FeedState(
            url=feed.url, last_polled=NOW, failures=bool(kind), error_kind=kind, error_reason=f"why {kind}"
        )
        for feed, kind in zip(FEEDS, kinds, strict=False)
    }


def test_a_fault_of_ours_that_hits_every_feed_is_reported_as_such() -> None:
    states = failed("bug", "bug")
    with pytest.raises(click.ClickException, match="a fault in wirewatch itself: why bug") as caught:
        check_ourselves(FEEDS, states)
    assert caught.value.exit_code == 1
    assert outage(FEEDS, states) == ""


@pytest.mark.parametrize("kinds", [("bug", ""), ("bug", "dns"), ("dns", "dns"), ("", ""), ()])
def test_nothing_else_stops_the_run(kinds: tuple[str, ...]) -> None:
    check_ourselves(FEEDS, failed(*kinds))


def test_if_nothing_answers_the_message_suggests_checking_the_connection() -> None:
    assert "is this machine online" in outage(FEEDS, failed("dns", "timeout"))
    assert "does its DNS work" in outage(FEEDS, failed("dns", "dns"))
    assert outage(FEEDS, failed("dns", "")) == ""


def test_items_of_which_nothing_could_be_kept_are_counted_and_their_feeds_named() -> None:
    states = {
        feed.url: FeedState(url=feed.url, unusable=number) for feed, number in zip(FEEDS, (2, 0), strict=True)
    }
    assert left_out(FEEDS, states) == {FEEDS[0].url: 2}
    assert describe_left_out(FEEDS, states) == [
        "2 items left out so far, without address, title or text:",
        f"  {FEEDS[0].url}: 2",
    ]
    assert describe_left_out(FEEDS, {}) == []
