from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.embedded.store import EmbeddedStore
from index.store import Search
from index.stories import central, find_story, fold, top_stories
from index.story_results import story_document
from stream.messages import Article, Enriched, Entity, Span

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def told(key: str, story: str, source: str, title: str, hours: int, copy_of: str = "") -> Enriched:
    seen = NOON + timedelta(hours=hours)
    names = [name for name in ("Geneva", "Salma Haddad") if name in title]
    types = {"Geneva": "place", "Salma Haddad": "person"}
    return Enriched(
        article=Article(
            id=key, url=key, feed="f", source=source, title=title, seen=seen, fetched=seen, extracted=seen
        ),
        language="en",
        story=story,
        copy_of=copy_of or key,
        entities=tuple(
            Entity(name=name, type=types[name], spans=(Span("title", 0, 1),))  # type: ignore[arg-type]
            for name in names
        ),
        enriched=seen,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path) as opened:
        opened.add(told("a1", "a1", "Harbour Wire", "Talks open in Geneva", 0))
        opened.add(told("a2", "a1", "Lowland Post", "Talks open in Geneva", 1, "a1"))
        opened.add(told("a3", "a1", "Valley Herald", "Salma Haddad leads talks in Geneva, 40 attend", 3))
        opened.add(told("b1", "b1", "Harbour Wire", "Ferry sinks", 2))
        opened.flush()
        yield opened


def test_a_story_says_who_was_first_who_copied_and_what_each_adds(store: EmbeddedStore) -> None:
    found = find_story(store, "a1")
    assert found is not None
    document = story_document(found)
    assert document.outlets == ("Harbour Wire", "Lowland Post", "Valley Herald")
    assert [report.copy_of for report in document.reports] == [None, "a1", None]
    assert document.reports[2].adds == ("Salma Haddad", "40")
    assert (document.articles, document.own_reports, document.copies) == (3, 2, 1)
    assert (document.first, document.last) == (NOON, NOON + timedelta(hours=3))
    assert (document.places, document.people) == (("Geneva",), ("Salma Haddad",))
    assert [hour.articles for hour in document.by_hour] == [1, 1, 1]


def test_an_article_of_an_older_version_is_a_story_by_itself(store: EmbeddedStore) -> None:
    store.add(told("c1", "", "Harbour Wire", "Bridge opens", 4))
    store.flush()
    found = find_story(store, "c1")
    assert found is not None
    assert (found.total, len(found.reports)) == (1, 1)
    assert fold(store, Search(sort="newest", limit=1)).folds[0].others == 0


def test_a_story_without_articles_does_not_exist(store: EmbeddedStore) -> None:
    assert find_story(store, "zz") is None


def test_the_largest_stories_come_first(store: EmbeddedStore) -> None:
    assert top_stories(store, Search(), 5) == ["a1", "b1"]
    assert top_stories(store, Search(), 1) == ["a1"]


def test_hits_of_one_story_are_one_entry(store: EmbeddedStore) -> None:
    folded = fold(store, Search(sort="oldest"))
    assert [(one.hit.document.enriched.article.id, one.others, one.outlets) for one in folded.folds] == [
        ("a1", 2, 2),
        ("b1", 0, 0),
    ]
    assert folded.stories == 2


def test_pages_of_folded_hits_do_not_overlap(store: EmbeddedStore) -> None:
    second = fold(store, Search(sort="oldest", limit=1, offset=1))
    assert [one.hit.document.enriched.article.id for one in second.folds] == ["b1"]
    assert fold(store, Search(sort="oldest", offset=2)).folds == ()


def test_only_articles_that_the_search_finds_are_counted(store: EmbeddedStore) -> None:
    folded = fold(store, Search(sources=("Lowland Post", "Valley Herald"), sort="oldest"))
    assert [(one.others, one.outlets) for one in folded.folds] == [(1, 1)]


def test_the_headline_is_the_one_that_shares_most_with_the_others() -> None:
    titles = ("Live: latest updates", "Ferry sinks off Zamboanga", "40 missing as ferry sinks off Zamboanga")
    articles = [told(str(at), "0", "s", title, at) for at, title in enumerate(titles)]
    assert central(articles).article.title == titles[1]
