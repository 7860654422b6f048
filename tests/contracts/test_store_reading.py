"""Stories and entities are the same from every store, because they are built from searches and counts."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from contracts.test_store import STORES
from samples.reading import NOON, STORY, fill

from index.entities import find_entity
from index.store import Search, Store
from index.stories import find_story, fold
from index.story_results import stories_document, story_document
from query.parse import parse
from stream.messages import article_id


@pytest.fixture(params=sorted(STORES), scope="module")
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch")
    folder: Path = tmp_path_factory.mktemp("reading")
    with STORES[request.param](folder) as opened:
        fill(opened)
        yield opened


def test_hits_are_folded_by_story(store: Store) -> None:
    found = fold(store, Search(query=parse("talks OR chess"), sort="oldest"))
    assert [(one.hit.document.enriched.article.source, one.others, one.outlets) for one in found.folds][
        :1
    ] == [("Harbour Wire", 2, 2)]
    assert (len(found.folds), found.stories) == (2, 2)
    (newest, _) = store.folds(Search(query=parse("talks OR chess"), sort="newest", limit=2))[::-1]
    assert newest.first == NOON
    assert not store.folds(Search(query=parse("xylophonist")))


def test_pages_of_folded_hits_do_not_overlap(store: Store) -> None:
    whole = store.folds(Search(sort="newest"))
    parts = [store.folds(Search(sort="newest", limit=1, offset=offset))[0] for offset in range(len(whole))]
    ids = [[one.hit.document.enriched.article.id for one in some] for some in (whole, parts)]
    assert ids[0] == ids[1]


def test_a_story_has_its_reports_in_order_of_time(store: Store) -> None:
    found = find_story(store, STORY)
    assert found is not None
    document = story_document(found)
    assert (document.articles, document.own_reports, document.copies) == (4, 3, 1)
    assert document.outlets == ("Harbour Wire", "Lowland Post", "Valley Herald", "النهر")
    assert document.reports[2].copy_of == STORY
    listed = stories_document(store, Search(), 10, None)
    assert (listed.articles, listed.stories, listed.top[0].id) == (6, 3, STORY)


@pytest.mark.parametrize("key", ["wikidata:Q1", "ANN SMITH"])
def test_an_entity_is_counted_and_spelled(store: Store, key: str) -> None:
    found = find_entity(store, key)
    assert found is not None
    assert (found.id, found.articles, found.stories) == ("wikidata:Q1", 4, 1)
    assert [(one.text, one.times) for one in found.spellings] == [
        ("Ann Smith", 3),
        ("Smith", 3),
        ("آن سميث", 1),
    ]
    assert [(one.name, one.articles) for one in found.companions] == [("Geneva", 4)]
    assert [(one.value, one.articles) for one in found.topics] == [("peace", 4)]
    assert sum(one.articles for one in found.over_time) == 4
    assert find_entity(store, key, NOON + timedelta(days=1)) is None


def test_what_an_article_no_longer_says_is_found_in_any_version(store: Store) -> None:
    (hit,) = store.search(Search(query=parse("163 in:any-version"))).hits
    assert hit.document.enriched.article.id == article_id("https://post.example/2")
    assert store.search(Search(query=parse("163"))).hits == ()
