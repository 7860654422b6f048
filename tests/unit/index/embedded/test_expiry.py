"""Old articles are deleted from archive and index; what is to be kept, and the count of arrivals, stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.embedded import writer as writing
from index.embedded.retention import Expiry
from index.embedded.store import EmbeddedStore
from index.store import Search
from query.parse import parse
from stream.errors import RetryLater
from stream.messages import Article, Enriched, TopicTag, article_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = NOON - timedelta(days=400)
EXPIRY = Expiry(NOON - timedelta(days=365))


def enriched(name: str, seen: datetime, topics: tuple[str, ...] = ()) -> Enriched:
    article = Article(
        id=article_id(name),
        url=name,
        feed="",
        source="S",
        text=f"word {name}",
        seen=seen,
        fetched=NOON,
        extracted=NOON,
    )
    tags = tuple(TopicTag(topic=topic, name=topic, clause="word", spans=()) for topic in topics)
    return Enriched(article=article, language="en", topics=tags, enriched=NOON)


def fill(store: EmbeddedStore, *articles: Enriched) -> None:
    for one in articles:
        store.add(one)
    store.flush()


def names(store: EmbeddedStore) -> list[str]:
    hits = store.search(Search(query=parse("word"), sort="oldest", limit=5000)).hits
    found = sorted(hit.document.enriched.article.url for hit in hits)
    assert found == sorted(one.enriched.article.url for one in store.scan())
    return found


def test_what_is_old_goes_from_archive_and_index(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        fill(store, enriched("old", OLD), enriched("older", OLD - timedelta(days=1)), enriched("new", NOON))
        assert store.expire(EXPIRY) == 2
        assert names(store) == ["new"]
        assert store.get(article_id("old")) is None
        assert store.expire(EXPIRY) == 0


def test_articles_of_named_topics_and_named_articles_stay(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        fill(
            store,
            enriched("both", OLD, ("peace", "war")),
            enriched("other topic", OLD, ("war",)),
            enriched("starred", OLD),
            enriched("new", NOON),
        )
        kept = Expiry(EXPIRY.before, ("peace",), frozenset([article_id("starred")]))
        assert store.expire(kept) == 1
        assert names(store) == ["both", "new", "starred"]
        assert store.facet("topic") == {"peace": 1, "war": 1}


def test_a_thousand_kept_articles_hide_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_EXPIRED_AT_ONCE", 3)
    with EmbeddedStore.open(tmp_path) as store:
        fill(
            store,
            *(enriched(f"kept {number}", OLD) for number in range(7)),
            enriched("goes", OLD),
            enriched("new", NOON),
        )
        ids = frozenset(article_id(f"kept {number}") for number in range(7))
        assert store.expire(Expiry(EXPIRY.before, (), ids)) == 1
        assert names(store) == [*(f"kept {number}" for number in range(7)), "new"]


def test_the_article_that_came_last_stays_so_that_no_later_one_takes_its_place(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        fill(store, enriched("old", OLD), enriched("last", OLD))
        place = store.last_arrival()
        assert store.expire(EXPIRY) == 1
        fill(store, enriched("next", NOON))
        assert [one.document.enriched.article.url for one in store.arrivals(place)] == ["next"]


def test_a_reader_in_another_process_finds_none_of_them_and_no_damage(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        fill(store, *(enriched(f"old {number}", OLD) for number in range(20)), enriched("new", NOON))
        with EmbeddedStore.open(tmp_path, readonly=True) as reader:
            assert len(names(reader)) == 21
            store.expire(EXPIRY)
            assert names(reader) == ["new"]


def test_a_search_while_articles_are_deleted_is_made_again(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        fill(store, enriched("old", OLD), enriched("new", NOON))
        find, calls = store._fulltext.find, []

        def found_before(*asked: object) -> object:
            calls.append(asked)
            found = find(*asked)  # type: ignore[arg-type]
            if len(calls) == 1:
                store.expire(EXPIRY)
            return found

        store._fulltext.find = found_before  # type: ignore[method-assign, assignment]
        assert names(store) == ["new"]
        assert len(calls) == 2


def test_what_a_crash_left_out_of_the_index_is_indexed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        fill(store, enriched("old", OLD), enriched("new", NOON))

        def full(*_: object) -> None:
            raise RetryLater("disk-full", "no room")

        monkeypatch.setattr("index.embedded.documents.Documents.delete", full)
        with pytest.raises(RetryLater):
            store.expire(EXPIRY)
    with EmbeddedStore.open(tmp_path) as store:
        assert names(store) == ["new", "old"]


def test_a_new_archive_gives_the_space_back(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        fill(
            store,
            *(enriched(f"{number} " + "x y z " * 50, OLD) for number in range(1500)),
            enriched("new", NOON),
        )
        before = store._documents._all("PRAGMA page_count")[0][0]
        assert store.expire(EXPIRY) == 1500
        assert store._documents._all("PRAGMA page_count")[0][0] < before / 4
        assert store._documents._all("PRAGMA freelist_count")[0][0] == 0
