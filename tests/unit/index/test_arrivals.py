from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from index.arrivals import check_storable, seen_first
from stream.errors import Reject
from stream.messages import Article, Enriched

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAIVE = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - that is the point


def enriched(at: datetime = NOON, **changes: Any) -> Enriched:
    times = {"seen": NOON, "fetched": NOON, "extracted": NOON} | changes
    return Enriched(
        article=Article(id="x", url="u", feed="f", source="S", **times), language="en", enriched=at
    )


def test_an_article_as_it_should_be_is_taken() -> None:
    check_storable(enriched())
    check_storable(enriched(published=NOON, fetched=NAIVE))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (enriched(seen=NAIVE), "no-time-zone"),
        (enriched(published=NAIVE), "no-time-zone"),
        (enriched(NAIVE), "no-time-zone"),
        (enriched(title="\ud800"), "not-unicode"),
    ],
)
def test_what_no_store_could_keep_is_rejected(message: Enriched, kind: str) -> None:
    with pytest.raises(Reject) as caught:
        check_storable(message)
    assert caught.value.kind == kind


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_the_earlier_time_seen_counts_and_nothing_else_changes(hours: int) -> None:
    other = NOON + timedelta(hours=hours)
    assert seen_first(enriched(title="t"), other) == enriched(title="t", seen=min(NOON, other))
