from collections.abc import Iterator
from datetime import timedelta

import pytest
from samples.reading import NOON, make_archive

from index.embedded.store import EmbeddedStore
from index.entities import find_entity


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    folder = tmp_path_factory.mktemp("archive")
    make_archive(folder)
    with EmbeddedStore.open(folder, readonly=True) as opened:
        yield opened


@pytest.mark.parametrize("key", ["wikidata:Q1", "Q1", "Ann Smith", "ann smith"])
def test_an_entity_is_found_by_its_name_and_by_its_id(store: EmbeddedStore, key: str) -> None:
    found = find_entity(store, key)
    assert found is not None
    assert (found.name, found.id, found.type, found.others) == ("Ann Smith", "wikidata:Q1", "person", ())
    assert (found.articles, found.stories, found.sampled) == (4, 1, 4)
    assert (found.first, found.last > found.first) == (NOON, True)


def test_all_spellings_are_listed(store: EmbeddedStore) -> None:
    found = find_entity(store, "wikidata:Q1")
    assert found is not None
    assert [(one.text, one.times) for one in found.spellings] == [
        ("Ann Smith", 3),
        ("Smith", 3),
        ("آن سميث", 1),
    ]


def test_who_and_what_is_named_with_it_when_and_where(store: EmbeddedStore) -> None:
    found = find_entity(store, "wikidata:Q1")
    assert found is not None
    assert [(one.name, one.type, one.articles) for one in found.companions] == [("Geneva", "place", 4)]
    assert [(one.value, one.articles) for one in found.topics] == [("peace", 4)]
    assert [(one.value, one.articles) for one in found.languages] == [("en", 3), ("ar", 1)]
    assert len(found.sources) == 4
    assert sum(one.articles for one in found.over_time) == 4
    assert found.pairs == ()


def test_only_what_is_asked_for_counts(store: EmbeddedStore) -> None:
    found = find_entity(store, "Geneva", NOON + timedelta(minutes=45))
    assert found is not None
    assert found.articles == 2
    assert (found.first, found.last) == (NOON + timedelta(minutes=60), NOON + timedelta(minutes=90))


@pytest.mark.parametrize("key", ["Nobody", "", '"', "AND", "???", "x" * 5000])
def test_what_no_article_names_is_not_an_entity(store: EmbeddedStore, key: str) -> None:
    assert find_entity(store, key) is None
