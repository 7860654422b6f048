"""Items that a feed has changed."""

import msgspec
import pytest
from samples.feeds import FEED, FRESH, NOW, after, item, parsed

from ingest.formats.items import Item
from ingest.polling.news import news
from ingest.polling.told import MOST_TOLD
from stream.messages import Entry


def changed(before: list[Item], now: list[Item]) -> list[Entry]:
    """The entries of a poll in which some items replace others."""
    state = after(FRESH, parsed(*before))
    found = news(FEED, state, parsed(*now), [], NOW)
    assert not found.entries
    return list(found.changed)


FERRY = item("ferry", title="Ferry resumes on Monday", summary="It will sail again.")
OTHERS = [item(f"other-{number}") for number in range(6)]


@pytest.mark.parametrize(
    "now",
    [
        msgspec.structs.replace(FERRY, title="Ferry postponed"),
        msgspec.structs.replace(FERRY, summary="It won't sail before May."),
        msgspec.structs.replace(FERRY, content_html="<p>The whole text.</p>"),
    ],
)
def test_an_item_with_another_title_or_text_is_read_again(now: Item) -> None:
    [entry] = changed([FERRY, *OTHERS], [now, *OTHERS])
    assert entry.again
    assert (entry.url, entry.again.why, entry.title) == (FERRY.url, "feed", now.title)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (FERRY, FERRY),
        (FERRY, msgspec.structs.replace(FERRY, published=NOW)),
        (FERRY, msgspec.structs.replace(FERRY, title="Ferry resumes on Monday (12 comments)")),
        (FERRY, msgspec.structs.replace(FERRY, summary="It will sail again! 3 hours ago")),
        (FERRY, msgspec.structs.replace(FERRY, content_html="<p>315 comments</p>")),
    ],
)
def test_counters_and_dates_cost_no_request(before: Item, now: Item) -> None:
    assert changed([before, *OTHERS], [now, *OTHERS]) == []


def test_a_feed_that_changes_most_items_at_once_has_another_form() -> None:
    now = [msgspec.structs.replace(one, summary=f"Now with a summary of {one.title}") for one in OTHERS]
    assert changed([FERRY, *OTHERS], [FERRY, *now]) == []


def test_what_left_the_feed_for_one_poll_is_still_known() -> None:
    state = after(after(FRESH, parsed(FERRY, *OTHERS)), parsed(*OTHERS))
    found = news(FEED, state, parsed(msgspec.structs.replace(FERRY, title="Postponed"), *OTHERS), [], NOW)
    assert [entry.title for entry in found.changed] == ["Postponed"]


def test_a_state_of_an_older_version_reports_no_change() -> None:
    state = msgspec.structs.replace(after(FRESH, parsed(FERRY)), told=b"")
    assert news(FEED, state, parsed(msgspec.structs.replace(FERRY, title="New")), [], NOW).changed == ()


def test_a_limited_amount_is_kept_of_a_long_feed() -> None:
    state = after(FRESH, parsed(*(item(f"{number}") for number in range(MOST_TOLD + 100))))
    assert len(state.told) == MOST_TOLD * 18
