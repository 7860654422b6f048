"""How `show` and the lists present an article."""

from datetime import UTC, datetime, timedelta

from enrich.names.salience import is_salient
from index.results import article_document
from index.store import Document
from stream.messages import Article, DoubtFrom, Enriched
from wirewatch.commands.render import article_as_text
from wirewatch.commands.times import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = NOON - timedelta(days=900)


def shown(doubt: datetime | None = None, doubt_from: DoubtFrom = "") -> str:
    article = Article(
        id="a",
        url="https://news.example/a",
        feed="https://news.example/feed",
        source="News",
        published=OLD,
        published_from="json-ld",
        published_doubt=doubt,
        published_doubt_from=doubt_from,
        seen=NOON,
        fetched=NOON,
        extracted=NOON,
    )
    stored = Document(Enriched(article=article, language="en", enriched=NOON), NOON)
    return article_as_text(article_document(stored, is_salient, ()), []).plain


def test_a_doubtful_date_is_shown_with_what_contradicts_it() -> None:
    said = shown(NOON, "feed")
    assert f"{clock(OLD)} (json-ld), doubtful: {clock(NOON)} (feed)" in said
    assert f"  doubtful   feed says {clock(NOON)}; it counts from {clock(NOON)}" in said
    assert "it was first seen on" in shown(NOON, "seen")
    future = NOON + timedelta(days=40)
    assert f"json-ld says {clock(future)}; it counts from {clock(OLD)}" in shown(future, "json-ld")


def test_a_date_without_doubt_is_shown_alone() -> None:
    assert "doubtful" not in shown()
