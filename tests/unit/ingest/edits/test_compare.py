"""A second reading compared with the known version."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.edits.compare import read_again, withdrawn
from stream.messages import Article, Entry, Page
from stream.versions import texts

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=6)
TEXT = "The ferry will resume on Monday, said the harbour master. " * 5


def article(**fields: Any) -> Article:
    first = Article(
        id="1" * 32, url="http://a.example/1", feed="f", source="A", title="Ferry", title_from="heading", text=TEXT,
        published=NOW, published_from="meta", seen=NOW, fetched=NOW, extracted=NOW, content_status="full",
    )  # fmt: skip
    return msgspec.structs.replace(first, **fields)


def gone(fetched: datetime = LATER) -> Page:
    entry = Entry(feed="f", source="A", guid="1", url="http://a.example/1", seen=NOW, key="a.example")
    return Page(
        entry=entry, url=entry.url, content_type="", charset="", body=b"", fetched=fetched, key="1" * 32,
        withdrawn="http-410: http://a.example/1 was removed",
    )  # fmt: skip


def edited(before: Article, hours: int = 6, **fields: Any) -> Article:
    later = read_again(before, article(fetched=NOW + timedelta(hours=hours), **fields))
    assert later
    return later


def test_the_same_page_again_is_not_a_version() -> None:
    assert read_again(article(), article(fetched=LATER)) is None


def test_a_version_keeps_its_place_in_time_and_the_text_before() -> None:
    new = TEXT.replace("Monday", "Friday", 1)
    later = edited(
        article(), text=new, published=LATER, seen=LATER, url="http://a.example/other", id="2" * 32
    )
    assert (later.version, later.seen, later.published, later.url) == (1, NOW, NOW, "http://a.example/1")
    assert list(texts(later)) == [new, TEXT]
    assert later.edited == LATER


def test_another_article_at_the_address_is_not_an_edit() -> None:
    other = article(id="2" * 32, text="Quite different words stand here now.", fetched=LATER)
    assert read_again(article(), other) is None


def test_a_paywall_hides_nothing_that_was_read() -> None:
    later = edited(article(), text=TEXT[:60], content_status="teaser")
    assert (later.text, later.content_status) == (TEXT, "full")
    assert [change.kind for change in later.earlier[-1].changes] == ["paywalled"]
    assert (
        read_again(later, article(text=TEXT[:60], content_status="teaser", fetched=LATER + timedelta(1)))
        is None
    )


def test_a_withdrawn_article_keeps_its_text_and_says_why() -> None:
    later = withdrawn(article(), gone())
    assert later
    assert (later.text, later.withdrawn, later.version) == (TEXT, LATER, 1)
    [change] = later.earlier[-1].changes
    assert (change.kind, change.after) == ("withdrawn", "http://a.example/1 was removed")
    assert withdrawn(later, gone(LATER + timedelta(1))) is None


def test_what_was_withdrawn_may_come_back() -> None:
    away = withdrawn(article(), gone())
    assert away
    back = edited(away, hours=24)
    assert back.withdrawn is None
    assert [change.kind for change in back.earlier[-1].changes] == ["restored"]


def test_a_replay_of_the_same_reading_keeps_the_history() -> None:
    later = edited(article(), text=TEXT.replace("Monday", "Friday", 1))
    again = read_again(later, article(text=TEXT.replace("Monday", "Friday", 1) + "More.", fetched=LATER))
    assert again
    assert again.version == 1
    assert list(texts(again))[1] == TEXT
    assert read_again(later, article()) is None, "an older reading changes nothing"


def test_what_only_the_feed_said_stays() -> None:
    before = article(title="From the feed", title_from="feed", author="Ilse Brandt", author_from="feed")
    later = edited(before, title="The ferry", title_from="text", text=TEXT.replace("Monday", "Friday", 1))
    assert (later.title, later.author) == ("From the feed", "Ilse Brandt")
